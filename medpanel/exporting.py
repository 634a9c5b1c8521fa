"""Tables and figures of a publication as files: taken from the archive of a study as they were published.

Belongs here: finding what was asked for, with the nearest names where there is none. Does not belong here: the formats
(medpanel/report), the command (medpanel/commands/export.py). Nothing is made anew: an export holds what is published.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.base import refuse
from medpanel.report.archive import DATA, Member, archive_name, content, members

FORMATS = ("tex", "docx", "xlsx", "csv", "dta", "md", "html", "svg", "pdf", "png")
LANGUAGES = ("zh", "en")


class ExportError(ValueError):
    """What was asked for is not published, or must not be written; the message says what there is."""


@dataclass(frozen=True)
class Export:
    """What is asked for. `item`: a table or figure, '' for all; `lang`: one language, '' for every published one."""

    study: str
    item: str
    suffix: str
    lang: str = ""


def exported(report: Path, wanted: Export, out: Path, force: bool = False) -> list[Path]:
    """Write the files asked for into `out` (made if absent); their paths. `report`: the folder of a publication.

    If files of two languages are written, each language has a folder. Either all are written or, for one that is there
    (unless `force`) or is a link, none. Raises ExportError and OSError.
    """
    archive, prefix = _archive(report, wanted.study)
    chosen = _chosen(members(archive, prefix), wanted)
    apart = len({one.folder for one in chosen} - {DATA}) > 1
    targets = {one: out / one.folder / one.file if apart and one.folder != DATA else out / one.file for one in chosen}
    for path in targets.values():
        refuse(
            (
                path.is_symlink() or (path.exists() and not path.is_file()),
                f"{path}: a link or no file; name another folder / 是链接或并非文件，请另选文件夹",
            ),
            (
                path.exists() and not force,
                f"{path}: exists and is not overwritten; name another folder with --out, or add --force / "
                "文件已存在，未覆盖；请用 --out 另选文件夹，或加 --force",
            ),
            error=ExportError,
        )
    for one, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(archive, one))
    return list(targets.values())


def _archive(report: Path, study: str) -> tuple[Path, str]:
    """The archive of a study, and what the names of its files begin with."""
    there = {}
    for path in sorted(report.glob("*/*_files.zip")):
        for prefix in (path.parent.name, f"synthetic_{path.parent.name}"):
            if path.name == archive_name(prefix):
                there[path.parent.name] = (path, prefix)
    if study not in there:
        raise ExportError(_unknown("study", "研究", study, there))
    return there[study]


def _chosen(found: Sequence[Member], wanted: Export) -> list[Member]:
    """The files asked for. Raises ExportError naming what there is instead."""
    _known("format", "格式", wanted.suffix, FORMATS)
    stems = list(dict.fromkeys(one.stem for one in found))
    if wanted.item:
        _known("table or figure", "表或图", wanted.item, stems)
    own = [one for one in found if wanted.item in ("", one.stem)]
    there = sorted({one.suffix for one in own} & set(FORMATS))
    fitting = [one for one in own if one.suffix == wanted.suffix]
    what = wanted.item or wanted.study
    refuse(
        (
            not fitting,
            f"{what} has no {wanted.suffix}; it has {', '.join(there)} / {what} 没有 {wanted.suffix} 格式，有上述格式",
        ),
        error=ExportError,
    )
    langs = sorted({one.folder for one in fitting} - {DATA})
    if wanted.lang and langs:
        _known("language", "语言", wanted.lang, langs)
    return [one for one in fitting if wanted.lang in ("", one.folder) or one.folder == DATA]


def _known(kind: str, kind_zh: str, name: str, names: Collection[str]) -> None:
    if name not in names:
        raise ExportError(_unknown(kind, kind_zh, name, names))


def _unknown(kind: str, kind_zh: str, name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.4)
    listed = ", ".join(near or sorted(names)) or "none 无"
    meant = "did you mean" if near else "there are"
    meant_zh = "是否指" if near else "现有"
    return f"{name}: no such {kind} is published; {meant} {listed} / 未发布该{kind_zh}，{meant_zh}：{listed}"
