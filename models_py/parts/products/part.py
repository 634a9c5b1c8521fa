"""Products of coefficients as a part: under every reading of the headline's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Show, Tables, Work
from models_py.parts.products.shows import TABLE, tables, titles

if TYPE_CHECKING:
    from models_py.econometrics.model_data import ModelData


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test."""
    from models_py.parts.products.table import product_table
    from models_py.parts.regressions.models import headline_spec, maker_of
    from models_py.parts.rows import joined

    spec, made, headline = work.options, maker_of(work), headline_spec(work.study)
    controls = [name for name in headline.regressors if name != spec.term]
    rows = []
    for reading in made.readings(headline):

        def model(outcome: str, *regressors: str, reading: str = reading) -> ModelData:
            changed = {"table_no": spec.table_no, "outcome": outcome, "regressors": (*regressors, *controls)}
            return made.make(headline.model_copy(update=changed), reading).data

        first = {mediator: model(mediator, spec.term) for mediator in spec.mediators}
        rows.append(product_table(first, model(spec.outcome, spec.term, *spec.mediators), spec))
    return {name: joined(getattr(row, name) for row in rows) for name in ("estimate", "spec_test")}


PART = Part(
    summary=Text(
        en="Products of coefficients over mediators, with their bootstrap; a decomposition, never a mechanism",
        zh="系数乘积及其自助区间；只是分解，不构成机制",
    ),
    needs=("figures", VARIABLES),
    consults=("regressions",),
    makes=("estimate", "spec_test"),
    compute=compute,
    shows=(Show("products", "table", TABLE, tables, titles=titles),),
)
