"""Statistics-bureau exports and the compiled tables with provinces across: every figure typed from the file by hand."""

from __future__ import annotations

from tests.ingestion.real.expected import Expected, Spot

PROVINCE = "province/"
EXPORT, SINCE_2026 = "nbs_export", "nbs_export_2026"
Figure = tuple[str, int, int, str, float]


def _spots(indicator: str, unit: str, *figures: Figure, level: str = "province") -> tuple[Spot, ...]:
    """A spot per (cell, place, year, text in the file, value in the registry's unit)."""
    return tuple(
        Spot(
            {"cell": cell, "indicator": indicator},
            {"entity_code": code, "entity_level": level, "year": year, "raw": raw, "raw_unit": unit, "value": value},
        )
        for cell, code, year, raw, value in figures
    )


def _renjiyi163() -> dict[str, Expected]:
    folder = f"{PROVINCE}renjiyi163/"
    return {
        f"{folder}分省年度数据.csv": Expected(
            EXPORT, (37, 31, 0, 6), (2006, 2024), 31,
            _spots("gdp", "亿元", ("B5", 110000, 2024, "49670.2", 49670.2), ("T5", 110000, 2006, "8618.9", 8618.9),
                   ("T35", 650000, 2006, "2984.5", 2984.5)),
        ),
        f"{folder}分省年度数据 (1).csv": Expected(
            EXPORT, (38, 31, 0, 7), (2006, 2024), 31,
            _spots("sample_population", "人", ("C5", 110000, 2024, "22470", 22470.0),
                   ("L5", 110000, 2015, "335775", 335775.0), ("U35", 650000, 2006, "18681", 18681.0)),
        ),
        f"{folder}分省年度数据 (2).csv": Expected(
            EXPORT, (37, 31, 0, 6), (2006, 2024), 31,
            _spots("sample_population_65_plus", "人", ("C5", 110000, 2024, "3703", 3703.0),
                   ("L5", 110000, 2015, "35775", 35775.0), ("U35", 650000, 2006, "1242", 1242.0)),
        ),
        f"{folder}分省年度数据 (3).csv": Expected(
            EXPORT, (39, 31, 0, 8), (2008, 2024), 31,
            _spots("urban_unit_employment", "万人", ("C5", 110000, 2024, "763.6", 763.6),
                   ("S5", 110000, 2008, "570.3", 570.3), ("C35", 650000, 2024, "318.0", 318.0)),
        ),
        f"{folder}分省年度数据 (4).csv": Expected(
            EXPORT, (39, 31, 0, 8), (2006, 2019), 31,
            _spots("private_and_self_employment", "万人", ("H5", 110000, 2019, "1187.5", 1187.5),
                   ("U5", 110000, 2006, "426.4", 426.4), ("U35", 650000, 2006, "153.0", 153.0)),
        ),
        f"{folder}分省年度数据 (5).csv": Expected(
            EXPORT, (36, 31, 0, 5), (2018, 2024), 31,
            _spots("fixed_investment_funds_growth", "增长%", ("C5", 110000, 2024, "-4.7", -4.7),
                   ("I5", 110000, 2018, "-15.5", -15.5), ("C35", 650000, 2024, "8.5", 8.5)),
        ),
        f"{folder}分省年度数据 (6).csv": Expected(
            EXPORT, (38, 31, 0, 7), (2006, 2011), 31,
            _spots("public_technical_staff", "人", ("P5", 110000, 2011, "364568", 364568.0),
                   ("U5", 110000, 2006, "338690", 338690.0), ("U35", 650000, 2006, "412214", 412214.0)),
        ),
        f"{folder}一般公共预算等.xls": Expected(
            "indicator_rows", (63, 62, 0, 1), (2005, 2024), 31,
            _spots("budget_expenditure", "亿元", ("G2", 110000, 2007, "1649.5", 1649.5),
                   ("X32", 650000, 2024, "7645.96", 7645.96), ("E33", 110000, 2005, "1058.31", 1058.31),
                   ("F63", 650000, 2006, "678.47", 678.47)),
        ),
        # Its pop is caught by the values, whatever the file is called.
        f"{folder}panel_stata_ready_v2.csv": Expected(
            "long_panel", (621, 620, 0, 1), (2005, 2024), 31,
            (*_spots("gdp", "亿元", ("D3", 110000, 2006, "8618.9", 8618.9), ("D21", 110000, 2024, "49670.2", 49670.2)),
             *_spots("invention_applications", "件", ("Z2", 110000, 2005, "12102.0", 12102.0),
                     ("Z3", 110000, 2006, "14226.0", 14226.0))),
            codes={"unit_against_values": 620},
        ),
        f"{folder}LICENSE": Expected(None, (0, 0, 0, 0), refused="not_read"),
    }  # fmt: skip


