"""Province panels somebody compiled: pengyunlong, wangmeng0734, mingminm; and a scanned table of a paper."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot

_NOT_READ = Expected(None, (0, 0, 0, 0), refused="not_read", codes={"not_read": 1})
_PENG = "province/pengyunlong"
_WANG = "province/wangmeng0734"


def _cell(cell: str, **what: Any) -> Spot:
    return Spot({"cell": cell}, what)


EXPECTED = {
    "province/chinaxiv/ChinaXiv-202207.00083V1.md": Expected(
        "html_tables",
        (33, 32, 0, 1),
        years=(2010, 2019),
        entities=31,
        spots=(
            _cell("1:3:2", entity_code=110000, year=2010, indicator="child_management_rate", value=97.8),
            _cell("1:2:4", entity_code=100000, entity_level="nation", year=2012, value=87.0),
            _cell("2:14:11", entity_code=650000, year=2019, value=92.9, unit="%"),
        ),
        codes={"not_a_number": 1},
    ),
    # Two urban populations of 西藏 (20.35 万) are out of range, and its urban shares with them.
    f"{_PENG}/population_clustering/清洗后长表.csv": Expected(
        "long_panel",
        (776, 775, 0, 1),
        years=(2000, 2024),
        entities=31,
        codes={"implausible": 6},
        spots=(
            _cell("D2", entity_code=310000, year=2000, indicator="resident_population", value=1609.0),
            _cell("E3", entity_code=310000, year=2001, indicator="urban_population", value=1471.84),
            _cell("D776", entity_code=230000, year=2024, value=3029.0, raw="3029.0"),
            _cell("P2", entity_code=310000, year=2000, indicator="share_65_plus_published", unit="%"),
        ),
    ),
    # Columns E and F hold income and consumption of all residents from before 2013, when they were first counted.
    f"{_PENG}/economy_clustering/清洗后长表.csv": Expected(
        "long_panel",
        (776, 775, 0, 1),
        years=(2000, 2024),
        entities=31,
        codes={"outdated_name": 2},
        spots=(
            _cell("D2", entity_code=310000, year=2000, indicator="gdp", value=4812.2, raw_unit="亿元"),
            _cell("D300", entity_code=440000, year=2023, indicator="gdp", value=135673.2),
            _cell("G776", entity_code=230000, year=2024, indicator="consumer_price_index", value=100.5),
            Spot({"cell": "E1"}, {"code": "outdated_name", "raw": "人均可支配收入_地区总计"}, table="rejected_row"),
        ),
    ),
    f"{_PENG}/人口域清洗后长表.csv": Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2015, 2024),
        entities=31,
        spots=(
            _cell("I2", entity_code=310000, year=2015, indicator="land_area", value=8239.0121),
            _cell("I3", entity_code=310000, year=2016, value=8239.0121),
            _cell("I311", entity_code=230000, year=2024, value=452645.0167, unit="平方公里"),
        ),
    ),
    f"{_PENG}/经济域清洗后长表.csv": Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2015, 2024),
        entities=31,
        spots=(
            _cell("D2", entity_code=310000, year=2015, indicator="disposable_income", value=49867.0, unit="元/人"),
            _cell("E150", entity_code=320000, year=2023, indicator="consumption_expenditure", value=35491.0),
            _cell("D311", entity_code=230000, year=2024, indicator="disposable_income", value=31269.0),
        ),
    ),
    f"{_PENG}/行政区划代码校正记录.csv": _NOT_READ,
    f"{_PENG}/质量检查.csv": _NOT_READ,
    # The cells imputation_flags.csv marks are empty in it; 31 populations of 2025 are among them. Eleven rows (江苏,
    # 山东, 河北, 海南 2021-2022, 安徽 2024, 内蒙古 2011-2012) print a GDP per head their GDP does not give.
    f"{_WANG}/raw_data.csv": Expected(
        "long_panel",
        (1117, 1105, 11, 1),
        years=(1990, 2025),
        entities=31,
        codes={"contradicting_derived": 22, "row_refused": 11},
        spots=(
            _cell(
                "D2",
                entity_code=220000,
                year=1990,
                indicator="gdp",
                value=425.28,
                vintage="compiled_mixed_wangmeng0734",
            ),
            _cell("J2", entity_code=220000, year=1990, indicator="resident_population", value=2440.2, unit="万人"),
            _cell("D629", entity_code=440000, year=2010, value=46821.3),
            _cell("J629", entity_code=440000, year=2010, value=8521.5492),
            Spot({"cell": "D1069"}, {"code": "contradicting_derived", "raw": "625.5"}, table="rejected_row"),
            _cell("D1117", entity_code=630000, year=2025, value=4121.84),
        ),
    ),
    f"{_WANG}/imputation_flags.csv": _NOT_READ,
    f"{_WANG}/sources_and_methods.csv": _NOT_READ,
    f"{_WANG}/variable_dictionary.csv": _NOT_READ,
    # Three columns (L, O, Q) hold figures from before their series began.
    "province/mingminm/数字经济指标各省面板数据.xlsx": Expected(
        "long_panel",
        (621, 620, 0, 1),
        years=(2001, 2020),
        entities=31,
        codes={"outdated_name": 3},
        spots=(
            _cell("J2", entity_code=110000, year=2001, indicator="patent_applications", value=12174.0, unit="件"),
            _cell("K3", entity_code=120000, year=2001, indicator="technology_market_turnover", value=30.6),
            _cell("J500", entity_code=130000, year=2017, value=61288.0),
            _cell("K621", entity_code=650000, year=2020, value=15.11),
        ),
    ),
    "province/mingminm/数字经济规模.xlsx": _NOT_READ,
}
