"""What must hold of `source_file`: every row of every file accounted for, and every loaded file known by origin.

Belongs here: the checks of that table and the columns they need.
Does not belong here: reading files and counting their rows (ingestion/), and how checks are run (suite.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.tables import load_tables
from expectations.builders import Build, between, in_set, is_null, unique
from expectations.suite import Check, Severity, run_checks

if TYPE_CHECKING:
    import pandas as pd

TABLE = "source_file"
MAY_BE_EMPTY = False
STATUSES = ("loaded", "refused")
DECLARED = ("vintage", "publisher", "licence", "accessed_on")
_ROWS = ("rows_read", "rows_loaded", "rows_rejected", "rows_set_aside")
_COUNTS = (*_ROWS, "cells_loaded", "cells_missing", "cells_rejected")
_REQUIRED = ("file_id", "path", "sha256", "bytes", "status", *_COUNTS)


def prepare(df: pd.DataFrame) -> pd.DataFrame:
    """`df` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), rows_unaccounted (rows read less those loaded,
    rejected and set aside), lowest_count (smallest of the row's counts), loaded_without_<field> (path of a loaded
    file whose vintage, publisher, licence or accessed_on is absent or blank; NULL elsewhere), files_loaded
    (loaded files in the table) and refused_file (first problem of a refused file, or its path; NULL elsewhere).
    Raises KeyError for an absent column.
    """
    import pandas as pd

    counts = df[list(_COUNTS)].astype(float)
    loaded = df["status"] == "loaded"
    path = df["path"].astype(object)
    # A problem names its file itself.
    problem = df["problem"].astype(object).where(df["problem"].notna(), path)
    added = {
        "required_missing": df[list(_REQUIRED)].isna().sum(axis=1),
        "rows_unaccounted": counts["rows_read"] - counts[list(_ROWS[1:])].sum(axis=1, skipna=False),
        "lowest_count": counts.min(axis=1),
        "files_loaded": pd.Series(int(loaded.sum()), index=df.index),
        "refused_file": problem.where(df["status"] == "refused", None),
    }
    for field in DECLARED:
        blank = df[field].isna() | df[field].astype(str).str.strip().eq("")
        added[f"loaded_without_{field}"] = path.where(loaded & blank, None)
    return pd.concat([df, pd.DataFrame(added, index=df.index)], axis=1)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    found = [
        _check(
            "required_complete",
            "critical",
            f"Every row has {', '.join(_REQUIRED)}",
            f"每行均有{'、'.join(_REQUIRED)}",
            between("required_missing", None, 0),
        ),
        _check(
            "key_unique",
            "critical",
            "A file stands in one row only",
            "每个文件仅一行",
            unique(load_tables()[TABLE].key),
        ),
        _check(
            "rows_accounted",
            "critical",
            "Every row read of every file was loaded, rejected or set aside, and none twice",
            "每个文件读取行数＝载入＋拒绝＋搁置",
            between("rows_unaccounted", 0, 0),
        ),
        _check(
            "counts_not_negative",
            "critical",
            "No count of rows or cells is negative",
            "行数与单元格数均不为负",
            between("lowest_count", 0, None),
        ),
        _check(
            "sha256_form",
            "critical",
            "Every SHA-256 is 64 lower-case hexadecimal digits",
            "SHA-256均为64位小写十六进制数",
            lambda gxe: gxe.ExpectColumnValuesToMatchRegex(column="sha256", regex=r"^[0-9a-f]{64}\Z"),
        ),
        _check(
            "statuses_known",
            "critical",
            f"Every status is one of {', '.join(STATUSES)}",
            f"状态均为{'、'.join(STATUSES)}之一",
            in_set("status", STATUSES),
        ),
    ]
    found += [
        _check(
            f"{field}_of_loaded",
            "critical",
            f"Every loaded file has its {field} declared",
            f"载入的文件均已声明{load_tables()[TABLE].columns[field].zh}",
            is_null(f"loaded_without_{field}"),
        )
        for field in DECLARED
    ]
    found += [
        _check(
            "some_file_loaded",
            "critical",
            "At least one file was loaded",
            "至少载入一个文件",
            between("files_loaded", 1, None),
        ),
        _check("no_file_refused", "warning", "No file was refused", "没有被拒绝的文件", is_null("refused_file")),
    ]
    return tuple(found)


def run(df: pd.DataFrame) -> pd.DataFrame:
    """Prepare `source_file` and run all its checks; see `run_checks` for the result."""
    return run_checks(checks(), prepare(df), may_be_empty=MAY_BE_EMPTY)


def _check(name: str, severity: Severity, en: str, zh: str, build: Build) -> Check:
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
