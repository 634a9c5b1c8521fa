"""What must hold of `observation`: known places and units, figures of a plausible size, the text they came from.

Belongs here: the checks that hold of any row, and running them with those of each indicator.
Does not belong here: plausible ranges (catalog/indicators.yaml), what is asked of an indicator's figures
(observation_indicators.py), relationships with other tables (dbt tests them) and how checks are run (suite.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.indicators import load_registry
from catalog.provinces import NATION_CODE
from catalog.tables import load_tables
from expectations.builders import between, equal, in_set, is_null, unique
from expectations.observation_columns import REQUIRED, level_of_code, prepare
from expectations.observation_indicators import TABLE, check, indicator_checks
from expectations.suite import Check, run_checks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MAY_BE_EMPTY", "STATUSES", "TABLE", "checks", "level_of_code", "prepare", "run"]
MAY_BE_EMPTY = False
STATUSES = ("reported", "corrected", "interpolated", "carried")
# Each indicator adds some columns to its rows, so indicators are checked by the dozen: memory stays small.
_AT_ONCE = 12


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    of_indicators = (item for indicator in load_registry().reported for item in indicator_checks(indicator))
    return (*_structure_checks(), *of_indicators)


def _structure_checks() -> list[Check]:
    reported = load_registry().reported
    return [
        check(
            "required_complete",
            "critical",
            f"Every row has {', '.join(REQUIRED)}",
            f"每行均有{'、'.join(REQUIRED)}",
            between("required_missing", None, 0),
        ),
        check(
            "key_unique",
            "critical",
            "A place, year, indicator, vintage and file stand in one row only",
            "同一地区、年份、指标、版本与文件仅一行",
            unique(load_tables()[TABLE].key),
        ),
        check(
            "statuses_known",
            "critical",
            f"Every status is one of {', '.join(STATUSES)}",
            f"状态均为{'、'.join(STATUSES)}之一",
            in_set("status", STATUSES),
        ),
        check(
            "entity_codes_known",
            "critical",
            f"Every code is {NATION_CODE} for the nation, or lies in a catalogued province",
            f"行政区划代码为全国（{NATION_CODE}）或属于登记的省份",
            is_null("unknown_code"),
        ),
        check(
            "entity_levels_agree",
            "critical",
            "Every level (nation, province, city, county) is the one its code stands for",
            "行政级别与行政区划代码一致",
            equal("entity_level", "level_of_code"),
        ),
        check(
            "indicators_known",
            "critical",
            "Every indicator is catalogued and reported, not derived",
            "指标均已登记且为原始指标，而非派生指标",
            in_set("indicator", [indicator.id for indicator in reported]),
        ),
        check(
            "units_canonical",
            "critical",
            "Every unit is the canonical unit of its indicator",
            "单位均为指标的统一单位",
            equal("unit", "canonical_unit"),
        ),
        check(
            "raw_units_measure",
            "critical",
            "Every unit the figure was read in measures the indicator's quantity",
            "原始单位均可换算为指标的统一单位",
            is_null("raw_unit_misfit"),
        ),
        check(
            "raw_of_reported",
            "critical",
            "Every reported value carries the text of its cell",
            "报告值均附单元格原文",
            between("raw_missing_reported", 0, 0),
        ),
        check(
            "raw_of_corrected",
            "critical",
            "Every corrected value carries the text it replaces; empty when the cell was empty, never NULL",
            "更正值均附被替换的原文；原单元格为空时为空文本，不得缺失",
            between("raw_missing_corrected", 0, 0),
        ),
    ]


def run(observation: pd.DataFrame) -> pd.DataFrame:
    """Prepare `observation` and run all its checks; see `run_checks` for the result."""
    import pandas as pd

    if observation.empty:
        return run_checks(checks(), observation, may_be_empty=MAY_BE_EMPTY)
    structure = run_checks(_structure_checks(), prepare(observation, indicators=()), may_be_empty=MAY_BE_EMPTY)
    reported = load_registry().reported
    parts = [structure]
    for start in range(0, len(reported), _AT_ONCE):
        some = reported[start : start + _AT_ONCE]
        own = observation[observation["indicator"].isin([indicator.id for indicator in some])]
        wanted = [item for indicator in some for item in indicator_checks(indicator)]
        # An indicator no file carries has nothing to check; a table without any row has failed already.
        parts.append(run_checks(wanted, prepare(own, some), may_be_empty=True))
    return pd.concat(parts, ignore_index=True)
