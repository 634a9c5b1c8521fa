"""What must hold of `observation`: known places and units, figures of a plausible size, the text they came from.

Belongs here: the checks that hold of any row, and all checks of the table together.
Does not belong here: plausible ranges (catalog/indicators.yaml), what is asked of an indicator's figures
(observation_indicators.py), relationships with other tables (dbt tests them) and how checks are run (suite.py).
"""

from catalog.indicators import load_registry
from catalog.provinces import NATION_CODE
from expectations.builders import between, equal, is_null
from expectations.declarations import checks_of, indicators_known, key_unique, required_complete, values_known
from expectations.observation_columns import REQUIRED, level_of_code, prepare
from expectations.observation_indicators import TABLE, indicator_checks
from expectations.suite import Check

__all__ = ["STATUSES", "TABLE", "checks", "level_of_code", "prepare"]
STATUSES = ("reported", "corrected", "interpolated", "carried")
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
    of_indicators = (item for indicator in load_registry().reported for item in indicator_checks(indicator))
    return (*_OF_ANY_ROW, *of_indicators)
