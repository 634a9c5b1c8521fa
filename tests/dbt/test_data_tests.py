"""Every data test of the dbt project fails on data that violates it.

The compiled SQL of each test is run on the good warehouse after one fault was put in, inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from catalog.lake import staged_tables
from catalog.tables import load_tables

Execute = Callable[[str], duckdb.DuckDBPyConnection]


def keys(change: str) -> str:
    """SQL: the keys of studies with a column changed."""
    return f"create or replace view stg_study_exposure as select * replace ({change}) from lake.study_exposure"


# Fault by fault: the singular test that must find it, and the SQL that puts it in.
FAULTS: dict[str, tuple[str, str]] = {
    "a province is missing": ("province_complete", "delete from province where province_code = 650000"),
    "a province changes region": (
        "province_complete", "update province set region = 'west' where province_code = 110000",
    ),
    "an unknown region": (
        "province_complete", "update province set region = 'north' where province_code = 110000",
    ),
    "a border has one side": (
        "province_adjacency_symmetric",
        "delete from province_adjacency where province_code = 110000 and neighbour_code = 120000",
    ),
    "the sides of a border differ in kind": (
        "province_adjacency_symmetric",
        "update province_adjacency set kind = 'land' where province_code = 460000",
    ),
    "a province borders itself": (
        "province_adjacency_symmetric", "insert into province_adjacency values (110000, 110000, 'land')",
    ),
    "a pair is missing": (
        "province_adjacency_pairs",
        "delete from province_adjacency where 110000 in (province_code, neighbour_code) "
        "and 120000 in (province_code, neighbour_code)",
    ),
    "Hainan has no convention": (
        "province_adjacency_pairs", "update province_adjacency set kind = 'land' where kind = 'convention'",
    ),
    "two conventions": (
        "province_adjacency_pairs",
        "update province_adjacency set kind = 'convention' where 110000 in (province_code, neighbour_code) "
        "and 120000 in (province_code, neighbour_code)",
    ),
    "the convention is another pair's": (
        "province_adjacency_pairs",
        "update province_adjacency "
        "set kind = case when kind = 'convention' then 'land' else 'convention' end "
        "where kind = 'convention' or (110000 in (province_code, neighbour_code) "
        "and 120000 in (province_code, neighbour_code))",
    ),
    "a place that never was": (
        "place_totals",
        "insert into fault.place select * replace (131900 as code) from fault.place where code = 130100",
    ),
    "a change dated a year late": (
        "place_totals", "update fault.place set last_year = 2018 where code = 371200",
    ),
    "a district of a municipality lost": ("place_totals", "delete from fault.place where code = 110101"),
    "a city counted as something else": (
        "city_totals", "update city set kind = '地区' where city_code = 130100",
    ),
    "a unit that stands called abolished": (
        "city_totals", "update city set last_year = 2023 where city_code = 659001",
    ),
    "a county in another province": (
        "city_within_prefecture", "update city set prefecture_code = 320100 where city_code = 130123",
    ),
    "a prefecture that lies in another": (
        "city_within_prefecture", "update city set prefecture_code = 130200 where city_code = 130100",
    ),
    "coordinates swapped": (
        "city_coordinates", "update city set lon = lat, lat = lon where city_code = 440100",
    ),
    "coordinates of another province": (
        "city_coordinates", "update city set lon = 126.5, lat = 45.8 where city_code = 310000",
    ),
    "coordinates missing": ("city_coordinates", "update city set lon = null where city_code = 540600"),
    "Sansha on the mainland": (
        "city_coordinates", "update city set lon = 116.4, lat = 39.9 where city_code = 460300",
    ),
    "a list with a city too many": (
        "division_list_totals",
        "insert into fault.division values ('divisions', 2018, 371200, '莱芜市', 'prefecture', 9999)",
    ),
    "a list without a province": ("division_list_totals", "delete from fault.division where code // 10000 = 65"),
    "a city too many": (
        "place_totals",
        "update division_count set prefecture_cities = 7 where province_code = 540000 and year = 2016",
    ),
    "a division too few": (
        "place_totals",
        "update division_count set prefecture_units = 15 where province_code = 370000 "
        "and year = (select max(year) from division_count)",
    ),
    "a year is missing": ("division_count_totals", "delete from division_count where year = 2012"),
    "a province of zeros is missing": (
        "division_count_totals", "delete from division_count where province_code = 110000 and year = 2011",
    ),
    "a province nobody knows": (
        "division_count_totals", "update division_count set province_code = 190000 where province_code = 110000",
    ),
    "Shanghai merges too early": (
        "division_count_municipality",
        "update division_count set county_units = 16 where province_code = 310000 and year = 2014",
    ),
    "a municipality has a prefecture": (
        "division_count_municipality",
        "update division_count set prefecture_units = 1 where province_code = 110000 and year = 2020",
    ),
    "a municipality has cities": (
        "division_count_municipality",
        "update division_count set prefecture_cities = 1 where province_code = 110000 and year = 2020",
    ),
    "a municipality without places": (
        "division_count_municipality", "delete from fault.place where code // 10000 = 11",
    ),
    "Xinjiang's units stand still": (
        "division_count_direct_county",
        "update division_count set county_units = 11 where province_code = 650000 and year = 2023",
    ),
    "a directly administered unit nobody knows": (
        "division_count_direct_county",
        "update division_count set county_units = 1 where province_code = 130000 and year = 2013",
    ),
    "more cities than divisions": (
        "division_count_cities_within_units",
        "update division_count set prefecture_cities = 12 where province_code = 130000 and year = 2013",
    ),
    "a row unaccounted for": (
        "source_file_accounting",
        "update source_file set rows_loaded = rows_loaded + 1 where file_id = 'gdp_old'",
    ),
    "rows never counted": (
        "source_file_accounting", "update source_file set rows_set_aside = null where file_id = 'gdp_old'",
    ),
    "a refused row without its reason": (
        "source_file_rejected_rows", "delete from rejected_row where row = 9",
    ),
    "a reason without its refused row": (
        "source_file_rejected_rows",
        "insert into rejected_row values ('gdp_old', '', 7, '', 'code', 'reason', '原因', 'raw')",
    ),
    "figures of a file without a place among the vintages": (
        "source_file_vintage_rank",
        "update fault.source_file set vintage_rank = null where file_id = 'health'",
    ),
    "two rows chosen": ("observation_one_chosen", "update observation set chosen = true"),
    "no row chosen": (
        "observation_one_chosen", "update observation set chosen = false where indicator = 'gdp'",
    ),
    "a withheld figure chosen": (
        "observation_one_chosen",
        "update observation set chosen = true where indicator = 'outpatient_visits' and vintage = 'v1'",
    ),
    "a series of two vintages nobody declared": (
        "observation_unspliced",
        "update observation set chosen = true where indicator = 'outpatient_visits' and vintage = 'v1'",
    ),
    "a declaration withdrawn": ("observation_unspliced", "delete from fault.declared_splice where vintage = 'v1'"),
    "a figure filled from another vintage": (
        "observation_unspliced",
        "insert into observation by name (select * replace (2014 as year, 'v1' as vintage, 'interpolated' as status) "
        "from observation where indicator = 'newborn_visit_rate' and year = 2013)",
    ),
    "a figure at the base of its own edition": (
        "observation_linked", "update observation set value = 100 where indicator = 'telecom_volume' and year = 2014",
    ),
    "a factor its place does not have": (
        "observation_linked", "update observation set link_factor = 2 where indicator = 'telecom_volume'",
    ),
    "a figure of an edition that is not chained with a factor": (
        "observation_linked", "update observation set link_factor = 1 where indicator = 'gdp'",
    ),
    "a chained edition without a factor": (
        "observation_linked",
        "delete from series_link where vintage = 'v2'; "
        "update observation set link_factor = null, value = value / 0.6 "
        "where indicator = 'telecom_volume' and vintage = 'v2'",
    ),
    "a factor that is not the product up the chain": (
        "observation_linked",
        "update series_link set factor = 0.75 where vintage = 'v2'; update observation "
        "set link_factor = 0.75, value = value / 0.6 * 0.75 where indicator = 'telecom_volume' and vintage = 'v2'",
    ),
    "a ratio of other figures than the cells": (
        "observation_linked",
        "update series_link set value = 2 * value, value_linked_to = 2 * value_linked_to where vintage = 'v2'",
    ),
    "a ratio of another cell": ("observation_linked", "update series_link set cell = 'B9' where vintage = 'v2'"),
    "a ratio to another cell": (
        "observation_linked", "update series_link set cell_linked_to = 'B9' where vintage = 'v2'",
    ),
    "a vintage left out": ("series_vintage_counts", "delete from series_vintage where vintage = 'v1'"),
    "a withheld figure uncounted": (
        "series_vintage_counts", "update series_vintage set withheld = 0 where indicator = 'gdp'",
    ),
    "a splice under another reason": (
        "series_vintage_counts", "update series_vintage set reason = 'because' where role = 'spliced'",
    ),
    "a vintage said to be withheld and used": (
        "series_vintage_counts", "update series_vintage set role = 'withheld' where role = 'spliced'",
    ),
    "no vintage kept": (
        "series_vintage_preferred", "update series_vintage set role = 'spliced' where indicator = 'gdp'",
    ),
    "the wrong vintage kept": (
        "series_vintage_preferred",
        "update series_vintage set role = case role when 'kept' then 'withheld' else 'kept' end "
        "where indicator = 'gdp' and entity_level = 'province'",
    ),
    "a place in no prefecture": (
        "pilot_place_known", "update pilot set city_code = null where unit_code = 130281",
    ),
    "a place in another province": (
        "pilot_place_known", "update pilot set province_code = 140000 where unit_code = 130281",
    ),
    "a place in another province's city": (
        "pilot_place_known", "update pilot set city_code = 140100 where unit_code = 130281",
    ),
    "a city code that is a county's": (
        "pilot_place_known", "update pilot set city_code = 130281 where unit_code = 130281",
    ),
    "a directly administered unit in a made-up city": (
        "pilot_place_known", "update pilot set city_code = 419000 where unit_code = 419001",
    ),
    "an entry without a date": (
        "pilot_dated", "update pilot set announced_on = null where unit_code = 110101",
    ),
    "an entry without a label year": (
        "pilot_dated", "update pilot set label_year = null where unit_code = 110101",
    ),
    "a province-year without exposure": (
        "smart_exposure_complete",
        "delete from smart_exposure where province_code = 110000 and year = 2013",
    ),
    "a province without a denominator": (
        "smart_exposure_complete",
        "update smart_exposure set total_units = null where province_code = 110000 and year = 2013",
    ),
    "exposure without a list": ("smart_exposure_complete", "delete from pilot"),
    "more pilots than units": (
        "smart_exposure_share", "update smart_exposure set pilot_units = total_units + 1 where year = 2024",
    ),
    "a province without units": (
        "smart_exposure_share",
        "update smart_exposure set total_units = 0, exposure = null where year = 2024",
    ),
    "fewer than no pilots": ("smart_exposure_share", "update smart_exposure set pilot_units = -1"),
    "a pilot ends": (
        "smart_exposure_carried",
        "update smart_exposure set pilot_units = 0 where province_code = 130000 and year = 2024",
    ),
    "half a pilot unit": (
        "smart_exposure_share", "update smart_exposure set pilot_units = 0.5 where year = 2024",
    ),
    "a study without keys of its own": (
        "smart_exposure_preferred", keys("preferred and study <> 'mspi' as preferred"),
    ),
    "a study with two sets of keys": (
        "smart_exposure_preferred", keys("preferred or (study = 'mspi' and numerator = 'entries') as preferred"),
    ),
    "a combination of keys for other years": (
        "smart_exposure_preferred", keys("case numerator when 'entries' then 2025 else last_year end as last_year"),
    ),
    "a combination of keys without exposure": (
        "exposure_variant_complete", "delete from int_exposure_variant where numerator = 'entries'",
    ),
    "exposure under keys nobody declares": (
        "exposure_variant_complete", "update int_exposure_variant set timing = 'never' where timing = 'label'",
    ),
    "no year before the study's": ("exposure_variant_complete", "delete from int_exposure_variant where year = 2012"),
    "a province twice for another": (
        "exposure_variant_complete",
        "update int_exposure_variant set province_code = 120000 where province_code = 110000",
    ),
    "variants without a list": ("exposure_variant_complete", "delete from pilot"),
    "a variant of another year": (
        "exposure_variant_complete", "update int_exposure_variant set year = 2011 where year = 2024",
    ),
    "a variant above one": (
        "exposure_variant_share",
        "update int_exposure_variant set pilot_units = total_units + 1, exposure = (total_units + 1) / total_units "
        "where numerator = 'fraction' and year = 2024",
    ),
    "a variant below zero": (
        "exposure_variant_share",
        "update int_exposure_variant set pilot_units = -1, exposure = -1 / total_units where numerator = 'entries'",
    ),
    "a variant that is no quotient": (
        "exposure_variant_share", "update int_exposure_variant set exposure = 0.5 where year = 2012",
    ),
    "a variant without units": (
        "exposure_variant_share", "update int_exposure_variant set total_units = 0, exposure = null where year = 2024",
    ),
    "half a unit under another numerator": (
        "exposure_variant_share",
        "update int_exposure_variant set pilot_units = 0.5, exposure = 0.5 / total_units where numerator = 'covered'",
    ),
    "units taken whole outside fraction": (
        "exposure_variant_share", "update int_exposure_variant set taken_whole = 1 where numerator = 'covered'",
    ),
    "fewer than no units taken whole": ("exposure_variant_share", "update int_exposure_variant set taken_whole = -1"),
    "a pilot ends under a fixed denominator": (
        "exposure_variant_carried",
        "update int_exposure_variant set pilot_units = 0, exposure = 0 "
        "where denominator_year = 'fixed_2013' and province_code = 130000 and year = 2024",
    ),
    "a fixed denominator moves": (
        "exposure_variant_carried",
        "update int_exposure_variant set total_units = total_units + 1 "
        "where denominator_year = 'fixed_2013' and year = 2024",
    ),
    "a panel value of unknown origin": (
        "province_year_traced", "update province_year set urban_share = 86 where province_code = 110000",
    ),
    "a panel value that differs from its cell": (
        "province_year_traced", "update province_year set gdp = gdp + 1 where province_code = 110000",
    ),
    "an observation that never reached the panel": (
        "province_year_traced", "delete from province_year where province_code = 110000 and year = 2016",
    ),
    "a figure corrected without a correction": (
        "observation_corrected", "update observation set status = 'corrected' where file_id = 'gdp_old'",
    ),
    "a correction of another year than its cell's": (
        "observation_corrected", "update correction set year = 2015 where state = 'applied'",
    ),
    "a correction of another province than its cell's": (
        "observation_corrected", "update correction set entity_code = 110000 where state = 'applied'",
    ),
    "a correction called applied that changed nothing": (
        "observation_corrected", "update correction set state = 'applied' where state = 'unused'",
    ),
    "a correction of a stale cell called applied": (
        "observation_corrected", "update correction set state = 'applied' where state = 'stale'",
    ),
    "a corrected figure called reported": (
        "observation_corrected", "update observation set status = 'reported' where status = 'corrected'",
    ),
    "a correction that was applied is lost": ("observation_corrected", "delete from correction"),
    "a carried value that differs from its cell": (
        "observation_carried", "update observation set value = 1 where status = 'carried' and year = 2013",
    ),
    "a carried value from a cell that is not there": (
        "observation_carried", "update observation set cell = 'Z9' where status = 'carried' and year = 2013",
    ),
    "a carried value with another text than its cell": (
        "observation_carried", "update observation set raw = '1.64' where status = 'carried' and year = 2013",
    ),
    "a carried value of another province's cell": (
        "observation_carried", "update observation set entity_code = 120000 where status = 'carried'",
    ),
    "a carried value nobody reports": (
        "observation_carried", "delete from observation where indicator = 'land_area' and status = 'reported'",
    ),
    "a reported value called carried": (
        "observation_carried", "update observation set status = 'carried' where file_id = 'gdp_new'",
    ),
    "a city's figure that is nobody's": ("city_year_traced", "update city_year set gdp = 1 where city_code = 130100"),
    "a city left out": ("city_year_traced", "delete from city_year where city_code = 110000"),
    "a city of the wrong level": (
        "city_year_traced", "update observation set entity_level = 'county' where entity_code = 130100",
    ),
    "a pair without its flow": ("city_pair_complete", "update city_pair set flow = 1"),
    "a pair nobody read": ("city_pair_complete", "update city_pair set origin_code = 120000"),
    "persons and index points in one network": (
        "flow_one_unit", "update fault.flow set unit = 'persons' where direction = 'out'",
    ),
    "a day and its month in one network": (
        "flow_periods_apart",
        "update fault.flow set period_first = '2020-01', period_last = '2020-01' where direction = 'out'",
    ),
    "two files of one list disagree": ("flow_files_agree", "update fault.flow set direction = 'in'"),
    "a conflict kept another value than is chosen": (
        "vintage_conflict_kept", "update vintage_conflict set value_kept = value_other",
    ),
    "a conflict kept another vintage than is chosen": (
        "vintage_conflict_kept", "update vintage_conflict set vintage_kept = 'v9'",
    ),
    "a conflict of another value than the panel's": (
        "vintage_conflict_kept", "update province_year set gdp = 22000 where province_code = 110000 and year = 2014",
    ),
    "a conflict about a figure nobody has": (
        "vintage_conflict_kept", "update vintage_conflict set indicator = 'urban_share'",
    ),
    "a conflict of the nation kept another value": (
        "vintage_conflict_kept",
        "insert into vintage_conflict "
        "values (100000, 'nation', 2014, 'gdp', 'v1', 'v0', 640001, 630000, -0.02, 'rule')",
    ),
    "a conflict left out": ("vintage_conflict_complete", "delete from vintage_conflict"),
    "a conflict of a vintage with itself": (
        "vintage_conflict_complete", "update vintage_conflict set vintage_kept = vintage_other",
    ),
    "a conflict without a difference": (
        "vintage_conflict_complete", "update vintage_conflict set value_other = value_kept, relative_gap = 0",
    ),
    "a gap of the wrong sign": (
        "vintage_conflict_complete", "update vintage_conflict set relative_gap = -relative_gap",
    ),
    "a conflict without its gap": ("vintage_conflict_complete", "update vintage_conflict set relative_gap = null"),
    "a province-year missing from another vintage's panel": (
        "province_year_alternative_complete", "delete from int_province_year_alternative where year = 2013",
    ),
    "a province-year only another vintage's panel has": (
        "province_year_alternative_complete", "delete from province_year where year = 2013",
    ),
    "another vintage without a panel": (
        "province_year_alternative_complete", "delete from int_province_year_alternative",
    ),
    "a panel of a vintage without a conflict": (
        "province_year_alternative_complete", "update int_province_year_alternative set vintage = 'v9'",
    ),
    "another vintage's figure did not reach its panel": (
        "province_year_alternative_figure", "update int_province_year_alternative set gdp = 23000 where year = 2014",
    ),
    "another vintage's panel lost a figure": (
        "province_year_alternative_figure", "update int_province_year_alternative set gdp = null where year = 2015",
    ),
    "another vintage's panel borrows a figure": (
        "province_year_alternative_figure",
        "update int_province_year_alternative set gdp = 24000 where year = 2016",
    ),
    "another vintage's panel has a figure of unknown origin": (
        "province_year_alternative_figure", "update int_province_year_alternative set urban_share = 50",
    ),
}  # fmt: skip


@pytest.fixture
def faulty(good: Any, scratch: Execute) -> Execute:
    """`scratch`, with the lake copied into tables `fault.<name>` that the lake's views now read."""
    scratch("create schema fault")
    for name in staged_tables():
        scratch(f"create table fault.{name} as select * from lake.{name}")
        scratch(f"create or replace view lake.{name} as select * from fault.{name}")
    return scratch


