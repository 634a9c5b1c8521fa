"""What must hold of the figures of one indicator in `observation`: range, unit, change, rank and sum.

Belongs here: those checks, made from the registry alone; an indicator no file carries has checks that find nothing to
object to. Does not belong here: the columns they read (observation_columns.py), and checks of any row
(observation.py).
"""

from __future__ import annotations

from catalog.base import Text
from catalog.indicators import Indicator, load_registry
from expectations.builders import Build, between, in_set
from expectations.observation_columns import FITS
from expectations.plausibility import city_jump_factor, jump_factor, sum_tolerance, units_of
from expectations.suite import Check, Severity

TABLE = "observation"
_RANK_PLACES = 15


def indicator_checks(indicator: Indicator) -> list[Check]:
    """All checks of one indicator's figures, those of cities last."""
    name, (low, high), label = indicator.id, indicator.range, indicator.label
    factor, tolerance, unit = jump_factor(indicator), sum_tolerance(indicator), load_registry().units[indicator.unit]
    bounds = f"{low:,.12g}", f"{high:,.12g}"
    found = [
        check(
            f"range_{name}",
            "critical",
            f"{label.en}: {bounds[0]} to {bounds[1]} {unit.en} in every province",
            f"{label.zh}：各省均在{bounds[0]}至{bounds[1]}{indicator.unit}之间",
            between(f"value__{name}", low, high),
        )
    ]
    units = load_registry().units
    # 件 and 个 are names for one size, so no figure could tell them apart.
    if len({units[symbol].factor for symbol in units_of(indicator)}) > 1:
        found.append(
            check(
                f"unit_{name}",
                "warning",
                f"{label.en}: no other catalogued unit explains the median of a table better than the declared one",
                f"{label.zh}：以声明的单位解释各表中位数，优于其他登记单位",
                in_set(f"unit__{name}", [FITS]),
            )
        )
    found += [
        check(
            f"jump_{name}",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本相邻年份变动不超过{factor:g}倍",
            between(f"jump__{name}", None, factor),
        ),
        check(
            f"rank_{name}",
            "warning",
            f"{label.en}: a province's rank moves by at most {_RANK_PLACES} places from one year to the next",
            f"{label.zh}：相邻年份各省位次变动不超过{_RANK_PLACES}位",
            between(f"rank__{name}", None, _RANK_PLACES),
        ),
    ]
    if tolerance is not None:
        found.append(
            check(
                f"sum_{name}",
                "warning",
                f"{label.en}: the provinces' sum is within {tolerance:.0%} of the national figure of the same file",
                f"{label.zh}：各省合计与同一文件的全国数相差不超过{tolerance:.0%}",
                between(f"sum__{name}", -tolerance, tolerance),
            )
        )
    return found + _city_checks(indicator)


def _city_checks(indicator: Indicator) -> list[Check]:
    """None without a range for cities. Ranks are not held still: among 300 cities they change places by the dozen."""
    if indicator.city_range is None:
        return []
    name, (low, high), label = indicator.id, indicator.city_range, indicator.label
    factor, tolerance, unit = (
        city_jump_factor(indicator),
        sum_tolerance(indicator),
        load_registry().units[indicator.unit],
    )
    bounds = f"{low:,.12g}", f"{high:,.12g}"
    found = [
        check(
            f"city_range_{name}",
            "critical",
            f"{label.en}: {bounds[0]} to {bounds[1]} {unit.en} in every prefecture-level unit",
            f"{label.zh}：各地级单位均在{bounds[0]}至{bounds[1]}{indicator.unit}之间",
            between(f"city_value__{name}", low, high),
        ),
        check(
            f"city_jump_{name}",
            "warning",
            f"{label.en}: a city changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本各地级单位相邻年份变动不超过{factor:g}倍",
            between(f"city_jump__{name}", None, factor),
        ),
    ]
    if tolerance is not None:
        found.append(
            check(
                f"city_sum_{name}",
                "warning",
                f"{label.en}: a province's cities together exceed the province's figure by at most {tolerance:.0%}",
                f"{label.zh}：一省各地级单位合计超出该省数值不多于{tolerance:.0%}",
                between(f"city_sum__{name}", None, tolerance),
            )
        )
    return found


def check(name: str, severity: Severity, en: str, zh: str, build: Build) -> Check:
    """A check of the table."""
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
