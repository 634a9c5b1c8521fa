"""Writing a study's replication bundle.

Belongs here: which files there are and what they are called; the two formats of the data, Stata 118 with labels and
notes, and Parquet: the same bytes for the same rows. Does not belong here: which rows and columns (samples.py), scripts
and texts (scripts.py, texts.py, bibliography.py).
"""

import datetime as dt
import importlib.metadata
import io
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from catalog.base import Text, refuse
from catalog.studies import Study
from medpanel.office.files import neutralise
from medpanel.publishing.inputs import DataKind
from medpanel.replication.bibliography import citations
from medpanel.replication.names import label
from medpanel.replication.samples import IN_SAMPLE, BundleError, build_samples, expected_rows
from medpanel.replication.scripts import do_file, python_script, r_script
from medpanel.replication.texts import KINDS, data_notes, data_title, file_texts, readme, variable_labels
from models_py.panel import Panel
from models_py.parts.regressions.study_models import StudyModel

BIBTEX, GBT7714, README = "CITATION.bib", "citations_gbt7714.txt", "README.md"


def write_bundle(
    models: Sequence[StudyModel],
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    data_kind: DataKind,
    folder: Path,
    *,
    sources: pd.DataFrame | None = None,
    labels: Mapping[str, Text] | None = None,
) -> list[Path]:
    """Write the bundle of a study into `folder` and return its files, sorted; an earlier bundle there is replaced.

    `estimate` and `model_fit`: the published rows; the cr1 rows of each model's regressors are what the scripts must
    find again. `sources`: rows of source_file, for the citations and the editions named in the notes. `labels`: names
    of variables that replace those of the catalog. On synthetic data every file with numbers has `synthetic_` in its
    name. The same input gives the same bytes.

    Raises BundleError if results and samples do not belong together, EstimationError for a model that cannot be
    estimated; in either case nothing is written.
    """
    contents = _contents(models, estimate, model_fit, study, data_kind, sources, labels or {})
    folder.mkdir(parents=True, exist_ok=True)
    earlier = rf"(synthetic_)?{study.id}_(sample_\d+\.(dta|parquet)|replicate\.(do|R|py)|expected\.csv)"
    for path in folder.iterdir():
        if re.fullmatch(earlier, path.name):
            path.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(folder / name for name in contents)


def _contents(
    models: Sequence[StudyModel],
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    data_kind: DataKind,
    sources: pd.DataFrame | None,
    labels: Mapping[str, Text],
) -> dict[str, bytes]:
    """The files of the bundle by name; as `write_bundle`."""
    samples, scripted = build_samples([model.data for model in models])
    expected = expected_rows(scripted, samples, estimate, model_fit)
    named = variable_labels(study, samples, labels)
    prefix = f"{'synthetic_' if data_kind == 'synthetic' else ''}{study.id}"
    roles = {
        "do": f"{prefix}_replicate.do",
        "r": f"{prefix}_replicate.R",
        "python": f"{prefix}_replicate.py",
        "expected": f"{prefix}_expected.csv",
    }
    dta = {sample.number: f"{prefix}_sample_{sample.number}.dta" for sample in samples}
    parquet = {sample.number: f"{prefix}_sample_{sample.number}.parquet" for sample in samples}
    kind = KINDS[data_kind]
    heading = (f"{study.title.zh} {study.title.en}", kind.zh, kind.en)
    pyfixest = importlib.metadata.version("pyfixest")
    bibtex, gbt7714 = citations(study, sources)
    notes = {model.data.identity: model.notes for model in models}
    texts = {
        roles["do"]: do_file(scripted, dta, expected, heading),
        roles["r"]: r_script(scripted, dta, roles["r"], roles["expected"], heading),
        roles["python"]: python_script(scripted, parquet, roles["python"], roles["expected"], pyfixest, heading),
        roles["expected"]: neutralise(expected).to_csv(index=False, lineterminator="\n"),
        BIBTEX: bibtex,
        GBT7714: gbt7714,
        README: readme(study, kind, file_texts(roles, dta, parquet), roles, samples, scripted, named, notes, pyfixest),
    }
    contents = {name: text.encode() for name, text in texts.items()}
    title = data_title(study, data_kind)
    for sample in samples:
        said = data_notes(study, data_kind, sample, scripted, named, sources)
        columns = {str(name): named[str(name)] for name in sample.frame.columns}
        contents[dta[sample.number]] = stata_bytes(
            sample.frame, title, columns, said, sample.code, models[0].data.panel
        )
        contents[parquet[sample.number]] = parquet_bytes(sample.frame, title, columns, said)
    return contents


