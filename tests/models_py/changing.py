"""Studies with other options, for tests: changed, and validated as if a file had said so."""

from __future__ import annotations

from typing import Any

from catalog import Study
from catalog.part_options import PartOptions


def with_header(study: Study, **header: Any) -> Study:
    """The study with other fields of its header; fields not given stay."""
    return Study.model_validate({**{name: getattr(study, name) for name in Study.model_fields}, **header})


def with_panel(study: Study, **panel: Any) -> Study:
    """The study with another panel."""
    return with_header(study, panel={**study.panel.model_dump(), **panel})


def with_variables(study: Study, **variables: Any) -> Study:
    """The study with another transform, or other declared variables beside those it has."""
    data = study.variables.model_dump()
    declared = {**data["declared"], **variables.pop("declared", {})}
    return with_header(study, variables={**data, **variables, "declared": declared})


def with_part(study: Study, kind: type[PartOptions], **options: Any) -> Study:
    """The study with other options of its first part of a kind; other models have no declared titles."""
    own = study.options(kind)
    if "models" in options:
        options = {"titles": {}, **options}
    changed = kind.model_validate({**own.model_dump(), **options})
    return with_header(study, parts=tuple(changed if part is own else part for part in study.parts))


def without_parts(study: Study, *kinds: type[PartOptions]) -> Study:
    """The study without its parts of these kinds."""
    return with_header(study, parts=tuple(part for part in study.parts if not isinstance(part, kinds)))


def only_parts(study: Study, *kinds: type[PartOptions]) -> Study:
    """The study with its parts of these kinds alone."""
    return with_header(study, parts=tuple(part for part in study.parts if isinstance(part, kinds)))
