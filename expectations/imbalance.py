"""What must hold for `imbalance`: types of one division do not overlap, so shares add up and no part exceeds its whole.

Belongs here: the checks of that table. Does not belong here: computing it (models_py/parts/imbalance).
"""

from catalog.facilities import Facilities
from catalog.indicators import load_registry
from catalog.parts.imbalance import COUNTS, HIGH, NEITHER, PRIMARY
from catalog.studies import Study
from expectations import Frame, Series
from expectations.builders import Build, between
from expectations.suite import Check, checks_of, key_unique, of_study, years_of_study

TABLE = "imbalance"
# Data without any figure by type of facility are conceivable.
MAY_BE_EMPTY = True
SHARES = ("visit_share", "institution_share", "bed_share", "physician_share")
_check = checks_of(TABLE)
_PLACE = ["scope", "year"]
# Yearbooks round, so that parts may miss or exceed their whole by this share of it.
_ROUNDING = 0.002
# Beds beyond those approved are in use too.
_FULL, _MOST_OCCUPIED = 100, 150


def divisions(facilities: Facilities) -> dict[str, tuple[str, ...]]:
    """The types each division consists of; written from the registry, apart from the code that is judged by it."""
    own = {str(kind.parts): facilities.parts_of(name) for name, kind in facilities.types.items() if kind.parts}
    return {"all": (facilities.all,), **own, "paper": (HIGH, PRIMARY, NEITHER)}


def prepare(df: Frame, study: Study) -> Frame:
    """The rows of `study` with the columns the checks read. Pure; other studies' rows are left out.

    Adds misplaced (1 where the type is none of its division, else 0), total__<share> (sum of the shares of the row's
    division, NULL where one of its types has none) and tiers__<count> (high tier and primary care together, divided by
    all institutions; NULL where one is not known). Raises KeyError for an absent column.
    """
    rows, known = df[df["study"] == study.id], divisions(load_registry().facilities)
    groups, sizes = (
        rows.groupby([*_PLACE, "split"]),
        rows["split"].map({name: len(kinds) for name, kinds in known.items()}),
    )
    pairs = zip(rows["split"], rows["facility_type"], strict=True)
    added = {
        f"total__{name}": groups[name].transform("sum").where(groups[name].transform("count") >= sizes)
        for name in SHARES
    }
    return rows.assign(
        misplaced=[int(kind not in known.get(split, ())) for split, kind in pairs],
        **added,
        **{f"tiers__{name}": _tiers(rows, name) for name in COUNTS},
    )


def _tiers(rows: Frame, name: str) -> Series:
    """High tier and primary care together as a share of all institutions, in every row of the place."""
    wide = rows.pivot_table(index=_PLACE, columns="facility_type", values=name, aggfunc="first")
    wide = wide.reindex(columns=[HIGH, PRIMARY, "all"])
    together = (wide[HIGH] + wide[PRIMARY]) / wide["all"]
    return together.reindex(rows.set_index(_PLACE).index).set_axis(rows.index)


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            key_unique(TABLE, "A place, year and type have one row", "同一地区、年份与机构类型仅一行"),
            years_of_study(TABLE, study),
            _check(
                "types_disjoint",
                "critical",
                "Every type belongs to the division it stands in, whose types do not overlap",
                "机构类型均属所在划分，划分内互不重叠",
                between("misplaced", None, 0),
            ),
            *(_total(name) for name in SHARES),
            *(_share(name) for name in SHARES),
            *(_within(name) for name in COUNTS),
            _check(
                "occupancy_possible",
                "critical",
                f"Bed occupancy lies between 0 and {_MOST_OCCUPIED} %",
                f"病床使用率在0至{_MOST_OCCUPIED}%之间",
                between("bed_occupancy", 0, _MOST_OCCUPIED),
            ),
            _check(
                "occupancy_full",
                "warning",
                f"Bed occupancy is at most {_FULL} %: above, beds beyond those approved are in use",
                f"病床使用率不超过{_FULL}%；超过者存在加床",
                between("bed_occupancy", None, _FULL),
            ),
        ],
    )


def _total(name: str) -> Check:
    whole: Build = between(f"total__{name}", 1 - _ROUNDING, 1 + _ROUNDING)
    return _check(
        "sum", "critical", f"{name} adds up to 1 in each division", f"{name}在各划分内合计为1", whole, of=name
    )


def _share(name: str) -> Check:
    return _check(
        "range",
        "critical",
        f"{name} lies between 0 and 1",
        f"{name}在0至1之间",
        between(name, 0, 1 + _ROUNDING),
        of=name,
    )


def _within(name: str) -> Check:
    return _check(
        "tiers",
        "critical",
        f"High tier and primary care together have no more {name} than all institutions",
        f"高等级与基层合计不超过全部机构（{name}）",
        between(f"tiers__{name}", None, 1 + _ROUNDING),
        of=name,
    )
