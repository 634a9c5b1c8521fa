"""Each kind of loss is found with its cause, and nothing that is no loss is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from medpanel.changes.both import Both
from medpanel.changes.losses import Losses, losses
from medpanel.publishing.gate import LossError, admit, told
from tests.medpanel.changes.conftest import LOADED, Compare, Tables, figure, refusal

BEFORE: Tables = {
    "observation": [figure(2020, 1.0), figure(2021, 2.0), figure(2021, 3.0, 120000)],
    "source_file": [LOADED],
    "province": [{"province_code": 110000, "name_zh": "北京市", "name_en": "Beijing"}],
}


def said(lost: Losses) -> str:
    return "\n".join(told(lost))


def test_nothing_is_lost_when_figures_change_or_come(compared: Compare) -> None:
    now = [figure(2020, 9.0), figure(2021, 2.0), figure(2021, 3.0, 120000), figure(2022, 1.0)]
    with compared(BEFORE, BEFORE | {"observation": now}) as both:
        assert not losses(both, ())


def test_two_files_that_disagree_are_the_cause_of_what_they_empty(compared: Compare) -> None:
    refused = [row | {"row": 2} for row in BEFORE["observation"][1:]]
    cells = [
        {name: value for name, value in row.items() if name not in ("value", "status", "chosen")} | {"file_id": file_id}
        for row in refused
        for file_id in ("f1", "f2")
    ]
    lake = {
        "source_file": [LOADED, LOADED | {"file_id": "f2", "path": "b.csv", "sha256": "2"}],
        "rejected_row": [refusal("conflict", "differs", file_id, "B2021", 2) for file_id in ("f1", "f2")],
        "refused_cell": cells,
        "observation": [figure(2020, 1.0)],
    }
    later = BEFORE | {"observation": [figure(2020, 1.0)], "source_file": lake["source_file"]}
    with compared(BEFORE, later, lake) as both:
        lost = losses(both, ())
    [one] = lost.losses
    assert one.cause.en == "files disagree about gdp 2021 within one edition: a.csv, b.csv"
    assert one.taken[0].en == (
        "2 figures gone: gdp 2021; nothing is left of gdp 2021 (province); first: Beijing 2021 gdp = 2 (a.csv B2021)"
    )
    assert one.taken[0].zh.endswith("首个：北京市 2021 gdp = 2 (a.csv B2021)")


def test_newer_figures_that_are_refused_do_not_leave_the_older_ones_unsaid(compared: Compare) -> None:
    old, files = LOADED | {"download": 1}, {name: f"{name[1]}.csv" for name in ("f2", "f3")}
    newer = [LOADED | {"file_id": one, "path": path, "sha256": one, "download": 2} for one, path in files.items()]
    cell = {name: value for name, value in figure(2021, 0).items() if name not in ("value", "status", "chosen")}
    lake = {
        "source_file": [old, *newer],
        "rejected_row": [refusal("conflict", f"{path} differs", one, "B2021") for one, path in files.items()],
        "refused_cell": [cell | {"file_id": one, "row": 1} for one in files],
        "observation": BEFORE["observation"],
    }
    later = BEFORE | {"source_file": lake["source_file"], "rejected_row": lake["rejected_row"]}
    with compared(BEFORE, later, lake) as both:
        [one] = losses(both, ()).losses
        assert one.cause.en == "files disagree about gdp 2021 within one edition: 2.csv, 3.csv"
        assert one.taken[0].en == (
            "1 newer figure of gdp 2021 not taken, the older would stay; first: Beijing 2021 gdp = 2 (a.csv B2021)"
        )


def test_newer_figures_once_published_without_stop_no_more(compared: Compare) -> None:
    newer = LOADED | {"file_id": "f2", "path": "b.csv", "sha256": "2", "download": 2}
    files = [LOADED | {"download": 1}, newer]
    cell = {name: value for name, value in figure(2021, 0).items() if name not in ("value", "status", "chosen")}
    rejected = {"source_file": files, "rejected_row": [refusal("implausible", "odd", "f2", "B2021")]}
    lake = rejected | {"refused_cell": [cell | {"file_id": "f2", "row": 1}], "observation": BEFORE["observation"]}
    with compared(BEFORE | rejected, BEFORE | rejected, lake) as both:
        assert not losses(both, ())


def test_without_the_lake_the_refusal_of_the_former_cell_is_the_cause(compared: Compare) -> None:
    later = BEFORE | {
        "observation": BEFORE["observation"][1:],
        "rejected_row": [refusal("out_of_range", "a.csv, cell B2020: the value is out of range", cell="B2020")],
    }
    with compared(BEFORE, later) as both:
        [one] = losses(both, ()).losses
    assert one.cause.en == "a.csv, cell B2020: the value is out of range"
    assert one.cause.zh == "中文 a.csv, cell B2020: the value is out of range"


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ([], "a.csv: the file is not there any more"),
        ([LOADED | {"status": "refused", "problem": "a.csv: no header"}], "a.csv is refused now: no header"),
        ([LOADED | {"status": "not_read", "problem": "a.csv: declared so"}], "a.csv is not read now: declared so"),
        ([LOADED | {"sha256": "9"}], "a.csv: the file is loaded, but gdp 2020 cannot be read from it any more"),
    ],
)
def test_a_file_that_went_is_named(compared: Compare, files: list[dict[str, Any]], cause: str) -> None:
    some_file = files or [LOADED | {"path": "other.csv", "file_id": "f9", "sha256": "9"}]
    later = BEFORE | {
        "observation": BEFORE["observation"][1:],
        "source_file": some_file,
        "rejected_row": [refusal("no_header", "a.csv: no header")],
    }
    with compared(BEFORE, later) as both:
        [one] = losses(both, ()).losses
    assert one.cause.en == cause
    assert "1 figure gone: gdp 2020" in one.taken[0].en


def test_a_file_moved_or_replaced_by_one_with_all_its_figures_is_no_loss(compared: Compare) -> None:
    moved = LOADED | {"file_id": "f2", "path": "old/a.csv"}
    newer = LOADED | {"file_id": "f2", "path": "b.csv", "sha256": "2"}
    figures = [row | {"file_id": "f2"} for row in BEFORE["observation"]]
    with compared(BEFORE, BEFORE | {"observation": figures, "source_file": [moved]}) as both:
        assert not losses(both, ())
        both.connection.register("newer", pd.DataFrame([newer]))
        both.connection.execute("CREATE OR REPLACE VIEW later.source_file AS FROM newer")
        assert not losses(both, ())


def test_a_file_without_figures_that_went_is_a_loss_too(compared: Compare) -> None:
    doctors = LOADED | {"file_id": "f7", "path": "doctors.csv", "sha256": "7"}
    with compared(BEFORE | {"source_file": [LOADED, doctors]}, BEFORE) as both:
        [one] = losses(both, ()).losses
    assert (one.cause.en, one.taken[0].en) == (
        "doctors.csv: the file is not there any more",
        "3 rows it had given gone",
    )


def test_a_filled_value_in_place_of_a_reported_one_is_a_loss(compared: Compare) -> None:
    now = [figure(2020, 1.0, status="interpolated"), *BEFORE["observation"][1:]]
    with compared(BEFORE, BEFORE | {"observation": now}) as both:
        assert "1 reported figure of gdp 2020 would be filled in" in said(losses(both, ()))


def series(role: str, vintage: str) -> dict[str, Any]:
    return {"indicator": "gdp", "entity_level": "province", "vintage": vintage, "role": role}


def test_a_series_that_falls_back_to_another_edition_is_a_loss(compared: Compare) -> None:
    before = BEFORE | {"series_vintage": [series("kept", "new"), series("withheld", "old")]}
    older = [row | {"vintage": "old"} for row in BEFORE["observation"]]
    now = BEFORE | {"observation": older, "series_vintage": [series("kept", "old")]}
    with compared(before, now) as both:
        assert "3 figures of gdp 2020-2021 would come from another edition" in said(losses(both, ()))


@pytest.mark.parametrize(
    ("fallback", "indicator", "lost"), [("refuse", "gdp", True), ("allow", "gdp", False), ("allow", "other", True)]
)
def test_a_declared_fall_back_is_no_loss(compared: Compare, fallback: str, indicator: str, lost: bool) -> None:
    before = BEFORE | {"series_vintage": [series("kept", "new"), series("withheld", "old")]}
    older = [row | {"vintage": "old", "file_id": "f2"} for row in BEFORE["observation"]]
    files = [LOADED | {"status": "refused", "problem": "a.csv: x"}, LOADED | {"file_id": "f2", "path": "b.csv"}]
    now = BEFORE | {"observation": older, "series_vintage": [series("kept", "old")], "source_file": files}
    offer = {"indicator": indicator, "entity_level": "province", "vintage": "new", "fallback": fallback}
    lake = {"refused_offer": [offer], "source_file": files}
    with compared(before, now, lake) as both:
        taken = [text.en for one in losses(both, ()).losses for text in one.taken]
    assert bool(taken) == lost, taken


def test_another_declared_order_of_editions_is_no_loss(compared: Compare) -> None:
    before = BEFORE | {"series_vintage": [series("kept", "new"), series("withheld", "old")]}
    older = [row | {"vintage": "old"} for row in BEFORE["observation"]]
    now = BEFORE | {"observation": older, "series_vintage": [series("withheld", "new"), series("kept", "old")]}
    with compared(before, now) as both:
        assert not losses(both, ())


def pilot(code: int, row: int) -> dict[str, Any]:
    return {
        "programme": "mohurd", "batch": 1, "unit_code": code, "unit_name": f"unit {code}", "file_id": "f1", "row": row
    }  # fmt: skip


def test_a_pilot_that_went_is_a_loss_unless_a_later_list_removed_it(compared: Compare) -> None:
    before, now = BEFORE | {"pilot": [pilot(1, 2), pilot(2, 3)]}, BEFORE | {"pilot": [pilot(2, 3)]}
    with compared(before, now) as both:
        [one] = losses(both, ()).losses
        assert one.cause.en == "a.csv does not list them any more"
        assert one.taken[0].en == "1 pilot place gone: unit 1; first: mohurd, a.csv row 2"
        both.connection.execute(
            "CREATE TABLE later.revision AS SELECT 'pilot_mohurd' AS indicator, 1 AS entity_code, 0.0 AS value_now"
        )
        assert not losses(Both(both.connection), ())


def test_a_study_that_is_not_published_any_more_is_said(compared: Compare) -> None:
    finding = {"finding_id": "F", "study": "mspi", "observed": "x"}
    with compared(BEFORE | {"finding": [finding]}, BEFORE) as both:
        assert [text.en for text in losses(both, ()).consequences] == ["the study mspi is not published any more"]


def test_a_loss_needs_a_reason_and_a_reason_needs_a_loss(compared: Compare) -> None:
    with compared(BEFORE, BEFORE | {"observation": BEFORE["observation"][1:]}) as both:
        lost = losses(both, ())
    with pytest.raises(LossError) as caught:
        admit(lost, " ", "medpanel run --data data/mine")
    assert 'medpanel run --data data/mine --accept-loss "reason"' in str(caught.value)
    assert '：medpanel run --data data/mine --accept-loss "理由"' in caught.value.full
    assert str(caught.value).index("a.csv") < str(caught.value).index("1 figure gone")
    assert admit(lost, "the bureau withdrew it", "").startswith("the bureau withdrew it\n1. a.csv")
    assert admit(Losses(), "the bureau withdrew it", "") == ""
