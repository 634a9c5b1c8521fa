"""The sample's files: the same bytes for a seed, in the layouts users have, with the blemishes recorded."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from catalog import load_registry, load_sources
from catalog.base import PROJECT_DIR
from ingestion import build_lake
from medpanel.sample import DEFAULT_SEED, sample_files, simulate_panel, write_sample
from medpanel.sample.cities import PANEL_FILE
from medpanel.sample.coupling import DRIVERS, SERIES
from medpanel.sample.doctors import DOCTOR_FILE
from medpanel.sample.files import OLD_EXPORTS, PILOT_FILE, REFUSED_FILE, UNNAMED_EXPORT
from medpanel.sample.reference import YEARS
from medpanel.sample.resources import RESOURCES
from medpanel.sample.workbooks import SHEETS, YEARBOOK_INDICATORS, workbook_name

NOT_DATA = {"sources.yaml", "truth.json"}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return sample_files()


@pytest.fixture(scope="module")
def truth(files: dict[str, bytes]) -> dict:
    return json.loads(files["truth.json"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("样本") / "raw"
    write_sample(folder)
    return folder


def test_same_seed_same_bytes_other_seed_other_bytes(files: dict[str, bytes]) -> None:
    assert sample_files(DEFAULT_SEED) == files
    other = sample_files(DEFAULT_SEED + 1)
    assert other.keys() == files.keys()
    assert all(other[name] != content for name, content in files.items())


def test_bytes_do_not_depend_on_the_process(files: dict[str, bytes]) -> None:
    program = (
        "import hashlib; from medpanel.sample import sample_files;"
        "print(hashlib.sha256(b''.join(sample_files().values())).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            cwd=PROJECT_DIR, capture_output=True, text=True, check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }  # fmt: skip
    assert len(digests) == 1


def test_unchanged_files_are_left_untouched_and_changed_ones_restored(tmp_path: Path) -> None:
    paths = write_sample(tmp_path)
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    for path in paths:
        os.utime(path, ns=(1, 1))
    damaged = tmp_path / PILOT_FILE
    damaged.write_text("damaged", encoding="utf-8")
    os.utime(damaged, ns=(1, 1))
    assert write_sample(tmp_path) == paths
    touched = [path.name for path in paths if path.stat().st_mtime_ns != 1]
    assert touched == [PILOT_FILE]


def test_another_world_drops_the_record_of_downloads_and_the_same_one_keeps_it(tmp_path: Path) -> None:
    write_sample(tmp_path)
    register = tmp_path / "downloads" / "register.yaml"
    register.parent.mkdir()
    register.write_text("files: []\n", encoding="utf-8")
    write_sample(tmp_path)
    assert register.exists()
    write_sample(tmp_path, 7)
    assert not register.parent.exists()


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, found -1"):
        sample_files(-1)


def test_every_file_says_synthetic_in_name_and_content(files: dict[str, bytes]) -> None:
    assert len(files) == 4 + 1 + 1 + 12 + 1 + 2 + 3 + 2 + 1 + 1 + 5 + 2
    for name, content in files.items():
        assert name in NOT_DATA or "synthetic" in name
        if name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(content))
            for sheet in book:
                notes = [row[0] for row in sheet.iter_rows(values_only=True)][-2:]
                assert "合成数据 synthetic data" in notes[0] and notes[1].startswith("Note: Synthetic data")
        else:
            old = {REFUSED_FILE, PANEL_FILE, *(printed for printed, _, _ in OLD_EXPORTS.values())}
            encoding = "gbk" if name in old else "utf-8-sig"
            assert "synthetic" in content.decode(encoding)


def test_old_exports_are_gbk_with_the_bureaus_lines(files: dict[str, bytes]) -> None:
    panel = simulate_panel(DEFAULT_SEED).province_year
    for indicator, (name, header, unit) in OLD_EXPORTS.items():
        content = files[name]
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")
        assert content.count(b"\n") == content.count(b"\r\n") == 4 + 31 + 2
        lines = content.decode("gb2312").splitlines()
        assert lines[:3] == ["数据库：分省年度数据", f"指标：{header}({unit})", "时间：2013-2024"]
        assert lines[3].startswith("地区,2024年,2023年,") and lines[3].endswith(",2013年")
        assert lines[-2].startswith("注：合成数据") and lines[-1].startswith("数据来源：")
        beijing = lines[4].split(",")
        first = panel.loc[0, indicator] / (10000 if indicator == "land_area" else 1)
        assert beijing[0] == "北京市" and float(beijing[-1]) == first


def test_export_of_2026_has_bom_tabs_and_no_indicator(files: dict[str, bytes]) -> None:
    content = files[UNNAMED_EXPORT]
    assert content.startswith(b"\xef\xbb\xbf") and b"\r" not in content and not content.endswith(b"\n")
    lines = content.decode("utf-8-sig").split("\n")
    assert lines[:2] == ["数据库：分省年度数据 ", "时间：2013年-2025年 "]
    assert lines[2].startswith("地区\t,2025年\t,2024年\t,") and lines[2].endswith(",2013年\t,")
    assert lines[3].startswith("北京市\t,\t,")
    assert all(line.count("\t,") == line.count(",") == 14 for line in lines[2:34])
    assert "指标" not in content.decode("utf-8-sig") and "支出" not in content.decode("utf-8-sig")


def test_the_file_to_refuse_names_shanxi_twice(files: dict[str, bytes], truth: dict) -> None:
    names = [line.split(",")[0] for line in files[REFUSED_FILE].decode("gbk").splitlines()[4:35]]
    assert Counter(names)["Shanxi"] == 2
    assert len(set(names)) == 30 and not {"山西省", "陕西省"} & set(names)
    assert truth["refused_files"] == [REFUSED_FILE]


def test_pilot_file_is_the_list(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files[PILOT_FILE].decode("utf-8"))))
    pilots = simulate_panel(DEFAULT_SEED).pilots
    assert list(rows[0]) == list(pilots.columns)
    expected = pilots.astype(object).where(pilots.notna(), "").astype(str)
    assert [list(row.values()) for row in rows] == expected.to_numpy().tolist()


def test_workbooks_look_like_the_yearbook(files: dict[str, bytes]) -> None:
    for year in YEARS:
        book = openpyxl.load_workbook(io.BytesIO(files[workbook_name(year)]))
        assert book.sheetnames == [spec.name for spec in SHEETS]
        for spec in SHEETS:
            sheet = book[spec.name]
            assert sheet["A1"].value == f"{spec.number} {spec.chinese} ({year}年)"
            assert sheet["A2"].value.endswith(f"({year})")
            merged = {str(area) for area in sheet.merged_cells.ranges}
            assert {"A4:A6"} < merged
            names = [row[0] for row in sheet.iter_rows(min_row=7, max_row=41, values_only=True)]
            assert names[1:4] == ["东  部", "中  部", "西  部"]
            assert names[4] == "北  京" and names[8] == "内蒙古" and len(names[4:]) == 31
    outpatient, maternal = book["门诊服务"], book["孕产妇保健"]
    assert outpatient["E3"].value == "单位：万人次" and outpatient["E5"].value == "急诊病死率(%)"
    assert "C4:E4" in {str(area) for area in outpatient.merged_cells.ranges}
    assert outpatient["A7"].value == "总　　计" and outpatient["B11"].value == "Beijing"
    assert maternal["A7"].value == "全  国" and maternal["C5"].value == "活产数(人)"
    assert book["住院服务"]["B4"].value == "住院\nInpatients" and book["住院服务"]["D5"].value == "病死率(%)"
    assert book["儿童保健"]["C3"].value == "单位：%"


def test_national_totals_are_the_sum_of_the_provinces(files: dict[str, bytes]) -> None:
    panel = simulate_panel(DEFAULT_SEED).province_year.query("year == 2020")
    book = openpyxl.load_workbook(io.BytesIO(files[workbook_name(2020)]))
    assert book["门诊服务"]["C7"].value == pytest.approx(panel["outpatient_visits"].sum(), abs=1e-6)
    assert book["住院服务"]["B7"].value == pytest.approx(panel["hospital_admissions"].sum(), abs=1e-6)
    east_central_west = [book["门诊服务"].cell(row, 3).value for row in (8, 9, 10)]
    assert sum(east_central_west) == pytest.approx(book["门诊服务"]["C7"].value, abs=1e-6)


def test_workbooks_carry_no_clock(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files[workbook_name(2013)])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2026-01-01T00:00:00Z") == 2


def test_blemishes_are_recorded_where_they_stand(files: dict[str, bytes], truth: dict) -> None:
    panel = simulate_panel(DEFAULT_SEED).province_year.set_index(["province_code", "year"])
    kinds = Counter(blemish["kind"] for blemish in truth["blemishes"])
    assert kinds == {"missing": 15, "footnote": 6, "thousands_separator": 8, "full_width_space": 4}
    books = {name: openpyxl.load_workbook(io.BytesIO(files[name])) for name in map(workbook_name, YEARS)}
    for blemish in truth["blemishes"]:
        book = books[blemish["file"]]
        cell = book[blemish["sheet"]][blemish["cell"]]
        assert (cell.value or "") == blemish["text"]
        true = panel.loc[(blemish["province_code"], blemish["year"]), blemish["indicator"]]
        assert true == blemish["true_value"]
        if blemish["kind"] != "missing":
            assert float(blemish["text"].strip("①*\u3000").replace(",", "")) == true
    texts = {blemish["text"] for blemish in truth["blemishes"]}
    assert {"", "-", "…"} <= texts
    assert any(text.endswith("①") for text in texts) and any(text.endswith("*") for text in texts)


@pytest.mark.parametrize("seed", [0, 1, 2, DEFAULT_SEED])
def test_missing_cells_are_interior_and_alone_in_their_series(seed: int) -> None:
    blemishes = json.loads(sample_files(seed)["truth.json"])["blemishes"]
    missing = [b for b in blemishes if b["kind"] == "missing"]
    assert all(YEARS[0] < b["year"] < YEARS[-1] for b in missing)
    assert len({(b["indicator"], b["province_code"]) for b in missing}) == len(missing)


def test_sources_declares_every_file(folder: Path) -> None:
    sources, root = load_sources(folder / "sources.yaml")
    assert root == folder
    assert (sources.data_kind, sources.scope, sources.seeds) == ("synthetic", "all", {"sample": DEFAULT_SEED})
    found = {path.name: sources.find(path.name) for path in folder.iterdir() if path.name not in NOT_DATA}
    assert all(found.values())
    assert found[REFUSED_FILE].vintage == "synthetic_old"  # type: ignore[union-attr]
    assert found[UNNAMED_EXPORT].indicator == "budget_expenditure"  # type: ignore[union-attr]


def test_the_readers_take_in_exactly_the_simulated_figures(folder: Path, tmp_path: Path, truth: dict) -> None:
    sources, root = load_sources(folder / "sources.yaml")
    build_lake(root, sources, tmp_path, say=lambda _: None)
    status = pd.read_parquet(tmp_path / "source_file.parquet").set_index("path")["status"]
    assert status[status != "loaded"].to_dict() == {REFUSED_FILE: "refused", DOCTOR_FILE: "partial"}
    observed = pd.read_parquet(tmp_path / "observation.parquet").query("entity_level == 'province'")
    # Figures by type of facility, resources and the two systems have truths of their own: test_sample_facilities.py,
    # test_sample_resources.py and test_sample_coupling.py.
    wide = observed["indicator"].map(lambda name: load_registry().indicators[name].wide)
    observed = observed[wide & ~observed["indicator"].isin([*RESOURCES, *SERIES, *DRIVERS])]
    observed = observed.set_index(["indicator", "entity_code", "year"])["value"].sort_index()
    assert observed.index.is_unique
    panel = simulate_panel(DEFAULT_SEED).province_year.set_index(["province_code", "year"])
    reported = [*OLD_EXPORTS, "budget_expenditure", *YEARBOOK_INDICATORS]
    melted = panel[reported].melt(ignore_index=False, var_name="indicator")
    expected = melted.set_index("indicator", append=True)["value"]
    expected = expected.reorder_levels(["indicator", "province_code", "year"]).sort_index()
    empty = [b for b in truth["blemishes"] if b["kind"] == "missing"]
    missing = {(b["indicator"], b["province_code"], b["year"]) for b in empty}
    expected = expected[~expected.index.isin(missing)]
    assert observed.index.tolist() == expected.index.tolist()
    assert (observed.to_numpy() == expected.to_numpy()).all()