def _single_exports() -> dict[str, Expected]:
    return {
        f"{PROVINCE}tobby-star/分省年度数据.csv": Expected(
            EXPORT, (37, 31, 0, 6), (1993, 2017), 31,
            _spots("gdp", "亿元", ("B6", 120000, 2017, "18549.19", 18549.19), ("Z5", 110000, 1993, "886.21", 886.21),
                   ("B35", 650000, 2017, "10881.96", 10881.96)),
        ),
        f"{PROVINCE}eoocl/分省年度数据.csv": Expected(
            "nbs_export_cut", (33, 31, 0, 2), (2019, 2022), 31,
            _spots("gdp", "亿元", ("C2", 110000, 2022, "41540.9", 41540.9), ("F2", 110000, 2019, "35445.1", 35445.1),
                   ("C32", 650000, 2022, "18042.7", 18042.7)),
        ),
        f"{PROVINCE}data-collection/分省年度数据.xls": Expected(
            EXPORT, (38, 31, 0, 7), (2015, 2019), 31,
            _spots("gdp", "亿元", ("B6", 120000, 2019, "14104.28", 14104.28), ("F35", 650000, 2015, "9324.8", 9324.8),
                   ("D16", 340000, 2017, "27018", 27018.0)),
        ),
        f"{PROVINCE}data-collection/主要城市年度数据.xls": Expected(
            EXPORT, (41, 36, 0, 5), (2015, 2019), 36,
            _spots("gdp", "亿元", ("B5", 110000, 2019, "35371.28", 35371.28), ("C7", 130100, 2018, "6082.62", 6082.62),
                   ("C11", 210200, 2018, "7668.48", 7668.48), ("F40", 650100, 2015, "2631.64", 2631.64), level="city"),
        ),
        f"{PROVINCE}itidol-dream/分省年度数据.csv": Expected(
            "provinces_across", (21, 20, 0, 1), (2003, 2022), 31,
            _spots("gdp", "亿元", ("B2", 110000, 2003, "5267", 5267.0), ("B21", 110000, 2022, "41611", 41611.0),
                   ("AF21", 650000, 2022, "17741", 17741.0)),
        ),
    }  # fmt: skip


def _tec_expenditure() -> dict[str, Expected]:
    folder = f"{PROVINCE}tec_expenditure/分省年度数据"
    science = _spots("budget_science_technology", "亿元", ("D4", 110000, 2023, "521.91", 521.91),
                     ("P4", 110000, 2011, "183.07", 183.07), ("D34", 650000, 2023, "64.27", 64.27))  # fmt: skip
    return {
        f"{folder} (1).csv": Expected(SINCE_2026, (36, 31, 0, 5), (2011, 2023), 31, science),
        f"{folder}_1.csv": Expected(SINCE_2026, (36, 31, 0, 5), (2011, 2023), 31, science),
        f"{folder} (2).csv": Expected(
            SINCE_2026, (35, 31, 0, 4), (2011, 2024), 31,
            _spots("technology_market_turnover", "亿元", ("C4", 110000, 2024, "9153.26", 9153.26),
                   ("P4", 110000, 2011, "1890.28", 1890.28), ("C34", 650000, 2024, "101.08", 101.08)),
        ),
        f"{folder} (3).csv": Expected(
            SINCE_2026, (35, 31, 0, 4), (2011, 2024), 31,
            _spots("patent_applications", "件", ("C4", 110000, 2024, "321445", 321445.0),
                   ("C34", 650000, 2024, "37660", 37660.0), ("P34", 650000, 2011, "4736", 4736.0)),
        ),
        f"{folder}_4.csv": Expected(
            SINCE_2026, (36, 31, 0, 5), (2011, 2024), 31,
            _spots("budget_expenditure", "亿元", ("C4", 110000, 2024, "8396.49", 8396.49),
                   ("C34", 650000, 2024, "7645.96", 7645.96), ("P34", 650000, 2011, "2284.49", 2284.49)),
        ),
        f"{folder}_5.csv": Expected(
            SINCE_2026, (35, 31, 0, 4), (2011, 2024), 31,
            _spots("patent_grants", "件", ("C4", 110000, 2024, "199702", 199702.0),
                   ("P4", 110000, 2011, "40888", 40888.0), ("C34", 650000, 2024, "21642", 21642.0)),
        ),
        f"{folder}_6.csv": Expected(
            SINCE_2026, (36, 31, 0, 5), (2011, 2024), 31,
            _spots("gdp", "亿元", ("C4", 110000, 2024, "49670.2", 49670.2), ("P4", 110000, 2011, "17653.3", 17653.3),
                   ("P34", 650000, 2011, "6607.6", 6607.6)),
        ),
        f"{folder}_7.csv": Expected(
            SINCE_2026, (35, 31, 0, 4), (2011, 2024), 31,
            _spots("invention_applications", "件", ("C4", 110000, 2024, "210052", 210052.0),
                   ("C34", 650000, 2024, "7312", 7312.0), ("P34", 650000, 2011, "1273", 1273.0)),
        ),
        f"{folder}_8.csv": Expected(
            SINCE_2026, (35, 31, 0, 4), (2011, 2024), 31,
            _spots("invention_grants", "件", ("C4", 110000, 2024, "119635", 119635.0),
                   ("C34", 650000, 2024, "2412", 2412.0), ("P34", 650000, 2011, "302", 302.0)),
        ),
        f"{folder}.csv": Expected(
            "nbs_region", (26, 21, 0, 5), (2016, 2024), 1,
            (*_spots("budget_expenditure", "亿元", ("B4", 110000, 2024, "8396.49", 8396.49)),
             *_spots("budget_defence", "亿元", ("C6", 110000, 2023, "7.71", 7.71)),
             *_spots("budget_science_technology", "亿元", ("C9", 110000, 2023, "521.91", 521.91)),
             *_spots("budget_other", "亿元", ("J24", 110000, 2016, "212.72", 212.72))),
        ),
    }  # fmt: skip


