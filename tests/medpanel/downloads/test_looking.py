"""The register follows the folder: what is new, replaced, moved, exchanged, put back or gone, whatever the clock."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from catalog.declarations.downloads import Received, Register
from medpanel.downloads.looking import Content, Look

DAY = dt.date(2026, 3, 1)


def content(text: str) -> Content:
    return Content(hashlib.sha256(text.encode()).hexdigest(), len(text))


def entry(path: str) -> str | None:
    """gdp*.csv and pop*.csv are entries; other names are none."""
    name = path.rpartition("/")[2]
    return next((f"{start}*.csv" for start in ("gdp", "pop") if name.startswith(start)), None)


def look(register: Register, today: dt.date = DAY, kept: bool = True, **found: str) -> tuple[Register, str]:
    """The register after the folder holds these, with __ for / and _csv for .csv in names, and what was said."""
    named = {name.replace("__", "/").replace("_csv", ".csv"): content(text) for name, text in found.items()}
    one = Look(register, named, today, "tester", entry, lambda row: kept)
    after = one.result()
    return after, "\n".join(text.en for text in one.said)


def founded(publish: bool = True, **found: str) -> Register:
    return published(look(Register(), **found)[0]) if publish else look(Register(), **found)[0]


def published(register: Register) -> Register:
    rows = (row.model_copy(update={"published": row.state == "current"}) for row in register.files)
    return Register(files=tuple(rows))


def rows(register: Register) -> list[tuple[str, int, str]]:
    return [(row.path, row.download, row.state) for row in register.files]


def row_of(register: Register, path: str) -> Received:
    found = register.at(path)
    assert found is not None
    return found


def test_all_files_at_the_founding_are_one_download_and_a_second_look_changes_nothing() -> None:
    register, said = look(Register(), gdp_csv="1", pop_csv="2")
    assert rows(register) == [("gdp.csv", 1, "current"), ("pop.csv", 1, "current")]
    assert "2 files" in said
    # A backup restored: the same bytes, whatever their time.
    assert look(register, dt.date(2020, 1, 1), gdp_csv="1", pop_csv="2") == (register, "")


def test_files_that_come_later_in_one_run_are_one_later_download() -> None:
    register, said = look(founded(gdp_csv="1"), gdp_csv="1", gdp2_csv="2", pop_csv="3")
    assert rows(register)[1:] == [("gdp2.csv", 2, "current"), ("pop.csv", 2, "current")]
    assert "gdp2.csv: new file, download 2" in said


def test_what_came_with_another_file_does_not_win_over_the_newer_download_it_is_copied_over() -> None:
    register = published(look(founded(gdp_csv="1"), gdp_csv="1", gdp2_csv="2")[0])
    after, said = look(register, gdp_csv="1", gdp2_csv="1")
    assert ("gdp2.csv", 2, "superseded") in rows(after)
    assert row_of(after, "gdp2.csv").download == 1
    assert "gdp2.csv: holds what gdp.csv came with (download 1) now; download 2" in said


def test_until_the_first_publication_everything_belongs_to_the_founding() -> None:
    register, _ = look(founded(publish=False, gdp_csv="1"), gdp_csv="1", pop_csv="3")
    assert {row.download for row in register.files} == {1}


def test_the_number_grows_though_the_clock_moves_back() -> None:
    register = published(look(founded(gdp_csv="1"), dt.date(2026, 5, 1), gdp_csv="2")[0])
    register, _ = look(register, dt.date(2024, 1, 1), gdp_csv="3")
    assert rows(register) == [("gdp.csv", 1, "superseded"), ("gdp.csv", 2, "superseded"), ("gdp.csv", 3, "current")]
    assert [row.recorded_on.year for row in register.files] == [2026, 2026, 2024]
    first, second = (row.kept for row in register.files[:2])
    assert register.superseded_by == {first: second, second: "gdp.csv"}


def test_a_half_copied_file_is_no_download_of_its_own() -> None:
    """Nor is one that was refused: only what was published leaves a revision."""
    register = founded(gdp_csv="whole")
    register, _ = look(register, gdp_csv="whole", gdp2_csv="hal")
    register, said = look(register, gdp_csv="whole", gdp2_csv="half no more")
    assert rows(register) == [("gdp.csv", 1, "current"), ("gdp2.csv", 2, "current")]
    assert "replaced before it was published" in said
    register, _ = look(published(register), gdp_csv="who", gdp2_csv="half no more")
    register, _ = look(register, gdp_csv="whole again", gdp2_csv="half no more")
    assert rows(register) == [("gdp.csv", 1, "superseded"), ("gdp2.csv", 2, "current"), ("gdp.csv", 3, "current")]


def test_older_bytes_put_back_are_the_latest_download_and_that_is_said() -> None:
    register = published(look(founded(gdp_csv="old"), gdp_csv="new")[0])
    register, said = look(register, gdp_csv="old")
    assert rows(register) == [("gdp.csv", 2, "superseded"), ("gdp.csv", 3, "current")]
    assert "earlier bytes were put back" in said
    assert register.at(register.files[0].kept) is register.files[0]


def test_bytes_that_were_not_kept_are_not_read_and_that_is_said() -> None:
    register, said = look(founded(gdp_csv="old"), kept=False, gdp_csv="new")
    assert rows(register) == [("gdp.csv", 1, "gone"), ("gdp.csv", 2, "current")]
    assert "not kept" in said
    assert list(register.readable) == ["gdp.csv"]


def test_a_renamed_file_keeps_its_number_its_entry_and_its_past() -> None:
    register = published(look(founded(gdp_csv="1"), gdp_csv="2")[0])
    register, said = look(register, other_csv="2")
    assert rows(register) == [("other.csv", 1, "superseded"), ("other.csv", 2, "current")]
    assert row_of(register, "other.csv").entry == "gdp*.csv"
    assert said == "gdp.csv is now other.csv"
    # Back under its own name it needs no entry on record.
    assert row_of(look(register, gdp_csv="2")[0], "gdp.csv").entry is None


def test_a_folder_moved_is_said_in_one_line() -> None:
    names = ("gdp1_csv", "gdp2_csv", "gdp3_csv", "x_csv")
    register = founded(**{f"a__{name}": name for name in names})
    register, said = look(register, **{f"b__c__{name}": name for name in names})
    assert said == "a was moved to b/c: 4 files"
    assert {(row.path.rpartition("/")[0], row.download) for row in register.files} == {("b/c", 1)}


def test_a_file_gone_is_said_and_what_it_replaced_is_not_revived() -> None:
    register = published(look(founded(gdp_csv="1", pop_csv="p"), gdp_csv="2", pop_csv="p")[0])
    register, said = look(register, pop_csv="p")
    assert said == "gdp.csv: the file is gone"
    assert list(register.readable) == ["pop.csv"]
    register, said = look(register, pop_csv="p", gdp_csv="2")
    assert (said, row_of(register, "gdp.csv").download) == ("gdp.csv is back", 2)
    assert len(register.readable) == 3


def test_exchanged_contents_are_left_on_record_as_they_were_unless_one_entry_reads_both() -> None:
    register = founded(gdp_csv="g", pop_csv="p")
    after, said = look(register, gdp_csv="p", pop_csv="g")
    assert (after, "exchanged; refused" in said) == (register, True)
    register = founded(gdp1_csv="g", gdp2_csv="h")
    after, said = look(register, gdp1_csv="h", gdp2_csv="g")
    assert row_of(after, "gdp1.csv").sha256 == content("h").sha256
    assert "all read by one entry" in said
    assert {row.state for row in after.files} == {"current"}


def test_the_latest_moved_aside_for_a_newer_one_stays_the_older() -> None:
    """gdp.csv -> gdp_old.csv, known or not, and new bytes under gdp.csv."""
    for old_csv in ({}, {"gdp_old_csv": "0"}):
        found: dict[str, Any] = {"gdp_csv": "1", **old_csv}
        register, _ = look(founded(**found), gdp_csv="2", gdp_old_csv="1")
        current = {row.path: row.download for row in register.files if row.state == "current"}
        assert current == {"gdp.csv": 2, "gdp_old.csv": 1}
        assert [row.sha256 for row in register.files if row.state == "superseded"] == [
            content(text).sha256 for text in old_csv.values()
        ]
