"""Coupling and coordination of two systems as a part: the degrees, their levels, their maps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.identity import variant_of
from catalog.parts import entropy_index
from catalog.parts.coupling import Options
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.show import Picture
from models_py.parts.coupling.titles import MAP, MAP_TITLE, RANKS, RANKS_TITLE, READING, READING_TITLE, TITLE
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable


def compute(work: Work) -> Tables:
    """Tables coupling and coordination_rank."""
    from models_py.parts.coupling.coordination import coupling_table
    from models_py.parts.coupling.ranks import rank_table

    study, panel, indices = work.study, work.panel, work.study.options(entropy_index.Options)
    return {
        "coupling": coupling_table(work.tables["system_index"], work.options, panel, study.id),
        "coordination_rank": rank_table(work.tables["figures"], indices, work.options, panel, study.id),
    }


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """The mean of D in the first and the last year, and its range."""
    rows = seen.rows("coupling")
    if not len(rows):
        return
    own = rows.query("variant == ''")
    means, degree = own.groupby("year")["coordination_degree"].mean(), own["coordination_degree"]
    first, last = means.index[0], means.index[-1]
    low, high = f"{degree.min():.3f}", f"{degree.max():.3f}"
    yield Text(
        en=f"Mean coordination degree D: {means[first]:.3f} in {first}, {means[last]:.3f} in {last}; over places and "
        f"years it runs from {low} to {high}. D is a generated outcome.",
        zh=f"协调度D均值：{first}年{means[first]:.3f}，{last}年{means[last]:.3f}；各地各年介于{low}与{high}之间。"
        "D为生成变量。",
    )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """The mean of D in the first and the last year, its range, and how far its last ranks hang on choices."""
    own = tables["coupling"].query("variant == ''")
    means, degree = own.groupby("year")["coordination_degree"].mean(), own["coordination_degree"]
    first, last = means.index[0], means.index[-1]
    return (
        f"{study.id}: coordination degree D {means[first]:.3f} in {first}, {means[last]:.3f} in {last}, from "
        f"{degree.min():.3f} to {degree.max():.3f} (a generated outcome; with indicators and weights drawn anew, ranks "
        f"of half of the places span {_span(tables['coordination_rank']):.0f} or more)"
    )


def _span(ranks: "pd.DataFrame") -> float:
    """Median length of the intervals of the last year's ranks, indicators and weights drawn anew."""
    rows = ranks[(ranks["variant"] == variant_of({"resampled": "both"})) & (ranks["year"] == ranks["year"].max())]
    return float((rows["rank_high"] - rows["rank_low"]).median())


def _own(seen: Seen) -> "pd.DataFrame":
    rows = seen.rows("coupling")
    return rows[rows["variant"] == ""] if len(rows) else rows


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """D by place and year, and levels with a reading; none without rows."""
    from models_py.parts.coupling.tables import degree_table, reading_table

    rows = _own(seen)
    if len(rows):
        yield degree_table(rows, options, seen.panel, seen.synthetic)
        yield reading_table(rows, options, seen.panel, seen.synthetic)


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """What `tables` may yield."""
    number = Text(en=f"{options.table_no}. {TITLE.en}", zh=f"{chinese_number(options.table_no)}  {TITLE.zh}")
    return [(stem_of(options.table_no), number), (READING, READING_TITLE)]


def maps(seen: Seen, options: Options) -> Iterator[Picture]:
    """First, middle and last year, on tiles and on the user's polygons if there are any; of provinces only."""
    from models_py.parts.coupling.figure_map import coordination_map, mappable
    from models_py.parts.coupling.texts import shown_years

    rows = _own(seen)
    if not len(rows) or not mappable(seen.panel):
        return
    polygons = None if seen.boundary is None or seen.boundary.empty else seen.boundary
    for year in shown_years(rows):
        for boundary, end in ((None, ""), (polygons, "_map")):
            if boundary is None and end:
                continue
            drawn = coordination_map(rows, year, options.classes, options.levels, seen.panel, seen.data_kind, boundary)
            yield Picture(f"{MAP}_{year}{end}", drawn.title, drawn)


def ranks(seen: Seen, options: Options) -> Iterator[Picture]:
    """Ranks of the last year; none without rows."""
    from models_py.parts.coupling.figure_ranks import rank_figure

    rows = seen.rows("coordination_rank")
    if len(rows):
        drawn = rank_figure(rows, seen.panel, seen.data_kind)
        yield Picture(RANKS, drawn.title, drawn)


PART = Part(
    summary=Text(
        en="Coupling and coordination of two systems: degrees, levels and maps; D is a generated outcome",
        zh="两个系统的耦合度与协调度：数值、等级与地图；协调度D为生成变量",
    ),
    needs=("system_index", "figures"),
    makes=("coupling", "coordination_rank"),
    whole=("coupling", "coordination_rank"),
    offers=("coupling",),
    consults=("entropy_index",),
    compute=compute,
    headline=headline,
    says=says,
    shows=(
        Show("coordination", "table", TITLE, tables, titles=table_titles),
        Show(MAP, "figure", MAP_TITLE, maps, needs=("boundary",)),
        Show(RANKS, "figure", RANKS_TITLE, ranks),
    ),
)
