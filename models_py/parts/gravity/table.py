"""The printed table of flows beside ties.

Belongs here: its rows, words and notes. Does not belong here: computing (fits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.parts import ergm
from catalog.parts.ergm import TableSpec
from catalog.parts.gravity import Options
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number
from models_py.parts.ergm.words import NOT_SHOWN, STARS, Names, places, stars
from models_py.parts.findings import both
from models_py.parts.frame import Seen
from models_py.parts.gravity.fits import BOTH, ORIGIN
from models_py.parts.gravity.titles import stem, title

_HEADER = (
    both("Flows: both effects", "流量：起点与终点效应"),
    both("Flows: origin effects", "流量：起点效应"),
    both("Ties: log-odds", "边：对数优势"),
)


def gravity_tables(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """A table for each network: both models of flows, and the ties' headline model, under the study's own choices."""
    rows = seen.rows("estimate")
    declared = seen.study.options(ergm.Options)
    for table in declared.tables:
        for name in table.networks if table.table_no in options.tables and len(rows) else ():
            own = rows[(rows["sample"] == name) & (rows["variant"] == "") & (rows["effect"] == "coef")]
            flows, ties = own[own["table_no"] == options.table_no], own[own["table_no"] == table.table_no]
            if len(flows):
                yield _table(
                    seen, table, name, flows, ties[ties["model"] == table.headline], Names(declared.nodal, table)
                )


def _table(
    seen: Seen, table: TableSpec, name: str, flows: pd.DataFrame, ties: pd.DataFrame, names: Names
) -> ReportTable:
    columns = [_by_term(flows[flows["model"] == model]) for model in (BOTH, ORIGIN)] + [_by_term(ties)]
    terms = list(dict.fromkeys(term for rows in columns[1::-1] for term in rows))
    body = tuple(Row(names.term(term), tuple(_cell(rows.get(term)) for rows in columns)) for term in terms)
    fits = seen.rows("model_fit")
    fits = fits[(fits["sample"] == name) & (fits["variant"] == "") & fits["model"].isin([BOTH, ORIGIN])]
    counted = dict(zip(fits["model"], fits["n_obs"], strict=True))
    counts = [number(counted.get(model), 0) for model in (BOTH, ORIGIN)]
    ordered = number(float(ties["n_obs"].iloc[0]), 0) if len(ties) else NOTHING
    body += (Row(both("Ordered pairs", "有序对"), (*counts, ordered), 1),)
    notes = (STARS, _agreement(columns[1], columns[2]), *_notes(fits), NOT_SHOWN)
    return ReportTable(stem(name), title(seen.study, name), (_HEADER,), body, notes, seen.synthetic)


def _by_term(rows: pd.DataFrame) -> Mapping[str, Mapping[Any, Any]]:
    return {str(row["term"]): row for row in rows.to_dict("records")}


def _cell(row: Mapping[Any, Any] | None) -> Cell:
    if row is None or pd.isna(row["std_error"]):
        return NOTHING
    decimals = places(row["std_error"])
    return f"{number(row['estimate'], decimals)}{stars(row['p_value'])}\n({number(row['std_error'], decimals)})"


def _agreement(flows: Mapping[str, Mapping[Any, Any]], ties: Mapping[str, Mapping[Any, Any]]) -> Text:
    """How often flows and ties say the same."""
    shared = [term for term in flows if term in ties]
    same = sum(flows[term]["estimate"] * ties[term]["estimate"] > 0 for term in shared)
    sure = [t for t in shared if flows[t]["p_value"] < 0.05 and ties[t]["p_value"] < 0.05]
    against = sum(flows[term]["estimate"] * ties[term]["estimate"] < 0 for term in sure)
    return both(
        f"Flows and ties have the same sign in {same} of {len(shared)} terms; of {len(sure)} significant in both at "
        f"5 % {against} contradict each other. A tie says that a flow is large, a flow how large: "
        "sizes do not compare.",
        f"{len(shared)}项中{same}项流量与边同号；两者均在5%水平显著的{len(sure)}项中{against}项相反。"
        "边仅说明流量大，流量说明多大，两者系数大小不可比。",
    )


def _notes(fits: pd.DataFrame) -> list[Text]:
    return [both(row["note_en"], row["note_zh"]) for row in fits.to_dict("records")[:1]]
