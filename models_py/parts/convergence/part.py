"""Sigma and beta convergence of a study's variables as a part."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.labels import variable_label
from catalog.parts.convergence import Options
from models_py.figures.show import Picture
from models_py.parts.convergence.titles import BETA, BETA_TITLE, SIGMA, SIGMA_TITLE
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("sigma_convergence", "beta_convergence")


def compute(work: Work) -> Tables:
    """Tables sigma_convergence and beta_convergence."""
    from models_py.parts.convergence.measured import convergence_tables
    from models_py.parts.regressions.variables import prepare_variables

    values = prepare_variables(work.tables["figures"], work.offered, work.study, work.panel)
    return convergence_tables(values, work.options, work.panel, work.study.id)


def table(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The table of slopes; none without rows."""
    from models_py.parts.convergence.shown import beta_table

    rows = seen.rows("beta_convergence")
    if len(rows):
        yield beta_table(rows, {name: variable_label(seen.study, name) for name in options.variables}, seen.synthetic)


def spread(seen: Seen, options: Options) -> Iterator[Picture]:
    """The spread of each variable over time."""
    from models_py.parts.convergence.shown import sigma_figure

    rows = seen.rows("sigma_convergence")
    for variable in options.variables if len(rows) else ():
        own = rows[rows["variable"] == variable]
        if own["sd"].notna().any():
            drawn = sigma_figure(own, variable_label(seen.study, variable), seen.data_kind)
            yield Picture(f"{SIGMA}_{variable}", drawn.title, drawn)


PART = Part(
    summary=Text(
        en="Sigma and beta convergence: the spread between places over time, and growth on the initial value",
        zh="σ收敛与β收敛：地区差异的变化，以及增长与初始水平的关联",
    ),
    needs=("figures", VARIABLES),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    shows=(
        Show(BETA, "table", BETA_TITLE, table),
        Show(SIGMA, "figure", SIGMA_TITLE, spread),
    ),
)
