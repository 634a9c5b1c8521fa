"""The page of provenance: the run, its seeds and hashes, and every file it read, each with an anchor for links to it.

Belongs here: what the page says. Does not belong here: recording a run (medpanel/runs).
"""

from __future__ import annotations

import json
from typing import Any

from catalog.base import Text
from catalog.tables import load_tables
from medpanel.site.pages import Page
from medpanel.site.published import Published
from medpanel.site.quality import STATE

_TITLE = Text(en="Provenance", zh="来源与运行")
_MAY = {
    "allowed": Text(en="may be passed on", zh="可转交"),
    "barred": Text(
        en="must not be passed on; left out of these pages and of exports", zh="不得转交；本网站与导出均不含"
    ),
    "not_stated": Text(en="not stated whether it may be passed on", zh="未说明能否转交"),
}


def page(data: Published) -> Page:
    """The page."""
    columns = load_tables()["run_manifest"].columns
    run = [(Text(en=column.en, zh=column.zh), name, data.manifest[name]) for name, column in columns.items()]
    files = data.rows("FROM source_file ORDER BY path, download DESC, file_id")
    [reused] = data.rows("SELECT count(*) AS all_, count(*) FILTER (reused) AS reused FROM run_timing")
    facts: dict[str, Any] = {
        "run": [one for one in run if one[1] not in ("seeds", "notes", "accepted_loss", "data_kind")],
        "accepted": data.manifest["accepted_loss"],
        "seeds": json.loads(data.manifest["seeds"] or "{}"),
        "notes": [line for line in str(data.manifest["notes"] or "").split("\n") if line],
        "files": files,
        "steps": reused,
        "states": STATE,
        "may": _MAY,
        "withheld": data.withheld,
    }
    return Page("provenance", _TITLE, "provenance.html.j2", "provenance", facts)
