"""Networks simulated from the fitted models beside the observed ones: the rows of goodness_of_fit.

Belongs here: which models are simulated, from which coefficients. Does not belong here: simulation and what is counted
(models_py/network/gof.py), words, drawing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from catalog.parts import ergm, network
from models_py.network.ergm import ErgmFit, Solution
from models_py.network.gof import ergm_gof
from models_py.network.model import model_of
from models_py.parts.ergm.fits import ESTIMATOR, Choice, Maker
from models_py.parts.frame import Work
from models_py.parts.rows import as_table


def gof_rows(work: Work) -> pd.DataFrame:
    """The table goodness_of_fit. Models without an estimate under the study's own treatment have no rows."""
    options = work.study.options(ergm.Options)
    maker = Maker(work.study, options, work.study.options(network.Options), work.tables)
    made: list[dict[str, Any]] = []
    for table in options.tables:
        for name in table.networks:
            for model in work.options.of(table):
                choice = Choice(table, name, model, options.unlisted[0])
                fit = fitted(maker, choice, work.tables["estimate"])
                if fit is not None:
                    made.extend(_rows(work, choice, fit))
    return as_table(made, "goodness_of_fit")


def fitted(maker: Maker, choice: Choice, estimates: pd.DataFrame) -> ErgmFit | None:
    """A model with its published coefficients, not fitted again; None where there are none."""
    own = estimates[(estimates["estimator"] == ESTIMATOR) & (estimates["effect"] == "coef")]
    for column, value in maker.identity(choice).columns.items():
        own = own[own[column] == value]
    if own.empty:
        return None
    model = model_of(maker.network_of(choice), choice.table.terms(choice.model))
    theta = own.set_index("term")["estimate"].reindex(list(model.names)).to_numpy(dtype=float)
    return ErgmFit(model, Solution(theta, None, None), own, {}, {})


def _rows(work: Work, choice: Choice, fit: ErgmFit) -> Iterator[dict[str, Any]]:
    count = work.options.simulated
    for row in ergm_gof(fit, count, work.options.seed).to_dict("records"):
        yield {
            "study": work.study.id,
            "network": choice.network,
            "model": choice.model,
            "table_no": choice.table.table_no,
            **{str(key): value for key, value in row.items()},
            "networks": count,
        }
