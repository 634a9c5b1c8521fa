"""The files of numbers that are no regressions: a part says what they rest on and brings the scripts.

Belongs here: finding a part's scripts, refusing what they could not run on, the files and their section of the README.
Does not belong here: what is computed (models_py/parts/<part>), the text around the scripts (common.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata

import numpy as np
import pandas as pd

import medpanel
from catalog.base import PROJECT_DIR, Text, refuse
from catalog.studies import Study
from medpanel.office.files import neutralise
from medpanel.publishing.inputs import DataKind
from medpanel.replication import common
from medpanel.replication.formats import stata_bytes
from medpanel.replication.names import STATA_LENGTH, markdown
from medpanel.replication.samples import BundleError
from medpanel.replication.texts import data_title, general_notes, heading_of, prefix_of, table
from models_py.parts.frame import Replication

Files = dict[str, tuple[bytes, Text]]

_LANGUAGES = {
    "do": Text(en="Stata do-file", zh="Stata do 文件"),
    "R": Text(en="R script", zh="R 脚本"),
    "py": Text(en="Python script", zh="Python 脚本"),
}
_OWN = {
    "number": Text(en="Number of the row", zh="序号"),
    "name": Text(en="Name of the number", zh="数值名称"),
    "value": Text(en="Expected number", zh="应得数值"),
    "tolerance": Text(en="Largest difference allowed", zh="容许差"),
}


@dataclass(frozen=True)
class Computed:
    """What one part of a study must have found again: its `key` in the study, the scripts by language."""

    key: str
    of: Replication
    scripts: Mapping[str, str]


def scripts_of(part: str) -> dict[str, str]:
    """The scripts in a part's folder by language: do, R, py. Raises BundleError for one that is absent."""
    folder = PROJECT_DIR / "models_py" / "parts" / part / "replication"
    paths = {language: folder / f"script.{language}" for language in _LANGUAGES}
    absent = [path.relative_to(PROJECT_DIR).as_posix() for path in paths.values() if not path.is_file()]
    refuse((absent, f"{part} is to be replicated: write {{}}"), error=BundleError)
    return {language: path.read_text(encoding="utf-8") for language, path in paths.items()}


def computed_files(one: Computed, study: Study, data_kind: DataKind, sources: pd.DataFrame | None) -> Files:
    """Data, expected numbers and scripts of a part by file name, and what each file is.

    Raises BundleError naming the part and what its scripts could not run on, or what is no number.
    """
    _require(one)
    given, keys, names = one.of, _keys(one), _names(one, study, data_kind)
    expected = _numbered(given.expected, keys)
    files: Files = {}
    for name, frame in {**given.frames, "expected": expected}.items():
        title = (
            Text(en="Expected numbers", zh="应得数值")
            if name == "expected"
            else Text(en=f"Data: {name}", zh=f"数据：{name}")
        )
        labels = {**_OWN, **given.labels} if name == "expected" else given.labels
        notes = tuple(" ".join(note.split()) for note in general_notes(study, data_kind, sources))
        code = given.panel.unit.code_column
        stata = stata_bytes(frame, data_title(study, data_kind), labels, notes, code, given.panel)
        text = neutralise(frame).to_csv(index=False, lineterminator="\n")
        files[names[name, "dta"]] = (
            stata,
            Text(en=f"{title.en}, Stata 118 (Stata 14+)", zh=f"{title.zh}，Stata 118格式"),
        )
        files[names[name, "csv"]] = (text.encode(), Text(en=f"{title.en}, CSV", zh=f"{title.zh}，CSV格式"))
    for language, script in _written(one, study, data_kind, keys, names).items():
        said = _LANGUAGES[language]
        files[names["replicate", language]] = (
            script.encode(),
            Text(en=f"{said.en}: {given.title.en}", zh=f"{said.zh}：{given.title.zh}"),
        )
    return files


Names = dict[tuple[str, str], str]


def _names(one: Computed, study: Study, data_kind: DataKind) -> Names:
    """Names of the files by what they are and their suffix."""
    data = [(name, suffix) for name in (*one.of.frames, "expected") for suffix in ("dta", "csv")]
    prefix = f"{prefix_of(study, data_kind)}_{one.key}"
    return {of: f"{prefix}_{of[0]}.{of[1]}" for of in (*data, *(("replicate", language) for language in _LANGUAGES))}


