"""The page of data quality: failed checks with their rows, files refused, rows rejected, conflicts of editions, breaks.

Belongs here: what the page says. Does not belong here: the checks (expectations/), what a run reads (ingestion/).
"""

from __future__ import annotations

import re
from typing import Any

from catalog.base import Text
from medpanel.site.pages import Cell, Page, code, lang_text
from medpanel.site.published import Published, Row

_TITLE = Text(en="Data quality", zh="数据质量")
SEVERITY = {"critical": Text(en="critical", zh="严重"), "warning": Text(en="warning", zh="提示")}
STATE = {
    "loaded": Text(en="loaded", zh="已载入"),
    "partial": Text(en="loaded in part", zh="部分载入"),
    "refused": Text(en="refused", zh="拒绝"),
    "not_read": Text(en="declared not to be read", zh="声明不读取"),
}
# Of rejected rows for each reason, of conflicts in all.
EXAMPLES, MOST = 3, 50
# How a check says what it saw (expectations/suite.py).
_COUNTED = re.compile(r"(\d+) of (\d+) not as expected")
_FILES = """
SELECT source_file.*, (SELECT any_value(reason_zh) FROM rejected_row AS r WHERE r.reason = problem) AS problem_zh
FROM source_file WHERE status IN ('refused', 'partial') ORDER BY status DESC, path
"""
_REJECTED = f"""
SELECT *, count(*) OVER (PARTITION BY code) AS n FROM rejected_row LEFT JOIN source_file USING (file_id)
QUALIFY row_number() OVER (PARTITION BY code ORDER BY path, sheet, row, cell) <= {EXAMPLES}
ORDER BY n DESC, code, path, sheet, row, cell
"""


def page(data: Published) -> Page:
    """The page."""
    failed = data.rows(
        "FROM check_result WHERE passed IS DISTINCT FROM true "
        "ORDER BY severity = 'critical' DESC, table_name, check_name"
    )
    [counted] = data.rows("SELECT count(*) AS all_, count(*) FILTER (passed) AS passed FROM check_result")
    files = data.rows(_FILES)
    rejected = data.by("code", _REJECTED)
    facts = {
        "counted": counted,
        "failed": [_check(row) for row in failed],
        "files": [_file(row) for row in files],
        "rejected": [_reason(name, rows) for name, rows in rejected.items()],
        "rejected_count": sum(rows[0]["n"] for rows in rejected.values()),
        "conflicts": _conflicts(data),
        "corrections": data.count("correction"),
        "breaks": [_break(row) for row in data.rows("FROM series_break WHERE NOT levels_comparable ORDER BY ALL")],
        "withheld": data.withheld,
    }
    return Page("quality", _TITLE, "quality.html.j2", "quality", facts)


def _check(row: Row) -> dict[str, Any]:
    """A failed check; what it saw is "3 of 31 not as expected: …", the rows separated by semicolons."""
    head, _, rows = str(row["observed"] or "").partition(": ")
    counted = _COUNTED.fullmatch(head)
    seen = Text(en=head, zh=f"{counted[2]}项中{counted[1]}项不符" if counted else head)
    return {
        "name": row["check_name"],
        "table": row["table_name"],
        "severity": SEVERITY.get(row["severity"], Text(en=row["severity"], zh=row["severity"])),
        "critical": row["severity"] == "critical",
        "what": lang_text(row, "description", "description_zh"),
        "seen": seen,
        "rows": [one for one in rows.split("; ") if one],
    }


def _file(row: Row) -> list[Any]:
    return [
        Cell(row["path"], f"provenance#{row['file_id']}", "text"),
        Cell(STATE.get(row["status"], row["status"]), look="nowrap"),
        row["rows_read"],
        row["rows_loaded"],
        row["rows_rejected"],
        row["cells_rejected"],
        Cell(lang_text(row, "problem", "problem_zh"), look="text"),
    ]


def _reason(name: str, rows: list[Row]) -> dict[str, Any]:
    """Rows rejected for one reason: how many, and the first of them."""
    return {
        "code": name,
        "count": rows[0]["n"],
        "rows": [
            [
                Cell(row["path"], f"provenance#{row['file_id']}", "text"),
                code(row["sheet"]),
                code(row["cell"] or row["row"]),
                Cell(row["raw"], look="text"),
                Cell(lang_text(row, "reason", "reason_zh"), look="text"),
            ]
            for row in rows
        ],
    }


def _conflicts(data: Published) -> list[list[Any]]:
    """Indicators of which two editions differ: how often, by how much at most, which edition is kept."""
    rows = data.rows(
        "SELECT indicator, vintage_kept, vintage_other, count(*) AS n, max(abs(relative_gap)) AS most, "
        "median(abs(relative_gap)) AS median FROM vintage_conflict GROUP BY ALL "
        f"ORDER BY n DESC, indicator, vintage_kept, vintage_other LIMIT {MOST}"
    )
    return [
        [
            code(row["indicator"], f"indicator/{row['indicator']}"),
            code(row["vintage_kept"]),
            code(row["vintage_other"]),
            row["n"],
            *(Cell("" if row[gap] is None else f"{100 * row[gap]:.2f}%", look="number") for gap in ("median", "most")),
        ]
        for row in rows
    ]


def _break(row: Row) -> list[Any]:
    return [
        code(row["indicator"], f"indicator/{row['indicator']}"),
        code(row["year"]),
        code(row["input_indicator"], f"indicator/{row['input_indicator']}"),
        Cell(lang_text(row, "description", "description_zh"), look="text"),
        Cell(row["source"], look="text"),
    ]