# A .dta file carries the time it was written; Stata's own day zero says that it means nothing here.
_NO_TIME = dt.datetime(1960, 1, 1)
_NAME_BYTES = 129
_MAP_ENTRIES = 14
_FIRST_AFTER_CHARACTERISTICS = 9


def stata_bytes(
    frame: pd.DataFrame, title: Text, labels: Mapping[str, Text], notes: tuple[str, ...], code: str, panel: Panel
) -> bytes:
    """`frame` as a Stata 118 file (Stata 14 and later); names of the entities are value labels of the column `code`.

    `title` becomes the data label, `labels` the variable labels (Chinese and English, at most 80 characters),
    `notes` the notes of the data set. Raises BundleError for a value Stata cannot hold.
    """
    buffer = io.BytesIO()
    value_labels = {IN_SAMPLE: {0.0: "dropped 剔除", 1.0: "used 使用"}, code: _entity_names(frame[code], panel)}
    try:
        frame.to_stata(
            buffer,
            write_index=False,
            byteorder="little",
            version=118,
            time_stamp=_NO_TIME,
            data_label=label(title.zh, title.en),
            variable_labels={name: label(labels[name].zh, labels[name].en) for name in frame.columns},
            value_labels=value_labels,
        )
    except ValueError as error:
        raise BundleError(f"Stata cannot hold a value of the sample: {error}") from error
    return _with_notes(buffer.getvalue(), notes)


def parquet_bytes(frame: pd.DataFrame, title: Text, labels: Mapping[str, Text], notes: tuple[str, ...]) -> bytes:
    """`frame` as Parquet, title and notes in the metadata of the file, labels in those of the columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [column.with_metadata(labels[column.name].model_dump()) for column in table.schema]
    metadata = {"description": f"{title.en} / {title.zh}", "notes": "\n".join(notes)}
    buffer = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata=metadata)), buffer, compression="zstd")
    return buffer.getvalue()


def _entity_names(codes: pd.Series, panel: Panel) -> dict[float, str]:
    held = set(codes)
    return {float(one.code): f"{one.name_zh} {one.name_en}" for one in panel.entities if one.code in held}


def _with_notes(content: bytes, notes: tuple[str, ...]) -> bytes:
    """A little-endian Stata 118 file with the data set's notes put in; the file must have none.

    Notes are characteristics of `_dta`: note0 holds their number, note1, note2 ... the texts. What lies behind them
    moves, so the offsets in the file's map move too. Source: Stata's file format documentation, help dta.
    """
    texts = {"note0": str(len(notes)), **{f"note{i}": text for i, text in enumerate(notes, start=1)}}
    added = b"".join(_characteristic(name, text) for name, text in texts.items())
    start = content.index(b"<map>") + len(b"<map>")
    layout = f"<{_MAP_ENTRIES}Q"
    offsets = list(struct.unpack_from(layout, content, start))
    place = offsets[_FIRST_AFTER_CHARACTERISTICS - 1]
    empty = content.startswith(b"<characteristics></characteristics>", place)
    refuse((not empty, "the Stata file has characteristics already"), error=BundleError)
    cut = place + len(b"<characteristics>")
    for position in range(_FIRST_AFTER_CHARACTERISTICS, _MAP_ENTRIES):
        offsets[position] += len(added)
    moved = struct.pack(layout, *offsets)
    return content[:start] + moved + content[start + len(moved) : cut] + added + content[cut:]


def _characteristic(name: str, text: str) -> bytes:
    fields = [part.encode().ljust(_NAME_BYTES, b"\0") for part in ("_dta", name)]
    body = b"".join(fields) + text.encode() + b"\0"
    return b"<ch>" + struct.pack("<I", len(body)) + body + b"</ch>"