def _written(one: Computed, study: Study, data_kind: DataKind, keys: list[str], names: Names) -> dict[str, str]:
    """The scripts by language."""
    said = (*heading_of(study, data_kind), f"medpanel {medpanel.__version__}, MIT licence. Data: see CITATION.bib")
    dta, csv = ({name: names[name, suffix] for name in one.of.frames} for suffix in ("dta", "csv"))
    body, lists, expected = one.scripts, one.of.lists, names["expected", "csv"]
    return {
        "do": common.do_file(body["do"], dta, lists, keys, names["expected", "dta"], said),
        "R": common.r_script(body["R"], csv, lists, keys, expected, names["replicate", "R"], said),
        "py": common.python_script(body["py"], csv, lists, keys, expected, names["replicate", "py"], said),
    }


def _keys(one: Computed) -> list[str]:
    return [str(name) for name in one.of.expected.columns if name not in ("value", "tolerance")]


def _numbered(expected: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The expected numbers with a number and a name each, the values of its keys."""
    names = expected[keys].astype(str).agg(" ".join, axis=1)
    held = expected[[*keys, "value", "tolerance"]].reset_index(drop=True)
    held.insert(0, "name", names.to_numpy())
    held.insert(0, "number", range(1, len(held) + 1))
    return held


def _require(one: Computed) -> None:
    given, keys, expected = one.of, _keys(one), one.of.expected
    lacking = [name for name in ("value", "tolerance") if name not in expected.columns]
    refuse((lacking, f"{one.key}: the expected numbers lack the columns {{}}"), error=BundleError)
    columns = {str(name) for frame in given.frames.values() for name in frame.columns}
    listed = [item for items in given.lists.values() for item in items if isinstance(item, str)]
    words = [*given.frames, *given.lists, *columns, *keys, *listed]
    numbers = expected[["value", "tolerance"]].to_numpy(dtype="float64", na_value=np.nan)
    refuse(
        ([word for word in words if not _plain(word)], f"{one.key}: no names for Stata, R and Python: {{}}"),
        (sorted({*columns, *keys} - given.labels.keys()), f"{one.key}: no label says what these columns are: {{}}"),
        (sorted({"expected", "replicate"} & given.frames.keys()), f"{one.key}: no frame may be called {{}}"),
        (sorted({"number", "name", "found"} & set(keys)), f"{one.key}: no key may be called {{}}"),
        (expected.empty or not keys, f"{one.key}: no number is expected, or nothing says which"),
        (keys and expected.duplicated(keys).any(), f"{one.key}: two expected numbers have the same {', '.join(keys)}"),
        (not np.isfinite(numbers).all(), f"{one.key}: an expected number or tolerance is none"),
        error=BundleError,
    )


def _plain(word: str) -> bool:
    return len(word) <= STATA_LENGTH and word.isascii() and word.replace("_", "").isalnum()


_TEXT = """
## {title}

在本文件夹中运行任一脚本；脚本由数据重新计算，并与 `{expected}` 逐一比较，不一致即报错并指出第一处。
Run any one script in this folder. Each computes the numbers from the data and compares them with `{expected}`; it stops
at a difference and names the first.

- Stata 16+: `do {do}`
- R 4+: `Rscript {r}`
- Python: `python {python}` (pandas {pandas}, numpy {numpy})

{notes}

| 列 Column | 含义 | Meaning | 文件 Files |
| --- | --- | --- | --- |
{columns}
"""


def computed_section(one: Computed, study: Study, data_kind: DataKind) -> str:
    """The README on a part's numbers: how to run, conventions, the columns."""
    given, names = one.of, _names(one, study, data_kind)
    return _TEXT.format(
        title=f"{markdown(given.title.zh)} / {markdown(given.title.en)}",
        expected=names["expected", "csv"],
        do=names["replicate", "do"],
        r=names["replicate", "R"],
        python=names["replicate", "py"],
        pandas=metadata.version("pandas"),
        numpy=metadata.version("numpy"),
        notes="\n".join(f"- {markdown(note.zh)}\n  {markdown(note.en)}" for note in given.notes),
        columns=table(_columns(one)),
    )


def _columns(one: Computed) -> Iterator[list[str]]:
    held = {**one.of.frames, "expected": one.of.expected}
    for column in dict.fromkeys(str(name) for frame in held.values() for name in frame.columns):
        text = {**_OWN, **one.of.labels}[column]
        files = ", ".join(name for name, frame in held.items() if column in frame.columns)
        yield [f"`{column}`", markdown(text.zh), markdown(text.en), files]
