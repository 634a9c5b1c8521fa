"""Panels of cities, distances and index totals of theirs, and the digital finance index of provinces."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot


def _cell(cell: str, **what: Any) -> Spot:
    return Spot({"cell": cell}, what)


def _pair(code: int, other: int, **what: Any) -> Spot:
    return Spot({"code": code, "neighbour_code": other}, what, table="spatial_weight")


def _index(city: int, period: str, **what: Any) -> Spot:
    return Spot({"city_code": city, "period": period}, what, table="flow_scale")


EXPECTED = {
    # 333 to 337 cities a year; codes of 2014 and of 2018 agree with the names.
    "dfiic/PKU_DFIIC_city.dta": Expected(
        "long_panel",
        (4369, 4369, 0, 0),
        years=(2011, 2023),
        entities=338,
        spots=(
            _cell(
                "1:index_aggregate",
                entity_code=110000,
                entity_level="city",
                year=2011,
                indicator="digital_finance_index",
                value=80.78,
                raw="80.78",
                unit="指数点",
            ),
            _cell("4228:index_aggregate", entity_code=650500, year=2012, value=96.65),
            _cell("1875:index_aggregate", entity_code=371200, year=2013, value=123.66),
            _cell("4357:index_aggregate", entity_code=654300, year=2011, value=37.52),
        ),
    ),
    "dfiic/PKU_DFIIC_province.dta": Expected(
        "long_panel",
        (403, 403, 0, 0),
        years=(2011, 2023),
        entities=31,
        spots=(
            _cell("1:index_aggregate", entity_code=110000, entity_level="province", year=2011, value=79.41),
            _cell("2:index_aggregate", entity_code=110000, year=2012, value=150.65),
            _cell("3:index_aggregate", entity_code=110000, year=2013, value=215.62),
        ),
    ),
    # 27 rows of 昌都 have the code -1; of the other 295 cities one row carries the constants. Both coordinates of each
    # are refused: most are degrees.minutes read as decimals.
    "city/pop_outflow/pneumonia_panel_296_cities(submit).csv": Expected(
        "long_panel",
        (7993, 295, 27, 7671),
        years=(2017, 2017),
        entities=295,
        codes={"contradicting_code": 27, "coordinates_as_minutes": 590},
        spots=(
            _cell("R2", entity_code=500000, indicator="gdp_urban_districts", value=19500.27, raw="195002700"),
            _cell("S2", entity_code=500000, indicator="registered_population", value=3390.0, raw="33900000"),
            _cell(
                "R407",
                entity_code=130100,
                entity_level="city",
                year=2017,
                indicator="gdp_urban_districts",
                value=3396.2728,
                raw="33962728",
                unit="亿元",
                raw_unit="万元",
            ),
            _cell("S407", entity_code=130100, indicator="registered_population", value=973.0, unit="万人"),
            _cell("S6833", entity_code=231100, value=161.0),
            Spot({"cell": "G380"}, {"code": "coordinates_as_minutes", "raw": "28.52"}, table="rejected_row"),
        ),
    ),
    "city/pop_outflow/coastal_cities.txt": Expected(None, (0, 0, 0, 0), refused="not_read", codes={"not_read": 1}),
    # Set aside: the header, 8 blank and advert rows of the table, the whole second sheet. Four figures are replaced in
    # the column beside, 1,078 blanks filled; 三沙 has a few hundred people.
    "city/g-p/298个地级市人口密度1998-2024年无缺失.xlsx": Expected(
        "long_panel",
        (8067, 8046, 0, 21),
        years=(1998, 2024),
        entities=298,
        codes={"filled_cell": 1078, "filled_over": 4},
        spots=(
            _cell("G2", entity_code=110000, entity_level="city", indicator="resident_population", value=1245.6),
            _cell("F893", entity_code=210100, year=1998, indicator="land_area", value=12980.0, unit="平方公里"),
            _cell("G5000", entity_code=431300, year=2001, indicator="resident_population", value=399.88),
            Spot({"cell": "G893"}, {"code": "filled_cell"}, table="rejected_row"),
            Spot({"cell": "G2945"}, {"code": "filled_over", "raw": "126.59"}, table="rejected_row"),
        ),
    ),
    # 32 cities have no GDP of 2023.
    "city/g-p/296个地级市GDP相关数据（以2000年为基期）.xlsx": Expected(
        "long_panel",
        (7137, 7104, 0, 33),
        years=(2000, 2023),
        entities=296,
        spots=(
            _cell("D2", entity_code=310000, year=2000, indicator="gdp", value=4812.15, unit="亿元"),
            _cell("D22", entity_code=310000, year=2020, value=38963.3),
            _cell("D5000", entity_code=421300, year=2006, value=218.33),
            _cell("D7105", entity_code=230200, year=2023, value=1327.6),
        ),
    ),
    # Aqsu is the county-level city of 阿克苏; 兰州 and 恩施 have no covariates, 沈阳 no population.
    "city/zhou-lab/ChinaCityInfo.xlsx": Expected(
        "long_panel",
        (65, 61, 3, 1),
        years=(2023, 2023),
        entities=61,
        codes={"unknown_place": 1, "undeclared_mark": 11, "row_refused": 2},
        spots=(
            _cell("H5", entity_code=340100, entity_level="city", indicator="hospitals", value=230.0, unit="个"),
            _cell("I13", entity_code=320500, indicator="hospital_beds", value=72811.0, unit="张"),
            _cell("G62", entity_code=510100, indicator="gdp", value=22075.0),
            _cell("F41", entity_code=141000, indicator="pm25", value=49.0, unit="微克/立方米"),
        ),
    ),
    # 1,326 pairs, each loaded both ways round.
    "city/zhou-lab/PairwiseChinaCities.distance": Expected(
        "pair_distances",
        (1326, 1326, 0, 0),
        spots=(
            _pair(110000, 310000, weight=1229.959, cell="D1"),
            _pair(120000, 110000, weight=130.676, kind="distance"),
            _pair(441400, 330400, weight=1055.37, name="road_km_zhou_lab"),
            _pair(331000, 330300, weight=153.954),
        ),
    ),
    "city/zhutaolin/始发城市年度实际迁徙指数.csv": Expected(
        "flow_scale",
        (2195, 2194, 0, 1),
        spots=(
            _index(230900, "2018", value=58.571388903, row=2, network="amap", direction="out"),
            _index(350400, "2018", value=364.13166667999997, row=5),
            _index(441200, "2020", value=5266.859444412, row=1000, unit="index"),
            _index(350800, "2023", value=1266.755277727, row=2195),
        ),
    ),
}
