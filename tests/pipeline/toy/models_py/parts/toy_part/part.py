"""An indicator over its mean of the year, as a table and a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.base import Text
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.show import Lang, Picture
    from models_py.figures.table import ReportTable

TABLE = Text(en="Toy ratios", zh="玩具比值")
FIGURE = Text(en="Toy ratios by year", zh="各年玩具比值")


def compute(work: Work) -> Tables:
    """The table toy_table."""
    from models_py.panel import full_grid
    from models_py.parts.rows import of_entities

    name = work.options.indicator
    figures = full_grid(work.tables["figures"], [name], work.panel)
    ratio = figures[name] / figures.groupby("year")[name].transform("mean")
    rows = figures[["entity_code", "year"]].assign(study=work.study.id, toy_ratio=ratio)
    return {"toy_table": of_entities(rows, "toy_table", work.panel)}


def table(seen: Seen, options: Any) -> list[ReportTable]:
    """One row for each entity, one column for each year."""
    from models_py.figures.table import ReportTable, Row, number

    wide = seen.rows("toy_table").pivot(index="entity_code", columns="year", values="toy_ratio")
    rows = tuple(Row(seen.panel.label(code), tuple(map(number, wide.loc[code]))) for code in wide.index)
    header = tuple(str(year) for year in wide.columns)
    return [ReportTable("toy_ratios", TABLE, (header,), rows, (), seen.synthetic)]


def figure(seen: Seen, options: Any) -> list[Picture]:
    """One point for each entity and year."""
    import altair as alt

    from models_py.figures.chart_page import chart_page, inline
    from models_py.figures.show import Figure, Picture

    rows = seen.rows("toy_table")[["entity_code", "year", "toy_ratio"]]
    alternative = Text(en=f"{len(rows)} ratios by year", zh=f"各年{len(rows)}个比值")

    def chart(lang: Lang) -> alt.VConcatChart:
        points = alt.Chart(inline(rows)).mark_point().encode(x="year:O", y="toy_ratio:Q").properties(width=400)
        return chart_page([points], lang, seen.data_kind, width=400)

    return [Picture("toy_figure", FIGURE, Figure(FIGURE, alternative, (), rows, chart))]


PART = Part(
    summary=Text(en="Toy ratios: an indicator over its mean of the year", zh="玩具比值：指标与当年均值之比"),
    needs=("figures",),
    makes=("toy_table",),
    whole=("toy_table",),
    compute=compute,
    shows=(Show("toy_ratios", "table", TABLE, table), Show("toy_figure", "figure", FIGURE, figure)),
)
