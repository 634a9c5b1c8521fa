"""What reading the files came to, in a few lines: how many were loaded, in part, refused or not read, and why.

Belongs here: counting and wording rows of `source_file`, for `inspect`, the summary of a run and that of a failed one.
Does not belong here: what becomes of a file (ingestion/), and where the lines are printed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.lake import NOT_READ, PARTIAL, REFUSED

if TYPE_CHECKING:
    import pandas as pd

SHOWN_FILES = 3
_WORDS = {REFUSED: "refused 拒绝", PARTIAL: "in part 部分载入", NOT_READ: "declared not to be read 声明不读"}
_LOST = {REFUSED: "refused / 拒绝", PARTIAL: "in part / 部分载入"}


def files_line(files: "pd.DataFrame") -> str:
    """How many files were offered and, of those, how many not loaded whole; no word of what did not happen."""
    counts = files["status"].value_counts()
    told = [f"{counts[status]} {words}" for status, words in _WORDS.items() if counts.get(status)]
    return ", ".join([f"{len(files)} offered 提供", *(told or ["all loaded 全部载入"])])


def rows_line(files: "pd.DataFrame") -> str:
    """The account of all rows."""
    counts = files.filter(like="rows_").sum().astype(int)
    return (
        f"{counts['rows_read']} = {counts['rows_loaded']} loaded 载入 + {counts['rows_rejected']} rejected 拒绝 "
        f"+ {counts['rows_set_aside']} set aside 搁置"
    )


def lost_lines(files: "pd.DataFrame", shown: int = SHOWN_FILES) -> Iterator[tuple[str, str]]:
    """(what happened, why) of the first files refused, then of those loaded in part, and how many more there are."""
    for status, label in _LOST.items():
        lost = files[files["status"] == status].sort_values("path")
        for path, problem in lost[["path", "problem"]].head(shown).itertuples(index=False):
            yield label, str(problem or path).split("\n")[0]
        if len(lost) > shown:
            yield "", f"… + {len(lost) - shown}, see 见 source_file, rejected_row"