def _data_tests(good: Any) -> dict[str, str | None]:
    """Kind by name: the generic test it is an instance of, None for a singular one."""
    nodes = [result.node for result in good.nodes.values() if result.node.resource_type == "test"]
    metadata = {node.name: getattr(node, "test_metadata", None) for node in nodes}
    return {name: None if found is None else found.name for name, found in metadata.items()}


def _generic(good: Any, kind: str) -> list[Any]:
    return [good.nodes[name].node for name, found in _data_tests(good).items() if found == kind]


def _table(node: Any) -> str:
    model = node.attached_node.split(".")[-1]
    return f"fault.{model.removeprefix('stg_')}" if model.startswith("stg_") else f"main.{model}"


def _found(execute: Execute, good: Any, name: str) -> int:
    return len(execute(good.nodes[name].node.compiled_code).fetchall())


@pytest.mark.parametrize("fault", FAULTS)
def test_singular(fault: str, good: Any, faulty: Execute) -> None:
    test, statement = FAULTS[fault]
    assert _found(faulty, good, test) == 0
    faulty(statement)
    assert _found(faulty, good, test) > 0


def test_every_singular_test_has_a_fault(good: Any) -> None:
    singular = {name for name, kind in _data_tests(good).items() if kind is None}
    assert singular == {test for test, _ in FAULTS.values()}


