"""The page of methods: the estimators and parts used in this publication, with conventions, evidence, documents.

Belongs here: finding what was used, from published rows and the registry of parts. Nothing about a method is written
here: conventions are the notes of the fits, documents are those named after the module a part computes with.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from catalog import Study
from catalog.base import PROJECT_DIR, Text
from catalog.identity import TWFE
from catalog.labels import load_labels
from medpanel.reuse.code import project_code
from medpanel.site.pages import Page, lang_text
from medpanel.site.published import Published, Row
from models_py.parts.registry import StudyPart, all_parts, parts_of

_TITLE = Text(en="Methods", zh="方法")
_TWFE = Text(en="two-way fixed effects (TWFE)", zh="双向固定效应（TWFE）")
# One fit of each estimator in a study says what was done; the others differ in what the table of fits shows.
_FITS = """
SELECT estimator, study, arg_min(note_en, (variant <> '', table_no, model)) AS note_en,
  arg_min(note_zh, (variant <> '', table_no, model)) AS note_zh,
  arg_min(formula, (variant <> '', table_no, model)) AS formula, count(*) AS fits,
  min(n_obs) AS least, max(n_obs) AS most
FROM model_fit GROUP BY estimator, study ORDER BY estimator, study
"""
_ERRORS = "SELECT DISTINCT estimator, method FROM estimate ORDER BY ALL"


def page(data: Published) -> Page:
    """The page."""
    fits, errors = data.by("estimator", _FITS), data.by("estimator", _ERRORS)
    used: dict[str, list[tuple[Study, StudyPart]]] = {}
    for study in data.studies:
        for one in parts_of(study):
            used.setdefault(one.id, []).append((study, one))
    facts = {
        "estimators": [
            _estimator(name, fits.get(name, []), errors.get(name, [])) for name in sorted(fits.keys() | errors.keys())
        ],
        "parts": [_part(name, [study for study, _ in ones]) for name, ones in sorted(used.items())],
    }
    return Page("methods", _TITLE, "methods.html.j2", "methods", facts)


def _estimator(name: str, fits: list[Row], errors: list[Row]) -> dict[str, Any]:
    labels = load_labels()
    plain = Text(en=name, zh=name)
    return {
        "id": name,
        "label": _TWFE if name == TWFE else labels.estimators.get(name, plain),
        "errors": [labels.methods.get(row["method"], Text(en=row["method"], zh=row["method"])) for row in errors],
        "fits": [{**row, "note": lang_text(row, "note_en", "note_zh")} for row in fits],
    }


def _part(name: str, studies: Iterable[Study]) -> dict[str, Any]:
    stems = modules(name)
    return {
        "id": name,
        "summary": all_parts()[name].summary,
        "studies": list(dict.fromkeys(study.id for study in studies)),
        "code": f"models_py/parts/{name}/part.py",
        "tables": all_parts()[name].makes,
        "documents": [path for stem, path in documents() if stem in {name, *stems}],
    }


def modules(part: str) -> frozenset[str]:
    """The names of the modules of statistics that a part computes with."""
    files, _ = project_code().closure([f"models_py.parts.{part}.part"])
    rooms = [path.relative_to(PROJECT_DIR) for path in files]
    return frozenset(path.stem for path in rooms if path.parts[0] == "models_py" and path.parts[1] != "parts")


@cache
def documents() -> tuple[tuple[str, str], ...]:
    """The documents on methods and the evidence of the project, each by the name of the module it is about."""
    docs = PROJECT_DIR / "docs"
    found = [path for room in ("methods", "evidence") for path in sorted(docs.rglob(f"{room}/*.md"))]
    return tuple((_about(path), path.relative_to(PROJECT_DIR).as_posix()) for path in found)


def _about(path: Path) -> str:
    return path.stem.removeprefix("coverage_").replace("-", "_")
