"""The synthetic survey file: real variables, planted flows that come back exactly, the same bytes for a seed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from typer.testing import CliRunner

from catalog import load_registry, load_sources
from ingestion import FileReading, read_file
from medpanel.cli import app
from medpanel.sample.survey import FAULTS, RESPONDENTS, SURVEY_FILE, SurveySample, cities, cut, old_codes, sample_survey

FEW = 20_000
VARIABLES = [
    "newID", "C1", "C2", "C3", "q101j1a", "q101j1b", "q101l1", "q101m1y", "q101m1m", "q101b1", "q101c1y", "q101e1",
    "q101f1", "w_l",
]  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> SurveySample:
    return sample_survey(5, FEW)


@pytest.fixture(scope="module")
def frame(sample: SurveySample, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, object]:
    path = tmp_path_factory.mktemp("survey") / SURVEY_FILE
    path.write_bytes(sample.content)
    return pyreadstat.read_dta(str(path))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    result = CliRunner().invoke(app, ["sample", "--survey", "--data", str(data)])
    assert result.exit_code == 0, result.output
    return data / "raw"


def read(folder: Path) -> FileReading:
    sources, root = load_sources(folder / "sources.yaml")
    return read_file(root, folder / SURVEY_FILE, sources, load_registry())


def listed(reading: FileReading, network: str) -> list[list[int]]:
    flow = reading.tables["flow"].to_pandas()
    flow = flow[flow["network"] == network]
    return flow[["origin_code", "destination_code", "rows"]].to_numpy().tolist()


def test_same_seed_same_bytes_other_seed_other_bytes(sample: SurveySample) -> None:
    again = sample_survey(5, FEW)
    assert again.content == sample.content and again.flows.equals(sample.flows)
    assert sample_survey(6, FEW).content != sample.content


def test_the_file_has_the_real_variables_and_says_it_is_synthetic(frame: tuple) -> None:
    data, meta = frame
    assert list(data.columns) == VARIABLES
    assert len(data) == FEW
    for label in (meta.file_label, *meta.column_labels):
        assert "synthetic" in label.lower() and "合成" in label
    assert "synthetic" in SURVEY_FILE


def test_names_are_cut_at_twenty_bytes(frame: tuple) -> None:
    data, _ = frame
    names = pd.unique(data[["C1", "C2", "C3"]].to_numpy().ravel())
    lengths = {len(name.encode("gb18030")) for name in names}
    assert max(lengths) == 20
    assert cut("克孜勒苏柯尔克孜自治州") == "克孜勒苏柯尔克孜自治"
    assert any(city.printed_as == "黔东南苗族侗族自治州"[:10] for city in cities())


def test_old_register_codes_are_among_the_answers(frame: tuple) -> None:
    data, _ = frame
    assert len(set(old_codes().values()) & set(pd.to_numeric(data["q101j1a"]).dropna().astype(int))) > 20


def test_the_planted_flows_add_up_and_fall_with_distance(sample: SurveySample) -> None:
    flows = sample.flows
    assert flows["persons"].sum() == FEW - sum(FAULTS.values())
    assert sample.county_flows["persons"].sum() == flows["persons"].sum()
    places = {city.code: city for city in cities()}
    pairs = flows[flows["origin"] != flows["destination"]]
    gap = [
        abs(places[o].lat - places[d].lat) + abs(places[o].lon - places[d].lon)
        for o, d in zip(pairs["origin"], pairs["destination"], strict=True)
    ]
    far = pd.Series(gap, index=pairs.index) > 10
    assert pairs.loc[far, "persons"].sum() < 0.5 * pairs.loc[~far, "persons"].sum()


def test_too_few_respondents_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least 400"):
        sample_survey(1, 399)


def test_the_reader_finds_the_planted_flows_but_for_those_it_withholds(written: Path) -> None:
    truth = json.loads((written / "truth.json").read_text(encoding="utf-8"))["survey"]
    reading = read(written)
    counts = reading.source_file
    aside = FAULTS["hong_kong"]
    assert (counts["rows_read"], counts["rows_set_aside"]) == (RESPONDENTS, aside)
    assert counts["rows_rejected"] == sum(FAULTS.values()) - aside
    planted = [flow for flow in truth["flows"] if flow[0] != flow[1]]
    shown = listed(reading, "cmds")
    known = {(origin, destination): persons for origin, destination, persons in planted}
    assert all(abs(known[origin, destination] - persons) <= 2 for origin, destination, persons in shown)
    assert all(persons >= 10 and persons % 5 == 0 for _, _, persons in shown)
    # Hardly any that is not small is withheld for the sake of others.
    assert len(shown) > 0.99 * sum(flow[2] >= 10 for flow in planted)
    counties = {(origin, destination): persons for origin, destination, persons in truth["county_flows_zhejiang"]}
    assert all(abs(counties[i, j] - persons) <= 2 for i, j, persons in listed(reading, "cmds_zhejiang"))
    told = [(record["code"], record["raw"]) for record in reading.rejected_row]
    assert told == [
        ("survey_origin_missing", ""),
        ("survey_scope", ""),
        ("survey_scope_contradicted", ""),
        ("survey_refused", str(FAULTS["no_code"])),
        ("survey_refused", str(FAULTS["no_scope"])),
        ("survey_refused", str(FAULTS["wrong_scope"])),
        ("survey_within_unit", ""),
        ("small_cells", ""),
        ("small_cells", ""),
    ]


def test_without_withholding_every_planted_flow_is_found(written: Path, tmp_path: Path) -> None:
    truth = json.loads((written / "truth.json").read_text(encoding="utf-8"))["survey"]
    (tmp_path / SURVEY_FILE).hardlink_to(written / SURVEY_FILE)
    declared = (written / "sources.yaml").read_text(encoding="utf-8").replace("small_cells: 10", "small_cells: 0")
    (tmp_path / "sources.yaml").write_text(declared, encoding="utf-8")
    reading = read(tmp_path)
    assert listed(reading, "cmds") == [flow for flow in truth["flows"] if flow[0] != flow[1]]
    assert listed(reading, "cmds_zhejiang") == truth["county_flows_zhejiang"]


def test_the_sample_declares_ten(written: Path) -> None:
    sources, _ = load_sources(written / "sources.yaml")
    source = sources.find(SURVEY_FILE)
    assert source is not None and source.survey is not None and source.survey.small_cells == 10


def test_a_sample_without_the_option_has_no_survey_and_keeps_one_there_declared(written: Path, tmp_path: Path) -> None:
    plain = CliRunner().invoke(app, ["sample", "--data", str(tmp_path)])
    assert plain.exit_code == 0 and not (tmp_path / "raw" / SURVEY_FILE).exists()
    assert SURVEY_FILE not in (tmp_path / "raw" / "sources.yaml").read_text(encoding="utf-8")
    before = (written / "sources.yaml").read_bytes()
    CliRunner().invoke(app, ["sample", "--data", str(written.parent)])
    assert (written / "sources.yaml").read_bytes() == before
