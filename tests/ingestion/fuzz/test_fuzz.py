"""Valid files, spoilt at random: the same figures, or a refusal that names the place; never another figure."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.ingestion.fuzz import oracle
from tests.ingestion.fuzz.campaign import Counts, mutations_wanted, property_of, share_of
from tests.ingestion.fuzz.families import FAMILIES, Table, nbs
from tests.ingestion.fuzz.mutations import MUTATIONS
from tests.ingestion.fuzz.oracle import SilentChangeError, judge, read, run, valid


@pytest.mark.parametrize("family", FAMILIES)
def test_spoilt_files_never_give_other_figures(family: str) -> None:
    counts: Counts = Counter()
    property_of(family, mutations_wanted(), counts)()
    assert sum(counts.values()) >= share_of(mutations_wanted()), "every mutation wanted was made"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_valid_file_is_read_whole(family: str) -> None:
    assert len(valid(family)) >= 7


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_mutation_changes_some_layout(kind: str) -> None:
    changed = 0
    for make in FAMILIES.values():
        for chance in range(4):
            table = MUTATIONS[kind](make().copy(), random.Random(chance))
            changed += table is not None and (table.write(table), table.keys) != (make().write(make()), make().keys)
    assert changed


def spoilt(row: int, column: int, text: str) -> Table:
    table = nbs().copy()
    table.rows[row][column] = text
    return table


def test_the_oracle_notices_another_figure() -> None:
    with pytest.raises(SilentChangeError, match="other figures"):
        judge(valid("export (CSV)"), read(spoilt(5, 1, "4321.5")))


def test_the_oracle_notices_a_figure_under_another_name() -> None:
    table = nbs().copy()
    table.rows[5][0], table.rows[6][0] = table.rows[6][0], table.rows[5][0]
    with pytest.raises(SilentChangeError, match="other figures"):
        judge(valid("export (CSV)"), read(table))


def test_the_oracle_notices_a_figure_gone() -> None:
    table = nbs().copy()
    for row in table.rows[3:35]:
        del row[3]
    with pytest.raises(SilentChangeError, match="gone without a word"):
        judge(valid("export (CSV)"), read(table))


def test_a_missing_figure_on_record_is_none_gone() -> None:
    assert judge(valid("export (CSV)"), read(spoilt(5, 1, "…"))) == "partly refused"


def test_the_oracle_notices_a_refusal_without_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(spoilt(5, 1, "?"))
    assert judge(valid("export (CSV)"), reading) == "partly refused"
    reading.rejected_row[0].update(row=0, cell="")
    with pytest.raises(SilentChangeError, match="without its place"):
        judge(valid("export (CSV)"), reading)


def test_a_fault_of_a_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.readers.exports.nbs_export.misaligned", lambda *_: {})
    with pytest.raises(SilentChangeError):
        for chance in range(30):
            run("export (CSV)", ["shift row"], chance)
    assert oracle.run("export (CSV)", ["swap names"], 0) is None
