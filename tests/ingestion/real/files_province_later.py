"""Panels and exports of provinces found later: tongjimodule, airuimeng1, xiaoqi737, upstream1119, dzdalistair."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot

_TONGJI = "province/tongjimodule/分省{}_多年期_面板数据.csv"
_NBS = "province/upstream1119/NBS_{}_省级_2011-2022.csv"


def _cell(cell: str, **what: Any) -> Spot:
    return Spot({"cell": cell}, what)


def _refused(cell: str, **what: Any) -> Spot:
    return Spot({"cell": cell}, what, table="rejected_row")


EXPECTED = {
    # 2025 is printed and empty.
    _TONGJI.format("GDP"): Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2016, 2024),
        entities=31,
        spots=(
            _cell("D3", entity_code=110000, year=2024, indicator="gdp", value=49843.1, raw_unit="亿元"),
            _cell("D187", entity_code=440000, year=2020, value=113708.9),
            _cell("D311", entity_code=650000, year=2016, value=9913.9, vintage="nbs_2026_april"),
        ),
    ),
    _TONGJI.format("人口"): Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2016, 2024),
        entities=31,
        spots=(
            _cell("D3", entity_code=110000, year=2024, indicator="resident_population", value=2183.0),
            _cell("E187", entity_code=440000, year=2020, indicator="urban_population", value=9361.0, unit="万人"),
            _cell("D255", entity_code=540000, year=2022, value=364.0),
        ),
    ),
    _TONGJI.format("互联网主要指标"): Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2016, 2024),
        entities=31,
        spots=(
            _cell("H3", entity_code=110000, year=2024, indicator="broadband_ports", value=2173.6, raw_unit="万个"),
            _cell("J195", entity_code=450000, year=2022, indicator="broadband_users", value=2054.2, unit="万户"),
            _cell("J311", entity_code=650000, year=2016, value=468.4),
        ),
    ),
    # The share of enterprises with e-commerce is empty in 2024.
    _TONGJI.format("企业信息化及电子商务情况"): Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2016, 2024),
        entities=31,
        spots=(
            _cell(
                "H3",
                entity_code=110000,
                year=2024,
                indicator="websites_per_100_enterprises",
                value=46.0,
                unit="个/百家",
            ),
            _cell("J4", entity_code=110000, year=2023, indicator="ecommerce_enterprise_share", value=23.6, unit="%"),
            _cell("K195", entity_code=450000, year=2022, indicator="ecommerce_sales", value=3703.8, unit="亿元"),
            Spot({"cell": "J3"}, {"year": 2024, "indicator": "ecommerce_enterprise_share"}, table="missing_cell"),
        ),
    ),
    # 西藏 is empty in every year.
    _TONGJI.format("软件和信息技术服务业主要经济指标"): Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2016, 2024),
        entities=30,
        spots=(
            _cell("D3", entity_code=110000, year=2024, indicator="software_revenue", value=31163.79316, unit="亿元"),
            _cell("D187", entity_code=440000, year=2020, raw="136304491.7", raw_unit="万元", value=13630.44917),
            Spot({"cell": "D259"}, {"entity_code": 540000, "year": 2018, "raw": ""}, table="missing_cell"),
        ),
    ),
    _TONGJI.format("电信主要通行能力"): Expected(None, (0, 0, 0, 0), refused="not_read", codes={"not_read": 1}),
    # Of three sheets of 714, 714 and 1 rows one is read. Two reports of 2002 have no text: their totals are out of
    # range, and their counts of zero are declared to count nothing.
    "province/tongjimodule/数字经济政策词频和-省级.xlsx": Expected(
        "long_panel",
        (1429, 711, 2, 716),
        years=(2002, 2024),
        entities=31,
        codes={"implausible": 2, "filled_declared": 2, "row_refused": 2},
        spots=(
            _cell("J434", entity_code=440000, year=2020, indicator="report_keyword_count", value=36.0, unit="词"),
            _cell("I434", entity_code=440000, year=2020, indicator="report_word_count", value=9297.0),
            _cell("I2", entity_code=110000, year=2002, value=5012.0),
            # Spelt 新疆维吾尔族自治区.
            _cell("J713", entity_code=650000, year=2023, value=36.0),
            _refused("J301", code="filled_declared", raw="0"),
        ),
    ),
    # Eleven software revenues of 西藏 are filled in.
    "province/airuimeng1/original_data.xlsx": Expected(
        "long_panel",
        (344, 341, 0, 3),
        years=(2013, 2023),
        entities=31,
        codes={"filled_declared": 11},
        spots=(
            _cell("E4", entity_code=340000, year=2013, indicator="broadband_ports", value=1124.6, unit="万个"),
            _cell("K50", entity_code=440000, year=2015, indicator="telecom_volume", value=3150.03, unit="亿元"),
            _cell("J50", entity_code=440000, year=2015, indicator="software_revenue", value=7105.15),
            _cell("L344", entity_code=500000, year=2023, indicator="websites_per_100_enterprises", value=42.2436),
            _cell("M4", entity_code=340000, indicator="ecommerce_enterprise_share", value=4.74944),
            _cell("U5", entity_code=340000, year=2014, indicator="information_employment", value=7.3792, unit="万人"),
            _refused("J290", code="filled_declared", raw="20.7455"),
        ),
    ),
    # No names: the order of the provinces' codes is declared, and the unit in the file's name overruled.
    "province/xiaoqi737/R&D经费（万元）原.xlsx": Expected(
        "ordered_rows",
        (32, 31, 0, 1),
        years=(2012, 2024),
        entities=31,
        codes={"unit_in_name": 1},
        spots=(
            _cell("A2", entity_code=110000, year=2012, indicator="industrial_rd_expenditure", value=197.34423),
            _cell("I11", entity_code=320000, year=2020, value=2381.6885, unit="亿元"),
            _cell("I20", entity_code=440000, year=2020, value=2499.9527, raw_unit="亿元"),
            _cell("M32", entity_code=650000, year=2024, value=91.527),
        ),
    ),
    # Set aside: three lines above the figures, and a footer broken off after one character, here below 注.
    _NBS.format("地区生产总值_GDP"): Expected(
        "nbs_export_2026",
        (36, 31, 0, 5),
        years=(2011, 2022),
        entities=31,
        spots=(
            _cell("M4", entity_code=110000, year=2011, indicator="gdp", value=17653.3, unit="亿元"),
            _cell("D22", entity_code=440000, year=2020, value=113708.9),
            _cell("B29", entity_code=540000, year=2022, value=2235.4),
        ),
    ),
    _NBS.format("地方一般公共预算支出"): Expected(
        "nbs_export_2026",
        (35, 31, 0, 4),
        years=(2011, 2022),
        entities=31,
        spots=(
            _cell("B4", entity_code=110000, year=2022, indicator="budget_expenditure", value=7469.15),
            _cell("I22", entity_code=440000, year=2015, value=12827.8, raw="12827.80"),
            _cell("M34", entity_code=650000, year=2011, value=2284.49),
        ),
    ),
    _NBS.format("年末城镇人口"): Expected(
        "nbs_export_2026",
        (35, 31, 0, 4),
        years=(2011, 2022),
        entities=31,
        spots=(
            _cell("B4", entity_code=110000, year=2022, indicator="urban_population", value=1913.0),
            _cell("D22", entity_code=440000, year=2020, value=9361.0),
            _cell("M29", entity_code=540000, year=2011, value=70.0),
        ),
    ),
    _NBS.format("年末常住人口"): Expected(
        "nbs_export_2026",
        (35, 31, 0, 4),
        years=(2011, 2022),
        entities=31,
        spots=(
            _cell("B4", entity_code=110000, year=2022, indicator="resident_population", value=2184.0),
            _cell("D22", entity_code=440000, year=2020, value=12624.0),
            _cell("M34", entity_code=650000, year=2011, value=2225.0, raw_unit="万人"),
        ),
    ),
    "province/dzdalistair/national_provincial_medical_resources_2014_2023 (1).csv": Expected(
        "long_panel",
        (311, 310, 0, 1),
        years=(2014, 2023),
        entities=31,
        spots=(
            _cell("E2", entity_code=110000, year=2014, indicator="institutions", value=9638.0, unit="个"),
            _cell("F187", entity_code=440000, year=2019, indicator="hospitals", value=1631.0),
            _cell("G2", entity_code=110000, year=2014, indicator="primary_healthcare_institutions", value=8802.0),
            _cell("I188", entity_code=440000, year=2020, indicator="beds", value=564800.0, unit="张"),
            _cell("J2", entity_code=110000, year=2014, indicator="hospital_beds", value=102900.0, unit="张"),
            _cell("K2", entity_code=110000, year=2014, indicator="primary_healthcare_beds", value=4500.0, unit="张"),
            _cell("L188", entity_code=440000, year=2020, indicator="health_technicians", value=829400.0, unit="人"),
            _cell("M311", entity_code=650000, year=2023, indicator="physicians", value=78500.0),
            _cell("N311", entity_code=650000, year=2023, indicator="nurses", value=101700.0),
            _cell("O2", entity_code=110000, indicator="resident_population", value=2171.0, raw="21710000"),
        ),
    ),
}
