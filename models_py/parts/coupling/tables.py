"""The printed tables of coordination: every place and year, and levels with a reading.

Belongs here: their rows and notes. Does not belong here: words (texts.py), computing (coordination.py).
"""

from collections.abc import Iterable

import pandas as pd

from catalog.base import Text
from catalog.parts.coupling import Options
from models_py.figures.names import number_of, stem_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number
from models_py.panel import ENTITY, Panel
from models_py.parts.coupling.texts import (
    GENERATED,
    REGION,
    formula_note,
    gaps,
    levels_in_words,
    levels_note,
    moved,
    places_in_words,
    shown_years,
)
from models_py.parts.coupling.titles import READING, READING_TITLE, TITLE

_MEAN = Text(en="mean", zh="均值")
_NATION = Text(en="All: mean", zh="全部均值")


def degree_table(coupling: pd.DataFrame, options: Options, panel: Panel, synthetic: bool) -> ReportTable:
    """D of every place in every year, by region, with the means of regions and of all.

    `coupling`: rows of table coupling of one study and one variant.
    """
    wide = coupling.pivot(index=ENTITY, columns="year", values="coordination_degree")
    body = []
    regions = dict.fromkeys(panel.by_code[code].region for code in panel.by_region)
    for block, region in enumerate(regions):
        codes = [code for code in panel.by_region if panel.by_code[code].region == region and code in wide.index]
        body += [
            Row(panel.by_code[code].name, _numbers(wide.loc[code].to_numpy(dtype="float64")), block) for code in codes
        ]
        if region in REGION and codes:
            name = REGION[region]
            label = Text(en=f"{name.en}: {_MEAN.en}", zh=f"{name.zh}{_MEAN.zh}")
            body.append(Row(label, _numbers(wide.loc[codes].mean()), block))
    body.append(Row(_NATION, _numbers(wide.mean()), len(regions)))
    return ReportTable(
        stem_of(options.table_no),
        TITLE,
        (tuple(str(year) for year in wide.columns),),
        tuple(body),
        (formula_note(options.form), GENERATED),
        synthetic,
        number=number_of(options.table_no),
    )


def reading_table(coupling: pd.DataFrame, options: Options, panel: Panel, synthetic: bool) -> ReportTable:
    """First, middle and last year: mean, ends, levels; and how places moved between them.

    `coupling`: rows of table coupling of one study and one variant.
    """
    years = shown_years(coupling)
    region = {entity.code: entity.region for entity in panel.entities}
    of = {year: coupling[coupling["year"] == year] for year in years}
    body = []
    for year, rows in of.items():
        ranked = rows.sort_values(["coordination_degree", ENTITY], ascending=[False, True])
        means = gaps(rows.assign(region=rows[ENTITY].map(region)))
        by_region = Text(
            en=", ".join(f"{REGION[name].en} {number(mean)}" for name, mean in means),
            zh="、".join(f"{REGION[name].zh}{number(mean)}" for name, mean in means),
        )
        cells: tuple[Cell, ...] = (
            number(float(rows["coordination_degree"].mean())),
            by_region if means else NOTHING,
            places_in_words(ranked, panel),
            places_in_words(ranked[::-1], panel),
            levels_in_words(rows, options.levels),
        )
        body.append(Row(str(year), cells))
    header = (
        Text(zh="D均值", en="Mean of D"),
        Text(zh="各地区均值", en="Mean by region"),
        Text(zh="最高", en="Highest"),
        Text(zh="最低", en="Lowest"),
        Text(zh="等级分布", en="Places by level"),
    )
    change = [moved(of[years[0]], of[years[-1]], options.levels, panel)] if len(years) > 1 else []
    notes = (*change, levels_note(options.levels), GENERATED)
    return ReportTable(READING, READING_TITLE, (header,), tuple(body), notes, synthetic, text_columns=(1, 2, 3, 4))


def _numbers(values: Iterable[float]) -> tuple[str, ...]:
    return tuple(number(float(value)) for value in values)
