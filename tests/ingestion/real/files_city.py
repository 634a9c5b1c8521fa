"""Panels of cities, and the digital finance index of provinces."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot


def _cell(cell: str, **what: Any) -> Spot:
    return Spot({"cell": cell}, what)


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
}
