"""A workspace's own facts: a city merged after the packaged record, and every contradiction named with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.base import CatalogError
from catalog.division_facts import CHANGES, PACKAGED, VINTAGE, Facts, own_facts
from ingestion.places import Place, at_year, match_place, place_or_problem, territory_at, using, vintage
from ingestion.places.consistency import require_consistent
from ingestion.places.records import division_counts, place_records
from ingestion.places.units import units_by_code
from tests.ingestion.places.conftest import DISTRICT, LAST, MERGER, Own


def problem_of(facts: Facts) -> str:
    with using(facts), pytest.raises(CatalogError) as error:
        require_consistent()
    return str(error.value)


def total(name: str, province: int, year: int) -> int:
    return next(row[name] for row in division_counts() if (row["province_code"], row["year"]) == (province, year))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_changes_are_read_as_spreadsheet_programs_save_them(own: Own, encoding: str) -> None:
    [row] = own(MERGER, encoding=encoding).rows(CHANGES)
    assert row["level"] == "prefecture" and row["name"] == "嘉峪关市" and row.number == 2


def test_a_merged_city_leads_to_its_successor_and_leaves_the_counts(own: Own) -> None:
    with using(own(MERGER, *DISTRICT)):
        require_consistent()
        assert vintage().last_year == LAST + 1
        assert at_year(620200, LAST) == 620200 and at_year(620200, LAST + 1) == 620900
        assert match_place("嘉峪关市", year=LAST).code == 620200
        assert match_place("嘉峪关市", year=LAST + 1).code == 620900
        assert match_place("正定区", year=LAST + 1) == Place(130112, "正定区", "county", 130000, 130100)
        assert at_year(130123, LAST + 1) == 130112
        for name in ("prefecture_units", "prefecture_cities"):
            assert total(name, 620000, LAST + 1) == total(name, 620000, LAST) - 1
        ended = [row for row in place_records() if row["code"] == 620200]
        assert [row["last_year"] for row in ended] == [LAST]


def test_facts_are_those_of_the_block_alone(own: Own) -> None:
    """Nothing worked out from one body of facts answers for another."""
    before = (territory_at(620200, LAST + 1), len(division_counts()))
    with using(own(MERGER)):
        assert territory_at(620200, LAST + 1) == (620900,)
        with using(None):
            assert territory_at(620200, LAST + 1) == (620900,)
    assert (territory_at(620200, LAST + 1), len(division_counts())) == before
    assert own(MERGER).sha256 != own(MERGER, *DISTRICT).sha256 and PACKAGED.sha256 == ""


def test_without_the_change_the_new_unit_is_refused_with_the_remedy() -> None:
    problem = place_or_problem("正定区", year=LAST + 1)
    assert not isinstance(problem, Place) and problem.code == "place_after_record"
    for text in (problem.english("a.csv"), problem.chinese("a.csv")):
        assert "medpanel template divisions" in text and f"{LAST + 1} > {LAST}" in text
    known = place_or_problem("正定区", year=LAST)
    assert not isinstance(known, Place) and known.code == "unknown_place"
    assert f"{vintage().first_year['prefecture']}-{LAST}" in known.english("a.csv")


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ([MERGER.replace("620900", "620999")], "successors", f"stand in {LAST + 1}, not 620999"),
        ([MERGER.replace("620900", "")], "successors", "successors, or a further row"),
        ([MERGER.replace("620900", "62090")], "successors", "six-digit codes"),
        ([MERGER.replace("620900,", "620900,620300")], "main_successor", "one of the successors"),
        ([MERGER.replace(f"{LAST}", "")], "last_year", "the last year-end a unit stands at"),
        ([MERGER.replace(f"{LAST}", "end")], "last_year", "a whole number"),
        ([MERGER.replace(f"{LAST}", f"{LAST + 1}")], "last_year", f"a year before {LAST + 1}"),
        ([MERGER.replace("嘉峪关市", "嘉裕关市")], "name", "620200 嘉峪关市"),
        ([MERGER.replace("嘉峪关市", "嘉峪关")], "name", "official name"),
        ([MERGER.replace("prefecture", "city")], "level", "prefecture or county"),
        ([MERGER.replace("620200", "620201")], "code", "six-digit code of a prefecture-level unit"),
        ([MERGER, MERGER], "name", "the record has no 620200"),
        ([f"prefecture,620200,雄关市,{LAST + 1},,,,,x"], "first_year", "end that unit first"),
        ([f"county,130112,正定区,{LAST + 2},,,,,x"], "first_year", f"a year to {LAST + 1}"),
        ([f"county,130112,正定区,{LAST + 1},,,,130199,x"], "also_from", "not 130199"),
        ([f"county,130112,正定区,{LAST + 1},,130102,,,x"], "last_year", "as the unit has successors"),
        ([MERGER.replace("620200,嘉峪关市", "620300,金昌市")], "code", "an end for 620302 金川区"),
    ],
)
def test_a_wrong_change_is_named_with_its_row(own: Own, changes: list[str], column: str, expected: str) -> None:
    told = problem_of(own(*changes))
    assert f"changes.csv: row {len(changes) + 1}, column {column}: found" in told and expected in told
    assert " / 列 " in told


def test_a_changed_past_contradicts_the_year_end_lists(own: Own) -> None:
    told = problem_of(own(MERGER.replace(f"{LAST}", f"{LAST - 2}")))
    assert "year_end_total.csv: row" in told and f"as the units of {LAST - 1} give for 620000" in told


def test_whole_files_count_before_the_packaged_ones(own: Own) -> None:
    alias = "name,code,reading,reason,source\n钢城,620200,,name in use,test\n"
    with using(own(alias=alias)):
        assert match_place("钢城").code == 620200
    assert match_place("内蒙").code == 150000


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.csv", "a\n", "no file of facts about divisions: notes.csv"),
        ("alias.csv", "name,code\n", "row 1: found the columns name, code"),
        ("alias.csv", "name,code,reading,reason,source\n甲,620200\n", "row 2: 2 fields; expected 5"),
        ("alias.csv", b"\xff\xfe\x00\x81", "neither UTF-8 nor GB 18030"),
        (VINTAGE, "source: x\n", "last_year"),
        (VINTAGE, "last_year: 1950\nsource: x\n", "lies before a first year"),
        (VINTAGE, "- 2025\n", "expected the key last_year"),
        (VINTAGE, None, "without vintage.yaml"),
    ],
)
def test_a_wrong_folder_is_named(own: Own, tmp_path: Path, name: str, content: str | bytes | None, told: str) -> None:
    own()
    path = tmp_path / "divisions" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(CatalogError, match="divisions") as error:
        own_facts(tmp_path / "divisions")
    assert told in str(error.value)
    with pytest.raises(CatalogError, match="is no folder"):
        own_facts(tmp_path / "elsewhere")


def test_files_that_change_while_they_are_used_are_an_error(own: Own) -> None:
    facts = own(MERGER.replace("invented", "replaced at once"))
    own(*DISTRICT)
    with using(facts), pytest.raises(CatalogError, match="changed"):
        units_by_code()
