"""What reading the files came to, in a few lines: how many were loaded, in part, refused or not read, and why.

Belongs here: counting and wording rows of `source_file`, for `inspect`, the summary of a run and that of a failed one.
Does not belong here: what becomes of a file (ingestion/), and where the lines are printed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.lake import IN_USE, NOT_READ, PARTIAL, REFUSED

if TYPE_CHECKING:
    import pandas as pd

SHOWN_FILES = 3
_WORDS = {
    REFUSED: Text(en="refused", zh="拒绝"),
    PARTIAL: Text(en="in part", zh="部分载入"),
    NOT_READ: Text(en="declared not to be read", zh="声明不读"),
}
_LOST = {REFUSED: "refused / 拒绝", PARTIAL: "in part / 部分载入"}


class NothingLoadedError(ValueError):
    """Not one file was loaded, so that nothing after reading can be made; the message says why of the first."""


def files_told(files: "pd.DataFrame") -> Text:
    """How many files were offered and, of those, how many not loaded whole; no word of what did not happen."""
    counts = files["status"].value_counts()
    parts = [(counts[status], words) for status, words in _WORDS.items() if counts.get(status)]
    en = [f"{count} {words.en}" for count, words in parts] or ["all loaded"]
    zh = [f"{count}个{words.zh}" for count, words in parts] or ["全部载入"]
    return Text(en=", ".join([f"{len(files)} offered", *en]), zh="，".join([f"提供{len(files)}个文件", *zh]))


def files_line(files: "pd.DataFrame") -> str:
    """The same in both languages at once, word by word, for a screen with little room."""
    counts = files["status"].value_counts()
    told = [f"{counts[status]} {words.en} {words.zh}" for status, words in _WORDS.items() if counts.get(status)]
    return ", ".join([f"{len(files)} offered 提供", *(told or ["all loaded 全部载入"])])


def nothing_loaded(files: "pd.DataFrame") -> Text:
    """Why no file was loaded: of the first files the first problem each, which says what to do."""
    problems = [str(problem).split("\n")[0] for problem in files["problem"].dropna().head(SHOWN_FILES)]
    rest = len(files) - len(problems)
    more = Text(en=f"\nand {rest} more" if rest > 0 else "", zh=f"\n另有{rest}个文件" if rest > 0 else "")
    told = "\n".join(problems)
    return Text(
        en=f"none of {len(files)} files was loaded, so nothing else was done:\n{told}{more.en}",
        zh=f"{len(files)}个文件均未载入，未进行后续步骤{more.zh}",
    )


def rows_line(files: "pd.DataFrame") -> str:
    """The account of all rows."""
    counts = files.filter(like="rows_").sum().astype(int)
    return (
        f"{counts['rows_read']} = {counts['rows_loaded']} loaded 载入 + {counts['rows_rejected']} rejected 拒绝 "
        f"+ {counts['rows_set_aside']} set aside 搁置"
    )


def barred_line(files: "pd.DataFrame") -> str:
    """How many files in use may not be passed on; empty if none."""
    barred = files["status"].isin(IN_USE) & files["redistribution"].eq("barred")
    if not barred.any():
        return ""
    return (
        f"{barred.sum()} not to be passed on 不得转交: marked, and withheld from exports, see barred_figure / "
        "均已标注，不进入导出文件"
    )


def lost_lines(files: "pd.DataFrame", shown: int = SHOWN_FILES) -> Iterator[tuple[str, str]]:
    """(what happened, why) of the first files refused, then of those loaded in part, and how many more there are."""
    for status, label in _LOST.items():
        lost = files[files["status"] == status].sort_values("path")
        for path, problem in lost[["path", "problem"]].head(shown).itertuples(index=False):
            yield label, str(problem or path).split("\n")[0]
        if len(lost) > shown:
            yield "", f"… + {len(lost) - shown}, see 见 source_file, rejected_row"
