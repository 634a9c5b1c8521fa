"""The identity of a declared model's results, which results are a study's own, which fits go side by side in a table.

Belongs here: the one rule that identifies models, for code that fits them and code that looks results up.
Does not belong here: making the models (study_models.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.identity import ALL, COLUMNS, Identity, variant_choices
from catalog.parts import regressions
from catalog.parts.regressions import ModelSpec

if TYPE_CHECKING:
    import pandas as pd

METHOD = "cr1"
WITHOUT_MUNICIPALITIES = "without municipalities"


def readings_of(study: Study, spec: ModelSpec) -> tuple[str, ...]:
    """Readings of a model, the study's own first; only '' when none of its variables has any."""
    makers = [study.offered[name] for name in spec.used if name in study.offered]
    return next((maker.readings for maker in makers if maker.readings), ("",))


def sample_of(spec: ModelSpec, without_years: tuple[int, ...] = ()) -> str:
    """The column `sample` of a model's results: what the model leaves out, then the years left out."""
    years = f"without {', '.join(map(str, without_years))}" if without_years else ""
    left_out = (WITHOUT_MUNICIPALITIES if "municipalities" in spec.without else "", years)
    return ", ".join(filter(None, left_out)) or ALL


def identity_of(
    study: Study,
    spec: ModelSpec,
    reading: str,
    *,
    variant: str = "",
    vintage: str = "",
    without_years: tuple[int, ...] = (),
) -> Identity:
    """The identity of a model's results."""
    return Identity(
        study.id,
        spec.table_no,
        spec.model,
        reading,
        sample=sample_of(spec, without_years),
        vintage=vintage,
        variant=variant,
    )


def headline_spec(study: Study) -> ModelSpec:
    """The model the headline is taken from."""
    return study.options(regressions.Options).headline_model


def own_identity(study: Study, spec: ModelSpec) -> Identity:
    """The identity of a model's results under the study's own reading and choices."""
    return identity_of(study, spec, readings_of(study, spec)[0])


def own_rows(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of `estimate` or `model_fit` that belong to a model as declared, under the study's own reading; none in a
    study without regressions.

    `rows`: a table with the columns of an identity.
    """
    options = study.find(regressions.Options)
    specs = () if options is None else options.models
    own = {tuple(own_identity(study, spec).columns.values()) for spec in specs}
    return rows.loc[[key in own for key in zip(*(rows[name] for name in COLUMNS), strict=True)]]


def rows_of(rows: pd.DataFrame, identity: Identity) -> pd.DataFrame:
    """The rows that belong to one identity."""
    if rows.empty:
        return rows
    return rows[(rows[list(COLUMNS)] == [identity.columns[name] for name in COLUMNS]).all(axis=1)]


def rows_of_part(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of a named part, if the study has the part twice; '' for the unnamed one."""
    if rows.empty:
        return rows
    return rows[[variant_choices(variant).get("part", "") == name for variant in rows["variant"]]]


@dataclass(frozen=True)
class Column:
    """One fit: its declaration, its row of `model_fit`, its rows of `estimate` (cr1, coef) by term."""

    spec: ModelSpec
    fit: Mapping[str, Any]
    terms: pd.DataFrame
    own_reading: str

    @property
    def reading(self) -> str:
        """The reading it was fitted under; '' where none."""
        return str(self.fit["reading"])

    @property
    def of_own_reading(self) -> bool:
        """Whether the reading is the study's own, or there is none."""
        return self.reading in ("", self.own_reading)

    @property
    def further_version(self) -> bool:
        """Whether it is another version of a declared model: rows left out, another vintage or variant."""
        return (self.fit["sample"], self.fit["vintage"], self.fit["variant"]) != (sample_of(self.spec), "", "")


def columns_of(model_fit: pd.DataFrame, estimate: pd.DataFrame, study: Study, table_no: str) -> list[Column]:
    """The fits of a table in the order of their rows. Raises KeyError for a model that is not declared."""
    options = study.options(regressions.Options)
    rows = estimate[
        (estimate["table_no"] == table_no) & (estimate["method"] == METHOD) & (estimate["effect"] == "coef")
    ].set_index("term")
    by_identity = dict(list(rows.groupby(list(COLUMNS), sort=False)))
    found = []
    for fit in model_fit[model_fit["table_no"] == table_no].to_dict("records"):
        spec = options.model(table_no, str(fit["model"]))
        terms = by_identity.get(tuple(fit[name] for name in COLUMNS), rows.iloc[:0])
        found.append(Column(spec, {str(k): v for k, v in fit.items()}, terms, readings_of(study, spec)[0]))
    return found