def _bar_chart_race() -> dict[str, Expected]:
    folder = f"{PROVINCE}bar_chart_race_cn/"
    rows, layout = (21, 20, 0, 1), "provinces_across"
    return {
        f"{folder}GDP.csv": Expected(
            layout, rows, (2000, 2019), 31,
            _spots("gdp", "亿元", ("B2", 110000, 2019, "35371.28", 35371.28),
                   ("C2", 120000, 2019, "14104.28", 14104.28), ("B21", 110000, 2000, "3161.66", 3161.66)),
        ),
        f"{folder}人口.csv": Expected(
            layout, rows, (2000, 2019), 31,
            _spots("resident_population", "万人", ("B2", 110000, 2019, "2154.0", 2154.0),
                   ("AF2", 650000, 2019, "2523.0", 2523.0), ("B21", 110000, 2000, "1364.0", 1364.0)),
        ),
        f"{folder}三种专利申请授权数.csv": Expected(
            layout, rows, (2000, 2018), 31,
            _spots("patent_applications", "件", ("B3", 110000, 2018, "211212.0", 211212.0),
                   ("C3", 120000, 2018, "99038.0", 99038.0), ("B21", 110000, 2000, "10344.0", 10344.0)),
        ),
        f"{folder}教育经费.csv": Expected(
            layout, rows, (2000, 2017), 31,
            _spots("education_funds", "万元", ("B4", 110000, 2017, "12512746.0", 12512746.0),
                   ("C4", 120000, 2017, "5850624.0", 5850624.0), ("B21", 110000, 2000, "2503068.0", 2503068.0)),
        ),
        f"{folder}消费水平.csv": Expected(
            layout, rows, (2000, 2017), 31,
            _spots("household_consumption_level", "元/人", ("B4", 110000, 2017, "52912.0", 52912.0),
                   ("C4", 120000, 2017, "38975.0", 38975.0), ("B21", 110000, 2000, "8820.0", 8820.0)),
        ),
        f"{folder}财政支出.csv": Expected(
            layout, rows, (2000, 2019), 31,
            _spots("budget_expenditure", "亿元", ("B2", 110000, 2019, "7408.25", 7408.25),
                   ("C2", 120000, 2019, "3508.71", 3508.71), ("B21", 110000, 2000, "443.0", 443.0)),
        ),
        f"{folder}财政收入.csv": Expected(
            layout, rows, (2000, 2019), 31,
            _spots("budget_revenue", "亿元", ("B2", 110000, 2019, "5817.1", 5817.1),
                   ("C2", 120000, 2019, "2410.25", 2410.25), ("B21", 110000, 2000, "345.0", 345.0)),
        ),
        f"{folder}LICENSE": Expected(None, (0, 0, 0, 0), refused="not_read"),
    }  # fmt: skip


EXPECTED = _renjiyi163() | _single_exports() | _tec_expenditure() | _bar_chart_race()
