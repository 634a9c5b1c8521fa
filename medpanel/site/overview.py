"""The overview: real or synthetic, what was run on what and when, each study's result, what holds, what failed.

Belongs here: what the page says, shortest first. Does not belong here: the words of results (`Part.says`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog import Study
from catalog.base import Text
from catalog.panels import load_units
from medpanel.runs.warehouse import quote
from medpanel.site.pages import Cell, Page, lang_text
from medpanel.site.published import Published
from models_py.panel import Panel
from models_py.parts.findings import VERDICTS
from models_py.parts.frame import Seen
from models_py.parts.registry import StudyPart, parts_of
from models_py.parts.rows import typed

_TITLE = Text(en="Overview", zh="概览")
# A finding is a statement about a paper; its verdict is whether it holds in these data.
_LOOKS = {"holds": "good", "does not hold": "bad", "not testable": ""}


def page(data: Published) -> Page:
    """The page."""
    facts = {
        "run": data.manifest,
        "files": _files(data),
        "years": _years(data),
        "checks": _checks(data),
        "studies": [_study(data, study) for study in data.studies],
        "against": _against(data),
        "withheld": data.withheld,
    }
    return Page("index", _TITLE, "index.html.j2", "index", facts)


def _files(data: Published) -> dict[str, int]:
    rows = data.rows("SELECT status, count(*) AS n FROM source_file GROUP BY status")
    return {row["status"]: row["n"] for row in rows} | {"all": sum(row["n"] for row in rows)}


def _years(data: Published) -> Mapping[str, Any]:
    [row] = data.rows(
        "SELECT min(year) AS first, max(year) AS last, count(*) AS figures, count(DISTINCT indicator) AS indicators "
        "FROM observation WHERE chosen"
    )
    return row


def _checks(data: Published) -> Mapping[str, int]:
    [row] = data.rows(
        "SELECT count(*) AS all_, count(*) FILTER (passed) AS passed, count(*) FILTER (NOT coalesce(passed, false) AND "
        "severity = 'critical') AS critical, count(*) FILTER (NOT coalesce(passed, false) AND severity <> 'critical') "
        "AS remarks FROM check_result"
    )
    return row


def _study(data: Published, study: Study) -> dict[str, Any]:
    window = data.rows("FROM study_window WHERE study = ?", [study.id])
    findings = data.rows("FROM finding WHERE study = ? ORDER BY verdict, finding_id", [study.id])
    verdicts = [row["verdict"] for row in findings]
    return {
        "id": study.id,
        "title": study.title,
        "years": f"{window[0]['first_year']}–{window[0]['last_year']}" if window else "",
        "sentences": _sentences(data, study),
        "counted": [(text, n) for text in VERDICTS.values() if (n := verdicts.count(text.en))],
        "findings": [
            {
                "id": row["finding_id"],
                "title": lang_text(row, "title_en", "title_zh"),
                "verdict": next(text for text in VERDICTS.values() if text.en == row["verdict"]),
                "look": "" if data.synthetic else _LOOKS[row["verdict"]],
                "published": lang_text(row, "published", "published_zh"),
                "observed": lang_text(row, "observed", "observed_zh"),
            }
            for row in findings
        ],
    }


def _sentences(data: Published, study: Study) -> list[Text]:
    """The main results of its parts in words, estimates with their intervals first; none without results."""
    parts = sorted(parts_of(study), key=lambda one: "estimate" not in one.part.makes)
    return [text for one in parts if one.part.says for text in one.part.says(_seen(data, study, one), one.options)]


def _seen(data: Published, study: Study, one: StudyPart) -> Seen:
    """What the words of a part are made from: the published rows of the tables it makes; no places, which draw maps."""
    found = {
        table: typed(data.connection.execute(f"FROM {quote(table)} WHERE study = ?", [study.id]).df(), table)
        for table in one.part.makes
        if table in data.tables
    }
    panel = Panel(load_units()[study.panel.unit], (), (0, 0))
    return Seen(study, panel, found, data.manifest["data_kind"])


def _against(data: Published) -> list[list[Any]]:
    """Printed figures beside those found here, counted by study and paper; on generated data nothing is compared."""
    rows = data.rows(
        "SELECT study, paper, count(*) AS printed, count(estimated) AS found, "
        "count(*) FILTER (NOT same_sign) AS signs, count(*) FILTER (NOT same_significance) AS significance, "
        "count(*) FILTER (NOT within_95) AS outside, count(*) FILTER (NOT matches) AS others "
        "FROM published_comparison GROUP BY ALL ORDER BY study, paper"
    )
    return [
        [Cell(row["study"], f"study/{row['study']}"), row["paper"], row["printed"], row["found"]]
        + [row[name] for name in ("signs", "significance", "outside", "others")]
        for row in rows
    ]
