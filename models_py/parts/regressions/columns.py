"""The columns of a regression table: which fits stand side by side.

Belongs here: choosing among the published fits by their identity. Does not belong here: layout (table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog import Study
from catalog.identity import COLUMNS
from catalog.parts import regressions
from catalog.parts.regressions import ModelSpec
from models_py.parts.regressions.identities import readings_of, sample_of

METHOD = "cr1"


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
    names = list(COLUMNS)
    rows = estimate[
        (estimate["table_no"] == table_no) & (estimate["method"] == METHOD) & (estimate["effect"] == "coef")
    ]
    by_identity = dict(list(rows.groupby(names, sort=False)))
    found = []
    for fit in model_fit[model_fit["table_no"] == table_no].to_dict("records"):
        spec = options.model(table_no, str(fit["model"]))
        terms = by_identity.get(tuple(fit[name] for name in names), rows.iloc[:0])
        named = {str(name): value for name, value in fit.items()}
        found.append(Column(spec, named, terms.set_index("term"), readings_of(study, spec)[0]))
    return found
