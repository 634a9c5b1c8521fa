"""What must hold for `source_file`: every row of every file accounted for, and every loaded file of known origin.

Belongs here: the checks of that table and the columns they need.
Does not belong here: reading files and counting their rows (ingestion/), and how checks are run (suite.py).
"""

from catalog.lake import IN_USE, LOADED, NOT_READ, PARTIAL, REFUSED, STATUSES
from catalog.tables import load_tables
from expectations import Frame, Series
from expectations.builders import between, is_null
from expectations.suite import Check, checks_of, key_unique, missing, required_complete, values_known

TABLE = "source_file"
DECLARED = ("vintage", "publisher", "licence", "accessed_on")
_ROWS = ("rows_read", "rows_loaded", "rows_rejected", "rows_set_aside")
_COUNTS = (*_ROWS, "cells_loaded", "cells_missing", "cells_rejected")
_check = checks_of(TABLE)
_REQUIRED = ("file_id", "path", "sha256", "bytes", "status", *_COUNTS)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), rows_unaccounted (rows read less those loaded,
    rejected and set aside), lowest_count (smallest of the row's counts), loaded_without_<field> (path of a loaded
    file whose vintage, publisher, licence or accessed_on is absent or blank; NULL elsewhere), files_loaded
    (files in the table that were loaded, whole or in part), status_unfounded (the status of a file whose counts say
    otherwise; NULL elsewhere), refused_file (first problem of a refused file, or its path; NULL elsewhere),
    partial_file (the same of a file loaded in part, after the numbers of its rows and cells refused) and
    refused_successor (as refused_file where the file was to replace another one and nothing has replaced it since).
    Raises KeyError for an absent column.
    """
    counts = df[list(_COUNTS)].astype(float)
    loaded = df["status"].isin(IN_USE)
    path = df["path"].astype(object)
    # A problem names its file itself.
    problem = df["problem"].astype(object).where(df["problem"].notna(), path)
    blank = {field: df[field].isna() | df[field].astype(str).str.strip().eq("") for field in DECLARED}
    last = df["superseded_by"].isna()
    refused = problem.where(df["status"] == REFUSED, None)
    counted = df["rows_rejected"].astype(str) + " rows, " + df["cells_rejected"].astype(str) + " cells: "
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        rows_unaccounted=counts["rows_read"] - counts[list(_ROWS[1:])].sum(axis=1, skipna=False),
        lowest_count=counts.min(axis=1),
        files_loaded=int(loaded.sum()),
        status_unfounded=df["status"].astype(object).where(_unfounded(df), None),
        refused_file=refused,
        partial_file=(counted + problem.astype(str)).astype(object).where(df["status"] == PARTIAL, None),
        refused_successor=refused.where(df["file_id"].isin(set(df["superseded_by"].dropna())) & last, None),
        **{f"loaded_without_{field}": path.where(loaded & absent, None) for field, absent in blank.items()},
    )


def _unfounded(df: Frame) -> Series:
    """Whether a file's status contradicts its counts: in use without a row, whole with something refused, or unused."""
    some, status = df["rows_loaded"].fillna(0) > 0, df["status"]
    refused = df[["rows_rejected", "cells_rejected"]].fillna(0).sum(axis=1) > 0
    unused = status.isin((REFUSED, NOT_READ))
    return (status.isin(IN_USE) & ~some) | (status.eq(LOADED) & refused) | (unused & some)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "A file has only one row", "每个文件仅一行"),
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
        values_known(TABLE, "statuses_known", ("status", "状态"), "status", STATUSES),
        _check(
            "statuses_founded",
            "critical",
            "Every file has the status its counts give: whole only without anything refused",
            "每个文件的状态与其计数一致：仅在无任何拒绝时为整体载入",
            is_null("status_unfounded"),
        ),
        *[
            _check(
                f"{field}_of_loaded",
                "critical",
                f"Every loaded file has its {field} declared",
                f"载入的文件均已声明{load_tables()[TABLE].columns[field].zh}",
                is_null(f"loaded_without_{field}"),
            )
            for field in DECLARED
        ],
        _check(
            "some_file_loaded",
            "critical",
            "At least one file was loaded",
            "至少载入一个文件",
            between("files_loaded", 1, None),
        ),
        _check(
            "newer_download_loaded",
            "critical",
            "No newer download was refused; what it was to replace would stay in use",
            "没有较新的下载被拒绝；否则仍会沿用其所取代的文件",
            is_null("refused_successor"),
        ),
        _check("no_file_refused", "warning", "No file was refused", "没有被拒绝的文件", is_null("refused_file")),
        _check(
            "no_file_partial", "warning", "No file was loaded in part", "没有部分载入的文件", is_null("partial_file")
        ),
    )
