"""The rows a failed check found wrong: a file of all of them, and the first ones for the page of the check in the UI.

Belongs here: writing and showing them. Which they are: expectations/suite.py. What users' files say is text on that
page, and no formula in the file.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.metadata import as_text

if TYPE_CHECKING:
    import pandas as pd

# The folder of such files, beside a suite's outcomes and below a workspace's working files.
FAULTS = "failed_checks"
ROWS, FILE = "rows not as expected 不符合的行", "all of them 全部"
SHOWN_ROWS, SHOWN_CHECKS = 20, 5


def write_rows(faults: "Mapping[str, pd.DataFrame]", folder: Path, data_kind: str) -> None:
    """A CSV file for each check with rows that are not as expected."""
    from medpanel.office.files import neutralise

    folder.mkdir()
    for check, rows in faults.items():
        # With a byte order mark: spreadsheets take the file for GBK without one.
        neutralise(rows).to_csv(folder / _file(check, data_kind), index=False, encoding="utf-8-sig")


def put_rows(made: Path, target: Path) -> None:
    """Move the folder of a suite's files to its place, where those of an earlier run go."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)


def shown_rows(folder: Path, checks: Sequence[str], data_kind: str) -> dict[str, Any]:
    """The first rows of the first failed checks as tables, and the file or the folder with all; empty if none."""
    import pandas as pd

    files = {check: folder / _file(check, data_kind) for check in checks}
    found = {check: file for check, file in files.items() if file.is_file()}
    if not found:
        return {}
    # As written: 11 is not to become 11.0, nor NA a gap.
    tables = [
        f"**{as_text(check)}**\n\n{as_markdown(pd.read_csv(file, dtype=str, keep_default_na=False))}"
        for check, file in list(found.items())[:SHOWN_CHECKS]
    ]
    rest = len(found) - len(tables)
    more = [f"and {rest} more checks / 另有{rest}项检查"] if rest else []
    where = next(iter(found.values())) if len(found) == 1 else folder
    return {ROWS: dg.MetadataValue.md("\n\n".join([*tables, *more])), FILE: dg.MetadataValue.path(str(where))}


def as_markdown(rows: "pd.DataFrame") -> str:
    """The first SHOWN_ROWS rows as a table of plain text, and their number below it."""
    lines = [list(rows.columns), *rows.head(SHOWN_ROWS).astype(str).to_numpy().tolist()]
    # The UI drops HTML from Markdown, the line breaks within cells too.
    head, *body = ("| " + " | ".join(as_text(cell).replace("<br>", " ") for cell in line) + " |" for line in lines)
    count, first = len(rows), min(len(rows), SHOWN_ROWS)
    told = f"{first} of {count} rows are shown. / 共{count}行，显示{first}行。"
    return "\n".join([head, "|" + "---|" * rows.shape[1], *body, "", told])


def _file(check: str, data_kind: str) -> str:
    return f"{'synthetic_' if data_kind == 'synthetic' else ''}{check}.csv"
