"""What must hold of the figures of one indicator in `observation`: range, unit, change, rank and sum.

Belongs here: those checks, made from the registry alone; an indicator no file carries has checks that find nothing to
object to. Does not belong here: the columns they read (observation_columns.py), and checks of any row
(observation.py).
"""

from catalog.indicators import Indicator
from expectations.builders import between, in_set
from expectations.declarations import checks_of, in_words
from expectations.observation_columns import FITS
from expectations.plausibility import city_jump_factor, jump_factor, sum_tolerance, units_differ
from expectations.suite import Check

TABLE = "observation"
_RANK_PLACES = 15
_check = checks_of(TABLE)


def indicator_checks(indicator: Indicator) -> list[Check]:
    """All checks of one indicator's figures, those of cities last."""
    name, label, factor = indicator.id, indicator.label, jump_factor(indicator)
    words, tolerance = in_words(indicator.range, indicator), sum_tolerance(indicator)
    found = [
        _check(
            f"range_{name}",
            "critical",
            f"{label.en}: {words.en} in every province",
            f"{label.zh}：各省均在{words.zh}之间",
            between("value__", *indicator.range, indicator=name),
        )
    ]
    if units_differ(indicator):
        found.append(
            _check(
                f"unit_{name}",
                "warning",
                f"{label.en}: no other catalogued unit explains the median of a table better than the declared one",
                f"{label.zh}：以声明的单位解释各表中位数，优于其他登记单位",
                in_set("unit__", [FITS], indicator=name),
            )
        )
    found += [
        _check(
            f"jump_{name}",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本相邻年份变动不超过{factor:g}倍",
            between("jump__", None, factor, indicator=name),
        ),
        _check(
            f"rank_{name}",
            "warning",
            f"{label.en}: a province's rank moves by at most {_RANK_PLACES} places from one year to the next",
            f"{label.zh}：相邻年份各省位次变动不超过{_RANK_PLACES}位",
            between("rank__", None, _RANK_PLACES, indicator=name),
        ),
    ]
    if tolerance is not None:
        found.append(
            _check(
                f"sum_{name}",
                "warning",
                f"{label.en}: the provinces' sum is within {tolerance:.0%} of the national figure of the same file",
                f"{label.zh}：各省合计与同一文件的全国数相差不超过{tolerance:.0%}",
                between("sum__", -tolerance, tolerance, indicator=name),
            )
        )
    return found if indicator.city_range is None else found + _city_checks(indicator, indicator.city_range)


def _city_checks(indicator: Indicator, bounds: tuple[float, float]) -> list[Check]:
    """Ranks are not held still: among 300 cities they change places by the dozen."""
    name, label, factor = indicator.id, indicator.label, city_jump_factor(indicator)
    words, tolerance = in_words(bounds, indicator), sum_tolerance(indicator)
    found = [
        _check(
            f"city_range_{name}",
            "critical",
            f"{label.en}: {words.en} in every prefecture-level unit",
            f"{label.zh}：各地级单位均在{words.zh}之间",
            between("city_value__", *bounds, indicator=name),
        ),
        _check(
            f"city_jump_{name}",
            "warning",
            f"{label.en}: a city changes from one year to the next by a factor of at most {factor:g}, within a vintage",
            f"{label.zh}：同一版本各地级单位相邻年份变动不超过{factor:g}倍",
            between("city_jump__", None, factor, indicator=name),
        ),
    ]
    if tolerance is not None:
        found.append(
            _check(
                f"city_sum_{name}",
                "warning",
                f"{label.en}: a province's cities together exceed the province's figure by at most {tolerance:.0%}",
                f"{label.zh}：一省各地级单位合计超出该省数值不多于{tolerance:.0%}",
                between("city_sum__", None, tolerance, indicator=name),
            )
        )
    return found
