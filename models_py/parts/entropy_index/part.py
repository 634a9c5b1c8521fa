"""The indices of two systems as a part: weights of indicators, values by place and year, under every variant."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.entropy_index import Options
from models_py.figures.show import Picture
from models_py.parts.entropy_index.texts import TITLE, WEIGHTS
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("entropy_weight", "system_index")
BARS = "entropy_weight_bars"


def compute(work: Work) -> Tables:
    """Tables entropy_weight and system_index."""
    from models_py.parts.entropy_index.index import index_tables

    return index_tables(work.tables["figures"], work.options, work.panel, work.study.id)


def headline(study: Study, tables: Tables, options: Options) -> str:
    """The indicator that weighs most in each system."""
    own = tables["entropy_weight"].query("variant == ''")
    top = own.loc[own.groupby("system", sort=False)["weight"].idxmax()]
    said = (f"{row.system} {row.indicator} {row.weight:.3f}" for row in top.itertuples())
    return f"{study.id}, {options.weighting} weights, largest: {', '.join(said)}"


def table(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The table of weights; none without rows."""
    from models_py.parts.entropy_index.shown import weights_table

    rows = seen.rows("entropy_weight")
    if len(rows):
        yield weights_table(rows, options, seen.panel, seen.synthetic)


def bars(seen: Seen, options: Options) -> Iterator[Picture]:
    """The weights as bars; none without rows."""
    from models_py.parts.entropy_index.shown import weights_figure

    rows = seen.rows("entropy_weight")
    if len(rows):
        drawn = weights_figure(rows, options, seen.panel, seen.data_kind)
        yield Picture(BARS, drawn.title, drawn)


PART = Part(
    summary=Text(
        en="Indices of two systems of indicators: entropy weights over the pooled panel, other weightings and windows",
        zh="两个系统的综合指数：按全部观测计算的熵权，以及其他赋权与时间窗口",
    ),
    needs=("figures",),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    headline=headline,
    shows=(
        Show(WEIGHTS, "table", TITLE, table),
        Show(BARS, "figure", TITLE, bars),
    ),
)
