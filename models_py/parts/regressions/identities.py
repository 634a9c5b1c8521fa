"""What the results of a declared model belong to, and which of them are a study's own.

Belongs here: the one rule by which models are identified, for those who fit them and those who look results up.
Does not belong here: making the models (study_models.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog import Study
from catalog.identity import ALL, COLUMNS, Identity, variant_choices
from catalog.parts import regressions
from catalog.parts.regressions import Headline, ModelSpec

if TYPE_CHECKING:
    import pandas as pd

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


def headline_of(study: Study) -> Headline:
    """The study's headline."""
    return study.options(regressions.Options).headline


def headline_spec(study: Study) -> ModelSpec:
    """The model the headline is taken from."""
    return study.options(regressions.Options).headline_model


def own_identity(study: Study, spec: ModelSpec) -> Identity:
    """What a model's results belong to under the study's own reading and choices."""
    return identity_of(study, spec, readings_of(study, spec)[0])


def own_rows(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of `estimate` or `model_fit` that belong to a model as it is declared, under the study's own reading.

    `rows`: a table with the columns of an identity.
    """
    models = study.options(regressions.Options).models
    own = {tuple(identity_of(study, spec, readings_of(study, spec)[0]).columns.values()) for spec in models}
    found = [key in own for key in zip(*(rows[name] for name in COLUMNS), strict=True)]
    return rows.loc[found]


def rows_of(rows: pd.DataFrame, identity: Identity) -> pd.DataFrame:
    """The rows that belong to one identity."""
    if rows.empty:
        return rows
    names = list(COLUMNS)
    return rows[(rows[names] == [identity.columns[name] for name in names]).all(axis=1)]


def rows_of_part(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of the part with a name, where it stands twice in the study; '' for the one without."""
    if rows.empty:
        return rows
    return rows[[variant_choices(variant).get("part", "") == name for variant in rows["variant"]]]
