"""The published tables of inequality, from slices: measures, groups, change, curves, places.

Belongs here: rows. Does not belong here: formulas (models_py/inequality), what a slice holds (slices.py).
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts.inequality import AREA, POPULATION, Options
from models_py.inequality import gini, gini_change, lorenz_crossings, lorenz_curve, theil, theil_by_group
from models_py.inequality.intervals import draws_of, intervals
from models_py.inequality.measures import Formula, atkinson_formula, concentration_formula, gini_formula, theil_formula
from models_py.inequality.places import agglomeration, resource_density
from models_py.panel import ENTITY, Panel
from models_py.parts.frame import Tables
from models_py.parts.inequality.slices import Slice, slices_of
from models_py.parts.rows import as_table, note, of_entities, together

Row = dict[str, Any]
_INTERVALS = Text(
    en="Intervals show how much the figure hangs on which units are in it; where these are all there are, they are no "
    "sampling error.",
    zh="区间反映数值对单位构成的依赖；若单位已是全部，则并非抽样误差。",
)
_NOT_IN_EVERY_DRAW = Text(
    en="So few units have any that some draws, or all units but one, hold none: no interval.",
    zh="拥有该资源的单位过少，部分抽样或去一样本中无资源，故不给出区间。",
)
_NO_SPREAD = Text(en="Two units leave no spread for an interval.", zh="仅两个单位，无法给出区间。")


def inequality_tables(figures: pd.DataFrame, options: Options, panel: Panel, study: str) -> Tables:
    """All tables of the part. `figures`: entity_code, year and the options' indicators in canonical units.

    Raises InequalityError and PanelError as `slices_of`.
    """
    slices = list(slices_of(figures, options, panel))
    series: dict[tuple[str, str], list[Slice]] = {}
    for one in slices:
        series.setdefault((one.resource, one.basis), []).append(one)
    measures: list[Row] = []
    changes: list[Row] = []
    for years in series.values():
        first = next((one for one in years if one.lacking is None), None)
        for one in years:
            measures += _measures(one, options)
            if first is not None and one.year > first.year:
                measures += _since(one, first, options)
                changes += _contributions(one, first)
    rows = {
        "inequality": [_headline(one) for one in slices],
        "inequality_measure": measures,
        "inequality_group": [row for one in slices for row in _groups(one, options)],
        "lorenz": [row for one in slices for row in _curve(one)],
    }
    made = {name: as_table([{"study": study, **row} for row in rows[name]], name) for name in rows}
    of_units = {"inequality_contribution": changes, "inequality_place": _places(slices, options)}
    for name, found in of_units.items():
        made[name] = of_entities(
            pd.DataFrame(found, columns=None if found else [ENTITY]).assign(study=study), name, panel
        )
    return made


def _headline(one: Slice) -> Row:
    """Gini and Theil's L with its parts, in natural logarithms."""
    row: Row = {**one.key, "n": len(one.units), "dropped": len(one.dropped)}
    if one.lacking is None:
        row["gini"] = gini(one.units["resource"], one.units["basis"])
        if one.without is None:
            parts = theil(one.units["resource"], one.units["basis"], one.units["group"])
            row |= {"theil": parts["total"], "theil_within": parts["within"], "theil_between": parts["between"]}
    return row | _noted([one.left_out, one.lacking or one.without])


def _measures(one: Slice, options: Options) -> Iterator[Row]:
    """Every measure with its intervals."""
    if one.lacking is not None:
        return
    for name, base, formula in _formulas(one, options):
        row = {**one.key, "measure": name, "log_base": base}
        yield row | (_noted([formula]) if isinstance(formula, Text) else _interval(formula, len(one.units), options))


def _formulas(one: Slice, options: Options) -> Iterator[tuple[str, str, Formula | Text]]:
    """Name of a measure, base of its logarithm, and its formula, or why it is not defined."""
    held, log = one.shares, options.theil.log
    yield "gini", "", gini_formula(held)
    yield "theil_l", log, one.without or theil_formula(held, "L", log)
    yield "theil_t", log, theil_formula(held, "T", log)
    for aversion in options.atkinson:
        yield f"atkinson_{aversion:g}", "", atkinson_formula(held, aversion)
    if options.ranked_by:
        yield "concentration", "", one.unranked or concentration_formula(held, one.units["ranked_by"].to_numpy())


def _since(one: Slice, first: Slice, options: Options) -> Iterator[Row]:
    """How Gini and curve differ from those of the first year; said, where the units are others."""
    if one.lacking is not None:
        return
    row = {**one.key, "log_base": "", "since": first.year}
    if not one.units.index.equals(first.units.index):
        yield row | {"measure": "gini_change"} | _noted([_other_units(first.year)])
        return
    before, after = gini_formula(first.shares), gini_formula(one.shares)
    change = _interval(lambda times: after(times) - before(times), len(one.units), options)
    yield row | {"measure": "gini_change"} | change
    yield row | {"measure": "lorenz_crossings"} | _crossings(first, one)


