"""The models of a table, their published names taken apart.

Belongs here: which declared model, reading and version a name stands for. Does not belong here: layout (regression.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.studies import ModelSpec


@dataclass(frozen=True)
class Column:
    """One model: its name as published, the declaration behind it (None for one the study file has not), its reading
    (None for the study's own), and what else the name says ("vintage ...", "without 2024").
    """

    model: str
    spec: ModelSpec | None
    reading: str | None
    variant: str

    @property
    def name(self) -> str:
        """The declared name, or the published one."""
        return self.model if self.spec is None else self.spec.model


def columns_of(model_fit: pd.DataFrame, study: Study, table_no: str) -> list[Column]:
    """The models of a table in the order of their rows, taken apart."""
    specs = sorted((s for s in study.models if s.table_no == table_no), key=lambda s: -len(s.model))
    readings = study.index.readings if study.index is not None else ()
    found = []
    for model in model_fit.loc[model_fit["table_no"] == table_no, "model"]:
        spec = next((s for s in specs if model == s.model or model.startswith(f"{s.model} ")), None)
        rest = model.removeprefix(spec.model).strip() if spec is not None else ""
        reading = rest if rest in readings else None
        found.append(Column(model, spec, reading, "" if reading is not None else rest))
    return found