# What breaks each kind of generic test, in a column {c} of the table {t}.
GENERIC = {
    "not_null": "update {t} set {c} = null",
    "unique": "insert into {t} select * from {t} limit 1",
    "unique_combination": "insert into {t} select * from {t} limit 1",
    "relationships": "update {t} set {c} = case when typeof({c}) = 'VARCHAR' then '-1' else -1 end",
    "accepted_values": "update {t} set {c} = 'nonsense'",
}


@pytest.mark.parametrize("kind", GENERIC)
def test_generic(kind: str, good: Any) -> None:
    nodes = _generic(good, kind)
    assert nodes
    for node in nodes:
        with duckdb.connect(str(good.warehouse)) as connection:
            connection.execute("begin")
            if _table(node).startswith("fault."):
                lake = _table(node).removeprefix("fault.")
                connection.execute("create schema fault")
                connection.execute(f"create table fault.{lake} as select * from lake.{lake}")
                connection.execute(f"create or replace view lake.{lake} as select * from fault.{lake}")
            before = connection.execute(node.compiled_code).fetchall()
            connection.execute(GENERIC[kind].format(t=_table(node), c=node.test_metadata.kwargs.get("column_name")))
            after = connection.execute(node.compiled_code).fetchall()
            connection.execute("rollback")
        assert not before and after, node.name


def test_every_generic_test_is_of_a_kind_above(good: Any) -> None:
    assert set(_data_tests(good).values()) == {None, *GENERIC}


def test_every_key_is_tested(good: Any) -> None:
    """Each dbt table of the catalog: its key unique, each part of it filled."""
    tested = set()
    for kind in GENERIC:
        for node in _generic(good, kind):
            arguments = node.test_metadata.kwargs
            columns = arguments.get("columns") or [arguments["column_name"]]
            tested.add((kind, node.attached_node.split(".")[-1], tuple(columns)))
    for table in load_tables().values():
        if table.origin == "dbt":
            kind = "unique" if len(table.key) == 1 else "unique_combination"
            assert (kind, table.name, table.key) in tested
            assert all(("not_null", table.name, (column,)) in tested for column in table.key)
