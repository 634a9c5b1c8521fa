"""What the results of a declared model belong to: readings, samples, identities.

Belongs here: the one rule by which models are identified, for those who fit them and those who look results up.
Does not belong here: making the models (study_models.py).
"""

from __future__ import annotations

from catalog import Study
from catalog.identity import ALL, Identity
from catalog.parts.regressions import ModelSpec

WITHOUT_MUNICIPALITIES = "without municipalities"


def readings_of(study: Study, spec: ModelSpec) -> tuple[str, ...]:
    """Readings of a model, the study's own first; only '' when none of its variables has any."""
    makers = [study.offered[name] for name in spec.used if name in study.offered]
    return next((maker.readings for maker in makers if maker.readings), ("",))


def sample_of(spec: ModelSpec, without_years: tuple[int, ...] = ()) -> str:
    """The column `sample` of a model's results: what the model leaves out, then the years left out of it."""
    left_out = [WITHOUT_MUNICIPALITIES] if "municipalities" in spec.without else []
    if without_years:
        left_out.append(f"without {', '.join(map(str, without_years))}")
    return ", ".join(left_out) or ALL


def identity_of(
    study: Study,
    spec: ModelSpec,
    reading: str,
    *,
    variant: str = "",
    vintage: str = "",
    without_years: tuple[int, ...] = (),
) -> Identity:
    """What the results of a model belong to."""
    sample = sample_of(spec, without_years)
    return Identity(study.id, spec.table_no, spec.model, reading, sample=sample, vintage=vintage, variant=variant)
