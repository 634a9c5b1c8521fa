"""Rows of the published tables that parts make.

Belongs here: empty cells, column order and types, notes in two languages.
Does not belong here: any statistic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from catalog import load_tables
from catalog.base import Text
from models_py.panel import ENTITY, Panel

if TYPE_CHECKING:
    from models_py.econometrics.model_data import ModelData


def together(texts: Iterable[Text]) -> Text:
    """Sentences joined into one text."""
    texts = list(texts)
    return Text(en=" ".join(text.en for text in texts), zh="".join(text.zh for text in texts))


def note(english: str, chinese: str) -> dict[str, str]:
    """The columns note_en and note_zh."""
    return {"note_en": english, "note_zh": chinese}


def as_table(rows: Sequence[Mapping[Any, Any]], table: str) -> pd.DataFrame:
    """`rows` as published table `table`: its columns but data_kind, in its order; absent cells are empty.

    Raises KeyError for a column the table does not have.
    """
    unknown = {name for row in rows for name in row} - set(load_tables()[table].columns)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    return typed(pd.DataFrame([dict(row) for row in rows]), table)


def typed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of a published table but data_kind, in its order and types; those `frame` lacks are empty."""
    declared = {name: column.type for name, column in load_tables()[table].columns.items() if name != "data_kind"}
    kinds = {"DOUBLE": "float64", "INTEGER": "Int64", "BIGINT": "Int64", "BOOLEAN": "boolean"}
    types = {name: kinds.get(kind, "object") for name, kind in declared.items()}
    made = frame.reindex(columns=list(declared)).astype(types)
    # An integer that is never absent is a plain one, so that arithmetic on it stays numpy's.
    return made.astype({name: "int64" for name, kind in types.items() if kind == "Int64" and made[name].notna().all()})


def of_entities(frame: pd.DataFrame, table: str, panel: Panel) -> pd.DataFrame:
    """A table of rows by entity, with its unit; province_code is filled if the entities are provinces."""
    code = frame[ENTITY] if panel.unit.id == "province" else None
    return typed(frame.assign(province_code=code, entity_level=panel.unit.id), table)


def of_model(frame: pd.DataFrame, data: ModelData, n_obs: int | None = None) -> pd.DataFrame:
    """Rows of `estimate` with the units of a model's terms, and the rows they rest on where those are not given."""
    made = [data.unit_of(str(term)) for term in frame["term"]]
    units = pd.DataFrame(made, index=frame.index, columns=["unit_en", "unit_zh"], dtype="object")
    filled = frame["n_obs"].fillna(n_obs) if n_obs is not None else frame["n_obs"]
    return frame.assign(**units, n_obs=filled)
