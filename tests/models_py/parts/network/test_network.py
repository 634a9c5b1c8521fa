"""Networks of a study from flows, lists and a survey, pair by pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import CatalogError
from models_py.figures.table import ReportTable
from models_py.parts.frame import Seen
from models_py.parts.network.built import NetworkError
from models_py.parts.registry import parts_of, seen_by, shows_of
from tests.models_py.parts.network.flows import CITIES, COUNTIES, STUDY, SURVEY, Frames, inputs, made, panel, study


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return made(tmp_path_factory.mktemp("moving"))


def own(tables: Frames, network: str) -> pd.Series:
    """The row of a network under its own threshold."""
    rows = tables["network_summary"].query(f"network == '{network}'")
    return rows[rows["own"]].iloc[0]


def test_tables_have_the_declared_columns_and_keys(tables: Frames) -> None:
    for name, frame in tables.items():
        table = load_tables()[name]
        assert list(frame.columns) == [column for column in table.columns if column != "data_kind"], name
        assert len(frame) and not frame.duplicated(list(table.key)).any(), name
        assert frame[list(table.key)].notna().all(axis=None), name


def test_nodes_are_places_with_a_flow_and_the_figures_asked_for(tables: Frames) -> None:
    nodes = tables["network_node"].groupby("network")["city_code"].apply(list)
    assert nodes["day"] == list(CITIES) and nodes["persons"] == list(COUNTIES)
    lists = tables["network_node"].query("network == 'day'").set_index("city_code")["lists"]
    assert lists[310000] == "none" and set(lists.drop(310000)) == {"out"}
    assert "No node for want of figures: 1 places (Place 460200)" in own(tables, "day")["note_en"]
    assert "1 nodes have no list of their own (Place 310000)" in own(tables, "day")["note_en"]


def test_every_pair_of_the_day_is_counted_once(tables: Frames) -> None:
    row = own(tables, "day")
    flows = inputs()["city_pair"].query("network == 'day' and destination_code != 460200")["flow"]
    least = flows.mean()
    assert row["threshold"] == "positive_mean" and row["least_flow"] == pytest.approx(least)
    assert row["dyads"] == 30 == row["listed"] + row["known_non_ties"] + row["unknown"]
    assert row["n_ties"] == (flows >= least).sum() == 8
    # Unknown: the two pairs missing from the list of 130100, whose smallest entry makes a tie; all five of 310000.
    assert row["unknown"] == 7
    assert row["density"] == pytest.approx(8 / 23)
    assert row["density_all_zero"] == pytest.approx(8 / 30) and row["density_listed_only"] == pytest.approx(8 / 14)
    assert row["flow_kept"] == pytest.approx(flows[flows >= least].sum() / flows.sum())
    assert row["isolates"] == 0 and row["mean_degree"] == pytest.approx(8 / 6)
    assert pd.isna(row["small_cells"])


def test_ties_say_what_is_known_of_each_pair(tables: Frames) -> None:
    day = tables["network_tie"].query("network == 'day'").set_index(["origin_code", "destination_code"])
    assert len(day) == 14 + 7
    assert day.loc[(110000, 120000), "tie"] and not day.loc[(110000, 310000), "tie"]
    unknown = day[day["tie"].isna()]
    assert not unknown["listed"].any() and unknown["flow"].isna().all()
    assert set(unknown.index) == {(310000, code) for code in CITIES if code != 310000} | {
        (130100, 310000), (130100, 320100),
    }  # fmt: skip


def test_a_survey_is_complete_and_models_see_all_its_cells(tables: Frames) -> None:
    row = own(tables, "persons")
    assert row["n_ties"] == len(SURVEY) and row["unknown"] == 0 and row["small_cells"] == 10
    ties = tables["network_tie"].query("network == 'persons'").set_index(["origin_code", "destination_code"])
    assert {pair: (int(r["persons"]), bool(r["shown"])) for pair, r in ties.iterrows()} == SURVEY
    assert "registered, which need not be the last place lived in" in row["note_en"]


def test_at_least_five_thresholds_the_own_first(tables: Frames) -> None:
    rows = tables["network_summary"]
    for network, first in (("day", "positive_mean"), ("persons", "any")):
        listed = rows[rows["network"] == network]["threshold"].tolist()
        assert len(listed) == 6 and listed[0] == first
    assert rows.groupby("network")["own"].sum().tolist() == [1, 1]
    day = rows[rows["network"] == "day"].set_index("threshold")
    assert day.loc["any", "n_ties"] == 14 and day.loc["any", "unknown"] > day.loc["quantile=0.75", "unknown"]
    assert pd.isna(day.loc["top_k=2", "least_flow"])
    # Exactly: a check holds shares against 1.
    assert day.loc["any", "flow_kept"] == 1 and (rows["flow_kept"] <= 1).all()


def test_without_lists_every_unlisted_pair_is_unknown(tmp_path: Path) -> None:
    given = {name: frame for name, frame in inputs().items() if name != "flow_list"}
    row = own(made(tmp_path, given=given), "day")
    assert row["known_non_ties"] == 0 and row["unknown"] == 16
    assert "nothing bounds flows that are not listed" in row["note_en"]


def test_a_place_left_out_is_no_node_and_said(tmp_path: Path) -> None:
    text = STUDY.replace(
        "year: 2020\n", "year: 2020\n          left_out: [{place: 110000, reason: {en: a test, zh: 测试}}]\n", 1
    )
    tables = made(tmp_path, text)
    assert 110000 not in set(tables["network_node"]["city_code"])
    assert "Left out: Place 110000, a test." in own(tables, "day")["note_en"]
    with pytest.raises(NetworkError, match="day: left_out names 999999"):
        made(tmp_path, text.replace("110000", "999999"))


def test_nodes_are_held_against_the_official_list(tables: Frames) -> None:
    gaps = tables["node_list_gap"].set_index(["network", "city_code"])
    assert {key: (row["gap"], row["reason"], row["year"]) for key, row in gaps.iterrows()} == {
        ("day", 330100): ("extra", "other_year", 2020),
        ("day", 460200): ("absent", "no_figures", 2020),
        ("day", 510100): ("absent", "no_flow", 2020),
        ("persons", 330302): ("extra", "other_kind", 2017),
    }
    row = own(tables, "day")
    columns = ["official_year", "official_units", "absent_no_flow", "absent_left_out", "absent_no_figures"]
    assert row[columns].tolist() == [2020, 7, 1, 0, 1] and row["extra_nodes"] == 1
    said = "Absent among the nodes: 2 (Place 460200, Place 510100). Nodes not in the list: 1 (Place 330100)."
    assert said in row["note_en"] and "名单外节点：1个（地330100）" in row["note_zh"]
    assert "Absent among the nodes: 0. Nodes not in the list: 1 (Place 330302)" in own(tables, "persons")["note_en"]


def test_a_place_left_out_is_absent_for_that_and_a_stranger_is_extra(tmp_path: Path) -> None:
    text = STUDY.replace(
        "year: 2020\n", "year: 2020\n          left_out: [{place: 110000, reason: {en: a test, zh: 测试}}]\n", 1
    )
    given = inputs()
    given["city"] = given["city"][given["city"]["entity_code"] != 320100]
    gaps = made(tmp_path, text, given)["node_list_gap"].query("network == 'day'").set_index("city_code")["reason"]
    assert gaps[110000] == "left_out" and gaps[320100] == "not_in_record"


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        (
            "kinds: [地级市, 直辖市]",
            "kinds: [地级市, 州]",
            "day: official list, no unit of the kind 州 at the end of 2020; there were 县级市, 地级市, 市辖区, 直辖市",
        ),
        (
            "province: 330000",
            "province: 320000",
            "persons: official list, no unit of the kind 市辖区 at the end of 2017; there were 地级市",
        ),
    ],
)
def test_an_official_list_without_units_is_refused(tmp_path: Path, written: str, instead: str, message: str) -> None:
    with pytest.raises(NetworkError) as error:
        made(tmp_path, STUDY.replace(written, instead, 1))
    assert message in str(error.value)


def test_without_an_official_list_nothing_is_said_of_one(tmp_path: Path) -> None:
    text = "\n".join(line for line in STUDY.splitlines() if "official:" not in line)
    tables = made(tmp_path, text)
    assert tables["node_list_gap"].empty and tables["network_summary"]["official_units"].isna().all()
    assert "Official list" not in own(tables, "day")["note_en"]


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("        day:", "        night:", "night: no flows of the network night; networks with flows: day, persons"),
        ("year: 2020\n", "year: 2019\n", "day: 0 of 7 places with flows have figures of gdp in 2019"),
    ],
)
def test_what_makes_no_network_is_refused_by_name(tmp_path: Path, written: str, instead: str, message: str) -> None:
    text = STUDY.replace(written, instead, 1).replace(
        "[day,", f"[{instead.strip(': ')}," if "night" in instead else "[day,"
    )
    with pytest.raises(NetworkError, match=message):
        made(tmp_path, text)


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("threshold: any", "threshold: median", "threshold 'median'; expected one of positive_mean, global_mean, any"),
        ("top_k=2", "top_k=2.5", "threshold 'top_k=2.5'"),
        ("quantile=0.75", "quantile=1", "threshold 'quantile=1'"),
        ("[positive_mean, any, global_mean, top_k=2, ", "[positive_mean, ", "fewer than 5"),
        ("top_k=2", "any", "thresholds: any occurs twice"),
        ("unit: city", "unit: province", "the panel's unit is province"),
        ("          year: 2020\n", "", "`having` needs the `year`"),
        (", year: 2017}", "}", "persons: the official list needs a `year`"),
        ("maps: [day,", "maps: [night,", "maps: night is no network"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(tmp_path: Path, written: str, instead: str, message: str) -> None:
    assert written in STUDY
    with pytest.raises(CatalogError) as error:
        study(tmp_path, STUDY.replace(written, instead, 1))
    assert message in str(error.value)


def test_everything_is_shown_in_both_languages_and_nothing_withheld_is(tables: Frames, tmp_path: Path) -> None:
    declared = study(tmp_path)
    public = {name: frame for name, frame in tables.items() if not load_tables()[name].internal}
    given = {**inputs(), **public, "survey_edge": pd.DataFrame()}
    shown = {
        item.stem: item
        for one, show in shows_of(declared)
        for item in show.make(Seen(seen_by(declared, one), panel(), given, "synthetic"), one.options)
    }
    titled = {name for one, show in shows_of(declared) for name, _ in show.titled(declared, one.options)}
    # Counties have no figures in this study, so that there is no map of their facilities.
    assert set(shown) == titled - {"facility_map_persons_hospitals"}
    assert len(parts_of(declared)) == 2
    for item in shown.values():
        if isinstance(item, ReportTable):
            assert item.synthetic and all(text.en and text.zh for text in item.notes)
        else:
            for lang in ("zh", "en"):
                assert item.figure.chart_for(lang).to_dict()["vconcat"]
    assert "fewer than 10 respondents are not published" in repr(shown["network_thresholds"].notes)
    assert len(shown["largest_flows_persons"].rows) == 3
    assert [row.cells for row in shown["network_official"].rows] == [
        ("2020", "7", "6", "1", "0", "1", "1"), ("2017", "4", "5", "0", "0", "0", "1"),
    ]  # fmt: skip
    flows = shown["flow_map_day"].figure.data
    assert np.isfinite(flows["flow"]).all() and not {320100, 460200} & set(flows["origin_code"])
