"""Products of coefficients as a part: under every reading of the headline's model.

Belongs here: what the part takes, makes and shows. Does not belong here: its rows in the database (table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.labels import effect_label, variable_label
from catalog.parts.products import Options
from models_py.figures.names import chinese_number, stem_of
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work, joined
from models_py.parts.regressions.identities import headline_spec, readings_of

if TYPE_CHECKING:
    import pandas as pd

    from models_py.econometrics.model_data import ModelData
    from models_py.figures.table import ReportTable


TABLE = Text(en="Products of coefficients", zh="系数乘积")

_DECOMPOSITION = Text(
    zh="系数乘积：各中介变量是结果变量的组成部分，乘积只是分解，不构成机制或中介。",
    en="Products of coefficients: the mediators are parts of the outcome, so the products decompose it; nothing here "
    "is a mechanism or mediation.",
)
_ASSOCIATIONS = Text(
    zh="系数乘积：关联之积，不构成机制或中介。",
    en="Products of coefficients: products of associations; nothing here is a mechanism or mediation.",
)


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The table's file name and title."""
    return [(stem_of(options.table_no), Text(en=options.table_no, zh=chinese_number(options.table_no)))]


def tables(seen: Seen, options: Options) -> list[ReportTable]:
    """The table of products; none without rows."""
    from models_py.figures.table import estimates_table
    from models_py.parts.products.table import IDENTITY, IDENTITY_TEST
    from models_py.parts.regressions.described import model_label

    study, rows = seen.study, _of(seen.rows("estimate"), options)
    if rows.empty:
        return []
    tests = _of(seen.share("spec_test", options), options)
    parts = not tests.empty and bool((tests.loc[tests["test"] == IDENTITY_TEST, "statistic"] <= IDENTITY).any())
    table = estimates_table(
        rows,
        Text(zh=f"系数乘积：{study.title.zh}", en=f"Products of coefficients: {study.title.en}"),
        term_label=lambda term: variable_label(study, term),
        effect_label=lambda effect: effect_label(options.part(), effect),
        label=partial(model_label, study),
        synthetic=seen.synthetic,
        notes=(_DECOMPOSITION if parts else _ASSOCIATIONS,),
    )
    return [table]


def _of(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    return rows if rows.empty else rows[rows["table_no"] == options.table_no]


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test."""
    from models_py.parts.products.table import product_table
    from models_py.parts.regressions.study_models import maker_of

    spec, made, headline = work.options, maker_of(work), headline_spec(work.study)
    controls = [name for name in headline.regressors if name != spec.term]
    rows = []
    for reading in readings_of(work.study, headline):

        def model(outcome: str, *regressors: str, reading: str = reading) -> ModelData:
            changed = {"table_no": spec.table_no, "outcome": outcome, "regressors": (*regressors, *controls)}
            return made.make(headline.model_copy(update=changed), reading).data

        rows.append(
            product_table(
                {mediator: model(mediator, spec.term) for mediator in spec.mediators},
                model(spec.outcome, spec.term, *spec.mediators),
                spec,
            )
        )
    return {name: joined(row[name] for row in rows) for name in ("estimate", "spec_test")}


def named(study: Study, options: Options, row: Mapping[str, Any]) -> Text | None:
    """What a row of its table calls its term."""
    return variable_label(study, str(row["term"])) if row["table_no"] == options.table_no else None


PART = Part(
    summary=Text(
        en="Products of coefficients over mediators, with their bootstrap; a decomposition, never a mechanism",
        zh="系数乘积及其自助区间；只是分解，不构成机制",
    ),
    needs=("figures", VARIABLES),
    consults=("regressions",),
    makes=("estimate", "spec_test"),
    term_label=named,
    compute=compute,
    shows=(Show("products", "table", TABLE, tables, titles=titles),),
)
