"""Bad days of an office: each ends in the figures of the right files, or in a named refusal."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import Any

import pytest
import yaml

from catalog import load_sources
from catalog.base import CatalogError
from catalog.declarations.downloads import Register
from medpanel.downloads.recording import mark_published, prospect, record, save
from medpanel.runs import input_state, standing
from tests.ingestion.conftest import PROVINCES, nbs_text
from tests.medpanel.downloads.conftest import ENTRIES, Office, gdp, people, pilot_list

BEIJING = ("new", 110000, 2022, "gdp")


def fresh(office: Office, **files: str) -> Office:
    """A new workspace with only these files (name without .csv)."""
    other = Office(office.root.parent / "fresh")
    other.declare()
    for name, text in files.items():
        other.put(f"{name}.csv", text)
    other.run()
    return other


def codes(office: Office, path: str) -> set[str]:
    file_id = office.files()[path]["file_id"]
    return {row["code"] for row in office.rows("rejected_row") if row["file_id"] == file_id}


def run_noted(office: Office) -> None:
    """A run, and what it notes of the files before it reads them."""
    input_state.note(office.workspace, "run")
    record(office.workspace, lambda _: None)
    input_state.note_kept(office.workspace)
    office.run()


def news(office: Office) -> list[str]:
    """What the service finds to differ from what the last run read."""
    read = input_state.last_read(office.workspace)
    look = input_state.look_at(office.workspace)
    return input_state.news(input_state.content_of(office.workspace, look, read), read)


def test_a_redownload_that_disagrees_revises_and_empties_nothing(office: Office) -> None:
    office.put("gdp.csv", gdp(2022, 2021))
    office.run()
    office.put("gdp_again.csv", gdp(2022, 2021, changed=1234.5))
    assert "gdp_again.csv: new file, download 2" in office.run()
    assert office.rows("rejected_row") == []
    assert office.standing()[BEIJING] == 1234.5
    assert office.standing() == fresh(office, gdp=gdp(2022, 2021, changed=1234.5)).standing()


def test_two_files_of_one_download_that_disagree_are_still_refused(office: Office) -> None:
    office.put("gdp.csv", gdp(2022, 2021))
    office.put("gdp_again.csv", gdp(2022, 2021, changed=1234.5))
    office.run()
    assert BEIJING not in office.standing()
    assert codes(office, "gdp.csv") == codes(office, "gdp_again.csv") == {"conflict"}


def test_replaced_in_place_the_old_bytes_stay_as_the_superseded_file(office: Office) -> None:
    office.put("gdp.csv", gdp(2022, 2021))
    office.run()
    office.put("gdp.csv", gdp(2023, 2022, changed=1300))
    office.run()
    now = office.files()
    (old,) = now.keys() - {"gdp.csv"}
    assert old.startswith("downloads/") and old.endswith("/gdp.csv")
    assert (now[old]["download"], now["gdp.csv"]["download"]) == (1, 2)
    assert now[old]["superseded_by"] == now["gdp.csv"]["file_id"]
    # Years only the older file has stay; those both have are the later one's.
    assert {key[2] for key in office.standing()} == {2021, 2022, 2023}
    assert office.standing()["new", 110000, 2023, "gdp"] == 1300
    right = gdp(2023, 2022, changed=1300)
    assert office.standing() == fresh(office, gdp=right, gdp_2021=gdp(2021)).standing()


def test_a_half_copied_file_leaves_no_revision_and_complete_it_counts(office: Office) -> None:
    office.put("gdp.csv", gdp(2022, 2021))
    office.put("pop.csv", people(2022)[:300])
    office.run()
    assert office.files()["pop.csv"]["status"] == "refused"
    office.put("pop.csv", people(2022))
    office.run()
    assert {row["download"] for row in office.rows("source_file")} == {1}
    assert office.standing() == fresh(office, gdp=gdp(2022, 2021), pop=people(2022)).standing()


def test_a_correction_half_copied_does_not_pass_for_one(office: Office) -> None:
    office.put("pop.csv", people(2022))
    office.run()
    office.put("pop.csv", people(2022)[:300])
    office.run(publish=False)
    refused = {row["file_id"] for row in office.rows("source_file") if row["status"] == "refused"}
    assert refused & {row["superseded_by"] for row in office.rows("source_file")}
    office.put("pop.csv", people(2023, 2022))
    office.run()
    assert sorted(row["download"] for row in office.rows("source_file")) == [1, 2]
    assert office.standing() == fresh(office, pop=people(2023, 2022)).standing()


@pytest.mark.parametrize("in_place", [True, False])
def test_a_corrected_pilot_list_wins_and_revives_nobody(office: Office, in_place: bool) -> None:
    office.put("pilots.csv", pilot_list(shijiazhuang="2013-01-29", tangshan="2013-01-29"))
    office.run()
    right = pilot_list(shijiazhuang="2013-01-30", qinhuangdao="2013-01-29")
    office.put("pilots.csv" if in_place else "pilots_corrected.csv", right)
    office.run()
    assert office.pilots() == {130100: "2013-01-30", 130300: "2013-01-29"}
    assert office.pilots() == fresh(office, pilots=right).pilots()
    assert office.rows("rejected_row") == []


def test_lists_of_one_download_that_disagree_are_still_refused(office: Office) -> None:
    office.put("pilots.csv", pilot_list(shijiazhuang="2013-01-29"))
    office.put("pilots_2.csv", pilot_list(shijiazhuang="2013-01-30"))
    office.run()
    assert office.pilots() == {}
    assert codes(office, "pilots.csv") == {"pilot_conflict"}


def test_exchanged_files_are_refused_by_name_until_put_right(office: Office) -> None:
    office.declare(
        [*ENTRIES[:1], {"match": "b.csv", "vintage": "new", "indicator": "resident_population", "unit": "万人"}]
    )
    office.put("gdp.csv", gdp(2022))
    office.put("b.csv", people(2022))
    office.run()
    before = office.standing()
    office.put("gdp.csv", people(2022))
    office.put("b.csv", gdp(2022))
    assert "contents exchanged; refused" in office.run(publish=False)
    for path, other in (("gdp.csv", "b.csv"), ("b.csv", "gdp.csv")):
        assert "swapped_files" in "+".join(codes(office, path))
        assert office.files()[path]["status"] == "refused"
        assert other in office.files()[path]["problem"], "named before what follows from it"
        assert any(other in row["reason"] for row in office.rows("rejected_row"))
    office.put("gdp.csv", gdp(2022))
    office.put("b.csv", people(2022))
    office.run()
    assert office.standing() == before


def test_a_backup_restored_changes_nothing(office: Office) -> None:
    office.put("gdp.csv", gdp(2022))
    office.run()
    register = (office.raw / "downloads/register.yaml").read_bytes()
    lake = {path.name: path.read_bytes() for path in office.workspace.lake.glob("*.parquet")}
    os.utime(office.raw / "gdp.csv", (1e9, 1e9))
    assert office.run() == ""
    assert (office.raw / "downloads/register.yaml").read_bytes() == register
    assert {path.name: path.read_bytes() for path in office.workspace.lake.glob("*.parquet")} == lake


def test_a_folder_moved_and_a_file_renamed_are_the_same_files(office: Office) -> None:
    for year in (2020, 2021, 2022):
        office.put(f"nbs/gdp{year}.csv", gdp(year))
    office.put("old_pop.csv", people(2020))
    office.run()
    before = office.standing()
    (office.raw / "archive").mkdir()
    shutil.move(office.raw / "nbs", office.raw / "archive/nbs")
    # By its name alone it would be read by another entry, and as another vintage.
    (office.raw / "old_pop.csv").rename(office.raw / "residents.csv")
    said = office.run()
    assert "nbs was moved to archive/nbs: 3 files" in said
    assert "old_pop.csv is now residents.csv" in said
    assert office.standing() == before
    assert {row["download"] for row in office.rows("source_file")} == {1}


def test_a_deleted_file_is_said_and_its_predecessor_not_revived(office: Office) -> None:
    office.put("gdp.csv", gdp(2022))
    office.put("pop.csv", people(2022))
    office.run()
    office.put("gdp.csv", gdp(2022, changed=1300))
    office.run()
    (office.raw / "gdp.csv").unlink()
    assert "gdp.csv: the file is gone" in office.run()
    assert office.files().keys() == {"pop.csv"}


def test_a_file_taken_away_while_its_run_goes_on_does_not_fail_what_was_published(office: Office) -> None:
    office.put("gdp.csv", gdp(2022))
    office.put("pop.csv", people(2022))
    office.run(publish=False)
    (office.raw / "gdp.csv").unlink()
    mark_published(office.workspace)
    rows = office.workspace.sources()[0].downloads.files
    assert [(row.published, (office.raw / row.kept).is_file()) for row in rows] == [(True, False), (True, True)]
    assert "gdp.csv: the file is gone" in office.run()


def test_a_unit_changed_under_its_declaration_is_an_offer_refused_with_its_cause(office: Office) -> None:
    office.put("pop.csv", people(2022, 2021))
    office.put("old_pop.csv", people(2022))
    office.declare([ENTRIES[2], *ENTRIES[:2]])
    office.run()
    assert office.rows("refused_offer") == []
    office.put("pop.csv", people(2022, 2021, factor=10000))
    office.run(publish=False)
    (offer,) = office.rows("refused_offer")
    assert (offer["indicator"], offer["entity_level"], offer["vintage"]) == ("resident_population", "province", "new")
    assert (offer["vintage_rank"], offer["fallback"]) == (0, "refuse")
    assert "pop.csv" in offer["problem"]


def test_when_files_were_accessed_is_recorded_unless_typed(office: Office) -> None:
    office.declare([{**ENTRIES[0], "accessed": "2025-01-02"}, ENTRIES[1]])
    office.put("gdp.csv", gdp(2022))
    office.put("pop.csv", people(2022))
    office.run()
    office.put("gdp_newer.csv", gdp(2023))
    office.run()
    dates = {path: str(row["accessed_on"]) for path, row in office.files().items()}
    (today,) = {dates["pop.csv"], dates["gdp_newer.csv"]}
    assert dates["gdp.csv"] == "2025-01-02" != today


def test_a_foreign_folder_is_never_written_to_and_needs_dates(
    office: Office, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDPANEL_DATA", str(office.raw))
    office.put("gdp.csv", gdp(2022))
    foreign = Office(tmp_path / "other")
    foreign.declare(root="${MEDPANEL_DATA}")
    with pytest.raises(CatalogError, match=r"`accessed` is required .*\*gdp\*\.csv"):
        load_sources(foreign.raw / "sources.yaml")
    foreign.declare(
        [{**entry, "accessed": "2025-01-02"} for entry in ENTRIES], root="${MEDPANEL_DATA}", scope="declared"
    )
    foreign.run()
    assert not (office.raw / "downloads").exists()
    assert foreign.files()["gdp.csv"]["download"] == 1


def test_downloads_is_no_key_of_sources(office: Office) -> None:
    office.declare(downloads={"files": []})
    with pytest.raises(CatalogError, match="`downloads` is no key"):
        load_sources(office.raw / "sources.yaml")


def test_looking_writes_nothing_and_a_users_own_folder_named_downloads_is_read(office: Office) -> None:
    office.put("downloads/gdp.csv", gdp(2022))
    prospect(office.workspace)
    assert not (office.raw / "downloads/register.yaml").exists()
    office.run()
    assert office.files().keys() == {"downloads/gdp.csv"}
    office.put("downloads/pop.csv", people(2022))
    office.run()
    assert office.files().keys() == {"downloads/gdp.csv", "downloads/pop.csv"}


def test_a_cell_that_became_empty_keeps_its_older_value(office: Office) -> None:
    office.put("gdp.csv", gdp(2022))
    office.run()
    office.put(
        "gdp.csv", nbs_text(years=("2022年",), cells={(i, 0): "" for i in range(len(PROVINCES))} | {(1, 0): "900"})
    )
    office.run()
    assert office.standing()[BEIJING] == 1022.0
    assert office.standing()["new", 120000, 2022, "gdp"] == 900


def test_a_correction_speaks_for_what_stood_there_before_too(office: Office) -> None:
    office.put("gdp.csv", gdp(2022, 2021, changed=123))
    office.run()
    office.put("gdp.csv", gdp(2021))
    entry = {
        "file": "gdp.csv", "cell": "B5", "province_code": 110000, "year": 2022, "indicator": "gdp", "expect": "123",
        "value": "1023", "reason": "misprint", "source": "the yearbook", "status": "open",
    }  # fmt: skip
    office.put("corrections.yaml", yaml.safe_dump({"corrections": [entry]}))
    office.declare(corrections="corrections.yaml")
    office.run()
    assert office.standing()[BEIJING] == 1023
    states = {row["path"]: row["state"] for row in office.rows("correction")}
    assert (states.pop("gdp.csv"), set(states.values())) == ("stale", {"applied"})


def test_a_lost_register_is_not_founded_anew_over_kept_files(office: Office) -> None:
    office.put("gdp.csv", gdp(2022))
    office.run()
    (office.raw / "downloads/register.yaml").unlink()
    with pytest.raises(CatalogError, match=r"register\.yaml is gone"):
        office.run()
    shutil.rmtree(office.raw / "downloads")
    office.run()
    assert office.files()["gdp.csv"]["status"] == "loaded"


def doctors(*numbers: int) -> str:
    names = [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers]
    lines = [f"{name},主任医师,三级甲等,石家庄市,河北省" for name in names]
    return "\n".join(["doctor_id,title,hospital_grade,city,province", *lines, ""])


DOCTORS = {"match": "*doctors*.csv", "vintage": "list", "layout": "online_doctors", "year": 2023}


def test_a_table_replaced_as_a_whole_is_not_read_beside_its_successor(office: Office) -> None:
    """Rows of flows, maps and lists of divisions have no cells to be superseded one by one."""
    office.declare([DOCTORS])
    office.put("doctors.csv", doctors(1, 2, 3))
    office.run()
    assert [row["doctors"] for row in office.rows("doctor_count")] == [3]
    office.put("doctors.csv", doctors(4, 5))
    office.run()
    assert office.files().keys() == {"doctors.csv"}
    assert [row["doctors"] for row in office.rows("doctor_count")] == [2]


def test_a_table_said_to_be_older_is_refused_and_one_between_is_passed_over(office: Office) -> None:
    """Of three downloads the second was refused: the first is replaced by the third."""
    office.declare([DOCTORS])
    for name, text in (("doctors.csv", doctors(1, 2, 3)), ("doctors_2.csv", "broken"), ("doctors_3.csv", doctors(4))):
        office.put(name, text)
        office.run()
    sources, root = office.workspace.sources()
    first, second, third = sources.downloads.files
    second, third = (one.model_copy(update={"newer_than": old.path}) for one, old in ((second, first), (third, second)))
    save(root, Register(files=(first, second, third)))
    office.run()
    assert "superseded_file" in "+".join(codes(office, "doctors.csv"))
    assert [row["doctors"] for row in office.rows("doctor_count")] == [1]


def test_what_a_run_records_starts_no_further_run(office: Office) -> None:
    """Neither by what a run is made from, nor by what the sensor looks at."""
    office.put("gdp.csv", gdp(2022))
    ingredients = [standing.ingredients(office.workspace)]
    run_noted(office)
    assert news(office) == []
    office.put("gdp.csv", gdp(2022, changed=1300))
    assert news(office) == ["gdp.csv"]
    ingredients += [standing.ingredients(office.workspace)]
    run_noted(office)
    assert news(office) == []
    assert standing.ingredients(office.workspace) == ingredients[1] != ingredients[0]
