"""Use, capacity and equipment by type of facility, and the gaps between types and places.

`figures`: province_code, year, facility_type and a column for each measure, as read. `rules`: which types add up to
which, in the order of `step`. `divisions`: what each type is a share of. `pairs`: types whose gap is sought.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

PLACE = ["province_code", "year"]
# Visits are in 10,000.
UNIT = 10_000
Known = dict[tuple[str, str], pd.Series]


def compute(data: Mapping[str, pd.DataFrame], lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Every number of every type, place and year."""
    figures = with_nation(data["figures"], lists).set_index([*PLACE, "facility_type"])
    wide = figures.unstack("facility_type")
    kinds = sorted({*data["divisions"]["facility_type"], *data["rules"]["facility_type"]})
    measures = [*lists["counts"], "bed_occupancy"]
    absent = pd.Series(float("nan"), index=wide.index)
    known = {(name, kind): wide.get((name, kind), absent) for name in measures for kind in kinds}
    reported = pd.DataFrame(
        {kind: pd.DataFrame({name: known[name, kind] for name in measures}).notna().any(axis=1) for kind in kinds}
    )
    for _, rule in data["rules"].groupby("step"):
        add(known, rule, reported, lists["counts"])
    found: Known = {}
    for kind, whole in data["divisions"][["facility_type", "whole"]].itertuples(index=False):
        found |= ratios(known, kind, whole, lists)
    for high, low in data["pairs"][["facility_type", "low_type"]].itertuples(index=False):
        found |= gaps(found, high, low, lists["nation"][0])
    rows = pd.concat(found, names=["measure", "facility_type"]).rename("value").reset_index()
    return rows[[*PLACE, "facility_type", "measure", "value"]]


def with_nation(figures: pd.DataFrame, lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The figures, and counts of the nation that only the provinces have: their sum, if each has one."""
    keys, nation = [*PLACE, "facility_type"], lists["nation"][0]
    provinces = figures[figures["province_code"] != nation]
    sums = provinces.groupby(keys[1:])[list(lists["counts"])].sum(min_count=lists["provinces"][0])
    sums = sums.reset_index().assign(province_code=nation)
    return figures.set_index(keys).combine_first(sums.set_index(keys)).reset_index()


def add(known: Known, rule: pd.DataFrame, reported: pd.DataFrame, counts: Sequence[str]) -> None:
    """One type from others, where it has no figure of its own and all of them have one."""
    target = rule["target"].iloc[0]
    left_out = ~reported[list(rule["facility_type"])] & (rule["may_lack"] == 1).to_numpy()
    bedded = rule[rule["bedless"] == 0]

    def total(values: Known) -> pd.Series:
        parts = pd.DataFrame({part: series for (_, part), series in values.items()})
        return parts.mask(left_out[list(parts)], 0.0).sum(axis=1, skipna=False).where(~left_out.all(axis=1))

    made = {}
    for name in counts:
        parts = bedded if name == "beds" else rule
        weights = parts[["facility_type", "weight"]].itertuples(index=False)
        made[name] = total({(name, part): weight * known[name, part] for part, weight in weights}).clip(lower=0)
    if (rule["weight"] > 0).all():
        beds = {("beds", part): known["beds", part] for part in bedded["facility_type"]}
        used = {(name, part): series * known["bed_occupancy", part] for (name, part), series in beds.items()}
        made["bed_occupancy"] = over(total(used), total(beds))
    for name, series in made.items():
        known[name, target] = known[name, target].fillna(series)


def ratios(known: Known, kind: str, whole: str, lists: Mapping[str, Sequence[Any]]) -> Known:
    """Measures of a type, its shares of a whole, and its visits beside its capacity."""
    row = {name: known[name, kind] for name in (*lists["counts"], "bed_occupancy")}
    shares = {f"{name.removesuffix('s')}_share": over(row[name], known[name, whole]) for name in lists["counts"]}
    single = row["visits"] * UNIT
    per = {f"visits_per_{name[:-1]}": over(single, row[name]) for name in ("institutions", "beds", "physicians")}
    capacity = lists["capacity"][0].removesuffix("s")
    quotient = over(shares["visit_share"], shares[f"{capacity}_share"])
    return {(name, kind): series for name, series in {**row, **shares, **per, "utilisation_quotient": quotient}.items()}


def gaps(found: Known, high: str, low: str, nation: int) -> Known:
    """Gaps in percentage points, and those of each place less the nation's of the same year."""
    made: Known = {}
    for measure, unit in (("bed_occupancy", 1), ("visit_share", 100)):
        above, below = found[measure, high] * unit, found[measure, low] * unit
        gap = above - below
        years = gap.index.get_level_values("year")
        national = gap[gap.index.get_level_values("province_code") == nation].droplevel("province_code")
        other = pd.Series(national.reindex(years).to_numpy(), index=gap.index)
        for name, sides in {"": (above, below), "h2b_": (gap, other)}.items():
            values = {"high": sides[0], "low": sides[1], "gap": sides[0] - sides[1]}
            made |= {(f"{name}{side}_{measure}", high): series for side, series in values.items()}
    return made


def over(above: pd.Series, below: pd.Series) -> pd.Series:
    """A ratio; none where the denominator is zero."""
    return above / below.where(below != 0)