def _contributions(one: Slice, first: Slice) -> list[Row]:
    """Each unit's share of the change of the Gini since the first year; none where the units are others."""
    if one.lacking is not None or not one.units.index.equals(first.units.index):
        return []
    found = gini_change(first.shares, one.shares).by_unit.rename(columns={"unit": ENTITY})
    causes = {name: f"from_{name}" for name in ("reranking", "basis", "resource")}
    found = found.rename(columns=causes)
    total = found[list(causes.values())].sum(axis=1)
    return found.assign(since=first.year, total=total, **one.key).pipe(_records)


def _groups(one: Slice, options: Options) -> list[Row]:
    """The parts of the Theil index in the study's form; none where it is not defined, as table inequality says."""
    form, log = options.theil.form, options.theil.log
    if one.lacking is not None or (form == "L" and one.without is not None):
        return []
    parts = (one.units[name] for name in ("resource", "basis", "group"))
    found = theil_by_group(*parts, index=form, base=log).reset_index()
    total = float(found["within"].sum() + found["between"].sum())
    rate = {name: found[name] / total if total > 0 else np.nan for name in ("within", "between")}
    found = found.assign(within_share=rate["within"], between_share=rate["between"], form=form, log_base=log, **one.key)
    return found.rename(columns={"group": "group_name"}).pipe(_records)


def _curve(one: Slice) -> list[Row]:
    if one.lacking is not None:
        return []
    points = lorenz_curve(one.units["resource"], one.units["basis"]).rename(columns={"unit": ENTITY})
    return points.astype({ENTITY: "object"}).assign(**one.key).pipe(_records)


def _crossings(first: Slice, one: Slice) -> Row:
    before, after = (lorenz_curve(part.units["resource"], part.units["basis"]) for part in (first, one))
    found = lorenz_crossings(before, after)
    at = ", ".join(f"{share:.0%}" for share in found)
    text = Text(
        en=f"Crosses the curve of {first.year} at {at} of the basis: which year is more equal depends on the measure.",
        zh=f"与{first.year}年曲线相交于基数的{at}处：何年更均等取决于所用指标。",
    )
    return {"value": float(len(found))} | _noted([text] if found else [])


def _places(slices: Sequence[Slice], options: Options) -> list[Row]:
    """HRAD, PAD and HRDI of each unit and resource; they need people and land."""
    if not {POPULATION, AREA} <= set(options.basis):
        return []
    held = {(one.resource, one.basis, one.year): one.units for one in slices}
    registry, rows = load_registry(), []
    for resource, year in dict.fromkeys((one.resource, one.year) for one in slices):
        people, land = (held[resource, name, year] for name in (POPULATION, AREA))
        both = people.join(land["basis"].rename("area"), how="inner")
        persons = both["basis"] / float(registry.conversion("人", options.basis[POPULATION]))
        area = both["area"] / float(registry.conversion("平方公里", options.basis[AREA]))
        made = {
            "per_1000": both["resource"] / persons * 1000,
            "per_km2": both["resource"] / area,
            "hrad": agglomeration(both["resource"], area),
            "pad": agglomeration(persons, area),
            "hrdi": resource_density(both["resource"], persons, area),
        }
        found = pd.DataFrame(made).rename_axis(ENTITY).reset_index()
        rows += found.assign(resource=resource, year=year).pipe(_records)
    return rows


@cache
def _draws(n: int, draws: int, seed: int) -> np.ndarray:
    """The same draws of units for every measure, so that measures can be compared."""
    return draws_of(n, draws, seed)


def _interval(of: Formula, n: int, options: Options) -> Row:
    """A value with its intervals; two units leave no spread, so there is the value alone."""
    if n < 3:
        return {"value": float(of(np.ones(n)))} | _noted([_NO_SPREAD])
    found = dataclasses.asdict(intervals(of, _draws(n, options.draws, options.seed), options.level))
    said = _NOT_IN_EVERY_DRAW if any(math.isnan(end) for end in found.values()) else _INTERVALS
    return found | {"level": options.level, "draws": options.draws, "seed": options.seed} | _noted([said])


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _other_units(year: int) -> Text:
    return Text(en=f"Not the units of {year}, so no change is given.", zh=f"单位与{year}年不同，故不给出变化。")


def _noted(texts: Sequence[Text | None]) -> Row:
    said = together(text for text in texts if text is not None)
    return {**note(said.en, said.zh)}
