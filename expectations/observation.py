"""What must hold of `observation`: known places and units, figures of a plausible size, the text they came from.

Belongs here: the checks that hold of any row, and those of one indicator's figures (range, unit, change, rank and sum),
made from the registry alone; an indicator no file carries has checks that find nothing to object to.
Does not belong here: plausible ranges (catalog/indicators.yaml), the columns checks read (observation_columns.py),
relationships with other tables (dbt tests them) and how checks are run (suite.py).
"""

from catalog.indicators import Indicator, load_registry
from catalog.provinces import NATION_CODE
from expectations.builders import between, equal, in_set, is_null
from expectations.observation_columns import FITS, REQUIRED, level_of_code, prepare
from expectations.plausibility import city_jump_factor, jump_factor, sum_tolerance, units_differ
from expectations.suite import Check, checks_of, in_words, indicators_known, key_unique, required_complete, values_known

__all__ = ["STATUSES", "TABLE", "checks", "level_of_code", "prepare"]
TABLE = "observation"
STATUSES = ("reported", "corrected", "interpolated", "carried")
# Places a province may move in rank from one year to the next.
_RANK_PLACES = 15
_check = checks_of(TABLE)
_OF_ANY_ROW = (
    required_complete(TABLE, REQUIRED),
    key_unique(
        TABLE,
        "A place, year, indicator, vintage and file stand in one row only",
        "同一地区、年份、指标、版本与文件仅一行",
    ),
    values_known(TABLE, "statuses_known", ("status", "状态"), "status", STATUSES),
    _check(
        "entity_codes_known",
        "critical",
        f"Every code is {NATION_CODE} for the nation, or lies in a catalogued province",
        f"行政区划代码为全国（{NATION_CODE}）或属于登记的省份",
        is_null("unknown_code"),
    ),
    _check(
        "entity_levels_agree",
        "critical",
        "Every level (nation, province, city, county) is the one its code stands for",
        "行政级别与行政区划代码一致",
        equal("entity_level", "level_of_code"),
    ),
    indicators_known(TABLE),
    _check(
        "units_canonical",
        "critical",
        "Every unit is the canonical unit of its indicator",
        "单位均为指标的统一单位",
        equal("unit", "canonical_unit"),
    ),
    _check(
        "raw_units_measure",
        "critical",
        "Every unit the figure was read in measures the indicator's quantity",
        "原始单位均可换算为指标的统一单位",
        is_null("raw_unit_misfit"),
    ),
    _check(
        "raw_of_reported",
        "critical",
        "Every reported value carries the text of its cell",
        "报告值均附单元格原文",
        between("raw_missing_reported", 0, 0),
    ),
    _check(
        "raw_of_corrected",
        "critical",
        "Every corrected value carries the text it replaces; empty when the cell was empty, never NULL",
        "更正值均附被替换的原文；原单元格为空时为空文本，不得缺失",
        between("raw_missing_corrected", 0, 0),
    ),
)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    of_indicators = (item for indicator in load_registry().reported for item in _indicator_checks(indicator))
    return (*_OF_ANY_ROW, *of_indicators)


def _indicator_checks(indicator: Indicator) -> list[Check]:
    """All checks of one indicator's figures, those of cities last."""
    name, label, factor, of_cities = indicator.id, indicator.label, jump_factor(indicator), indicator.city_range
    words, tolerance = in_words(indicator.range, indicator), sum_tolerance(indicator)
    of_unit = _check(
        f"unit_{name}",
        "warning",
        f"{label.en}: no other catalogued unit explains the median of a table better than the declared one",
        f"{label.zh}：以声明的单位解释各表中位数，优于其他登记单位",
        in_set("unit__", [FITS], indicator=name),
    )
    return [
        _check(
            f"range_{name}",
            "critical",
            f"{label.en}: {words.en} in every province",
            f"{label.zh}：各省均在{words.zh}之间",
            between("value__", *indicator.range, indicator=name),
        ),
        *([of_unit] if units_differ(indicator) else []),
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
        *([] if tolerance is None else [_sum_check(indicator, tolerance)]),
        *([] if of_cities is None else _city_checks(indicator, of_cities, tolerance)),
    ]


def _sum_check(indicator: Indicator, tolerance: float) -> Check:
    return _check(
        f"sum_{indicator.id}",
        "warning",
        f"{indicator.label.en}: the provinces' sum is within {tolerance:.0%} of the national figure of the same file",
        f"{indicator.label.zh}：各省合计与同一文件的全国数相差不超过{tolerance:.0%}",
        between("sum__", -tolerance, tolerance, indicator=indicator.id),
    )


def _city_checks(indicator: Indicator, bounds: tuple[float, float], tolerance: float | None) -> list[Check]:
    """Ranks are not held still: among 300 cities they change places by the dozen."""
    name, label, factor, words = indicator.id, indicator.label, city_jump_factor(indicator), in_words(bounds, indicator)
    of_sum = _check(
        f"city_sum_{name}",
        "warning",
        f"{label.en}: a province's cities together exceed the province's figure by at most {tolerance or 0:.0%}",
        f"{label.zh}：一省各地级单位合计超出该省数值不多于{tolerance or 0:.0%}",
        between("city_sum__", None, tolerance, indicator=name),
    )
    return [
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
        *([] if tolerance is None else [of_sum]),
    ]
