"""Kernel densities of variables between 0 and 1 as a part: by year, nation and regions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.labels import variable_label
from catalog.parts.density import Options
from models_py.figures.show import Picture
from models_py.parts.density.titles import PEAKS, PEAKS_TITLE, RIDGES, RIDGES_TITLE
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("density_estimate", "density_summary")


def compute(work: Work) -> Tables:
    """Tables density_estimate and density_summary."""
    from models_py.parts.density.estimated import density_tables
    from models_py.parts.regressions.variables import prepare_variables

    values = prepare_variables(work.tables["figures"], work.offered, work.study, work.panel)
    return density_tables(values, work.options, work.panel, work.study.id)


def table(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The table of peaks; none without rows."""
    from models_py.parts.density.table import peaks_table

    rows = seen.rows("density_summary")
    if len(rows) and rows["peak_height"].notna().any():
        yield peaks_table(rows, {name: variable_label(seen.study, name) for name in options.variables}, seen.synthetic)


def ridges(seen: Seen, options: Options) -> Iterator[Picture]:
    """Ridgelines of each variable that has a density."""
    from models_py.parts.density.figure_ridges import ridgelines

    curves, summary = seen.rows("density_estimate"), seen.rows("density_summary")
    for variable in options.variables if len(curves) else ():
        own, peaks = (rows[rows["variable"] == variable] for rows in (curves, summary))
        if len(own):
            drawn = ridgelines(own, peaks, variable_label(seen.study, variable), seen.data_kind)
            yield Picture(f"{RIDGES}_{variable}", drawn.title, drawn)


PART = Part(
    summary=Text(
        en="Kernel densities of variables between 0 and 1, by year, for the nation and each region",
        zh="取值0至1变量的核密度（逐年，全国与各地区）",
    ),
    needs=("figures", VARIABLES),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    shows=(
        Show(PEAKS, "table", PEAKS_TITLE, table),
        Show(RIDGES, "figure", RIDGES_TITLE, ridges),
    ),
)
