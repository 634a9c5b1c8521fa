"""`medpanel add`: what needs no question, the one question that is asked, and what is said when nothing fits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpanel.cli import app
from medpanel.downloads.adding import AddError
from tests.medpanel.downloads.conftest import ENTRIES, Office, gdp, people, pilot_list

Receive = Callable[[str, str], Path]


@pytest.fixture
def settled(office: Office) -> Office:
    office.put("gdp.csv", gdp(2022, 2021))
    office.put("pop.csv", people(2022, 2021))
    office.run()
    return office


def standing(office: Office, indicator: str, year: int) -> float | None:
    return office.standing().get(("new", 110000, year, indicator))


def test_the_newer_download_needs_no_question_and_overwrites_nothing(settled: Office, received: Receive) -> None:
    newer = received("gdp.csv", gdp(2023, 2022, changed=1100))
    said, asked, failed = settled.add(newer, who="Li")
    assert (asked, failed) == ([], [])
    assert "gdp.csv: newer download of gdp.csv (download 2): 31 new, 0 revised, 31 the same, 0 removed" in said[-1]
    settled.run()
    assert settled.files().keys() - {"gdp.csv", "pop.csv"} == {
        path for path in settled.files() if path.startswith("downloads/")
    }
    assert (standing(settled, "gdp", 2023), standing(settled, "gdp", 2021)) == (1100, 1021)
    row = settled.workspace.sources()[0].downloads.files[-1]
    assert (row.recorded_by, row.download, row.entry, row.name) == ("Li", 2, "*gdp*.csv", "gdp.csv")
    # The same bytes again, under whatever name: said, and nothing done.
    said, asked, failed = settled.add(Path(shutil.copy(newer, newer.with_name("again.csv"))))
    assert "already on record" in said[-1]
    assert settled.workspace.sources()[0].downloads.files[-1] == row


def test_a_name_no_entry_knows_is_recognised_by_its_figures(settled: Office, received: Receive) -> None:
    said, asked, failed = settled.add(received("table(3).csv", gdp(2023, 2022, 2021)))
    assert (asked, failed) == ([], [])
    assert "newer download of gdp.csv" in said[-1]


def test_files_of_one_command_are_one_download(settled: Office, received: Receive) -> None:
    settled.add(received("gdp.csv", gdp(2023, 2022)), received("pop.csv", people(2023, 2022)))
    assert [row.download for row in settled.workspace.sources()[0].downloads.files] == [1, 1, 2, 2]


def test_a_renamed_indicator_is_asked_once_and_remembered(settled: Office, received: Receive) -> None:
    renamed = gdp(2023, 2022, 2021, header="地区生产总值（新口径）(亿元)")
    said, asked, failed = settled.add(received("gdp.csv", renamed), answer=True)
    assert len(asked) == 1 and "地区生产总值（新口径） is gdp" in asked[0]
    assert failed == []
    settled.run()
    assert standing(settled, "gdp", 2023) == 1023
    assert "sources.yaml" not in "".join(said)


def test_a_changed_unit_is_asked_once_and_remembered(settled: Office, received: Receive) -> None:
    _, asked, failed = settled.add(received("pop.csv", people(2023, 2022, factor=10000)), answer=True)
    assert len(asked) == 1 and "are 10,000 times those there: in 人, not 万人" in asked[0]
    assert failed == []
    settled.run()
    assert standing(settled, "resident_population", 2023) == 1023
    assert settled.rows("refused_offer") == []


def test_a_unit_the_file_states_needs_no_question(settled: Office, received: Receive) -> None:
    settled.declare([{**ENTRIES[0], "indicator": "gdp", "unit": "亿元"}, *ENTRIES[1:]])
    _, asked, failed = settled.add(received("gdp.csv", gdp(2023, 2022, header="地区生产总值(万元)", factor=10000)))
    assert (asked, failed) == ([], [])
    settled.run()
    assert standing(settled, "gdp", 2023) == 1023


def test_no_means_that_nothing_is_added(settled: Office, received: Receive) -> None:
    before = sorted(settled.raw.rglob("*"))
    _, asked, failed = settled.add(received("pop.csv", people(2023, 2022, factor=10000)), answer=False)
    assert len(asked) == len(failed) == 1
    assert sorted(settled.raw.rglob("*")) == before


def test_the_answer_can_be_given_beforehand(settled: Office, received: Receive) -> None:
    _, asked, failed = settled.add(
        received("pop.csv", people(2023, 2022, factor=10000)), unit="人", newer_than="pop.csv"
    )
    assert (asked, failed) == ([], [])
    settled.run()
    assert standing(settled, "resident_population", 2023) == 1023


def test_what_fits_nothing_is_said_with_the_entries_tried_and_what_to_declare(
    settled: Office, received: Receive
) -> None:
    (message,) = settled.add(received("notes.csv", "a,b\n1,2\n"))[2]
    assert "not recognised" in message and "*gdp*.csv: " in message and "match: " in message
    assert "未能识别" in message
    (message,) = settled.add(received("empty.csv", ""))[2]
    assert "empty" in message


def test_figures_far_from_those_there_are_not_taken_for_a_newer_download(settled: Office, received: Receive) -> None:
    (message,) = settled.add(received("gdp.csv", gdp(2022, 2021, factor=3)))[2]
    assert "62 of 62 shared cells are far from those there" in message


def test_a_shorter_list_replaces_the_whole_of_another_where_that_is_said(office: Office, received: Receive) -> None:
    second = pilot_list(tangshan="2013-08-05").replace("mohurd,1,2012", "mohurd,2,2013")
    office.put("pilots.csv", pilot_list(shijiazhuang="2013-01-29") + "\n".join(second.splitlines()[1:]) + "\n")
    office.run()
    newer = received("pilots.csv", pilot_list(shijiazhuang="2013-01-30"))
    office.add(newer, newer_than="pilots.csv")
    office.run()
    assert office.pilots() == {130100: "2013-01-30"}


def test_a_file_named_that_is_not_there_lists_those_that_are(settled: Office, received: Receive) -> None:
    (message,) = settled.add(received("x.csv", gdp(2023)), newer_than="nowhere.csv")[2]
    assert "found 0; on record are: gdp.csv, pop.csv" in message
    (message,) = settled.add(received("x.csv", gdp(2023)), entry="none")[2]
    assert "no entry match: none" in message


def test_nothing_is_added_to_a_foreign_folder(
    settled: Office, received: Receive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDPANEL_DATA", str(settled.raw))
    foreign = Office(tmp_path / "other")
    foreign.declare([{**entry, "accessed": "2025-01-02"} for entry in ENTRIES], root="${MEDPANEL_DATA}")
    with pytest.raises(AddError, match="is not the folder of"):
        foreign.add(received("gdp.csv", gdp(2023)))


def test_the_command_asks_nobody_where_there_is_nobody(settled: Office, received: Receive) -> None:
    path = str(received("pop.csv", people(2023, 2022, factor=10000)))
    arguments = ["add", path, "--data", str(settled.root)]
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 1
    assert "add --yes" in refused.output
    accepted = CliRunner().invoke(app, [*arguments, "--yes"])
    assert (accepted.exit_code, "download 2" in accepted.output) == (0, True)
