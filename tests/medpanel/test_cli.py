"""The command line: what it prints and when it refuses. Whole runs are in tests/pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import medpanel.cli
from catalog import load_provinces
from medpanel.cli import app
from medpanel.reuse import Store
from medpanel.runs.workspace import Workspace
from tests.ingestion.conftest import nbs_2026_text, nbs_text, workbook_bytes

RUNNER = CliRunner()


def invoke(*words: str) -> tuple[int, str]:
    """(exit code, everything printed)."""
    result = RUNNER.invoke(app, list(words), catch_exceptions=False)
    return result.exit_code, " ".join(result.output.split())


def test_inspect_tells_layout_rows_and_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(nbs_text().encode("gbk"))
    code, text = invoke("inspect", str(path))
    assert code == 0
    for part in ("Statistics bureau export", "国家统计局", "gb18030", "31 loaded", "gdp", "地区生产总值", "2013-2014"):
        assert part in text, part
    assert "match: a.csv" in text, "there is no sources.yaml, so the entry to paste is shown"


def test_inspect_names_the_first_problem_in_both_languages_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes(nbs_text(cells={(0, 0): "约1千"}).encode("gbk"))
    code, text = invoke("inspect", str(path))
    assert code == 1
    assert "cell B5" in text
    assert "单元格 B5" in text


def test_inspect_asks_for_indicator_and_unit_where_the_file_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(nbs_2026_text().encode("utf-8-sig"))
    code, text = invoke("inspect", str(path))
    assert code == 1
    assert "indicator: …" in text


def test_inspect_reads_a_folder_with_its_declaration(tmp_path: Path) -> None:
    (tmp_path / "y.xlsx").write_bytes(workbook_bytes())
    (tmp_path / "sources.yaml").write_text(
        "data_kind: real\nstudies: []\nvintages: [v]\nfiles:\n"
        "  - {match: y.xlsx, vintage: v, publisher: p, licence: l, accessed: 2026-01-01, neutral_groups: [医疗服务]}\n",
        encoding="utf-8",
    )
    code, text = invoke("inspect", str(tmp_path))
    assert code == 0
    assert "outpatient_visits" in text
    assert "paste" not in text
    assert "粘贴" not in text


def test_inspect_of_a_folder_finds_contradictions_and_skips_what_a_run_skips(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(nbs_text().encode("gbk"))
    (tmp_path / ".hidden.csv").write_bytes(b"x")
    (tmp_path / "~$a.xlsx").write_bytes(b"x")
    (tmp_path / "sources.yaml").write_text(
        "data_kind: real\nstudies: []\nvintages: [v]\nfiles:\n"
        '  - {match: "[ab].csv", vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n'
        "  - {match: c.csv, vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n",
        encoding="utf-8",
    )
    code, text = invoke("inspect", str(tmp_path))
    assert code == 0
    assert "hidden" not in text
    assert "~$" not in text
    assert "no file is read by the entry with this match; found 'c.csv'" in text
    (tmp_path / "b.csv").write_bytes(nbs_text(cells={(2, 0): "1020.6"}).encode("gbk"))
    code, text = invoke("inspect", str(tmp_path))
    assert code == 1
    assert "b.csv B7 = 1020.6" in text


def test_inspect_tells_a_remark_from_a_refusal(tmp_path: Path) -> None:
    rows = [
        f"{one.name_zh},2020,{5000 + one.province_code / 1e4}" for one in load_provinces() if one.short_zh != "西藏"
    ]
    (tmp_path / "panel.csv").write_text("\n".join(["省份,年份,gdp", *rows]), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(
        "data_kind: real\nstudies: []\nvintages: [v]\nfiles:\n  - match: panel.csv\n    vintage: v\n    publisher: p\n"
        "    licence: l\n    layout: long_panel\n    entity_column: 省份\n    year_column: 年份\n"
        "    provinces_absent: [西藏]\n    columns: {gdp: {indicator: gdp, unit: 亿元}}\n",
        encoding="utf-8",
    )
    code, text = invoke("inspect", str(tmp_path), "--full")
    assert code == 0, text
    assert "✗" not in text
    assert "! " in text and "西藏" in text


def test_inspect_of_an_empty_folder_is_no_success(tmp_path: Path) -> None:
    code, text = invoke("inspect", str(tmp_path))
    assert code == 1
    assert "no input files" in text


def test_the_entry_to_paste_matches_its_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_bytes(nbs_text().encode("gbk"))
    code, text = invoke("inspect", str(tmp_path / "a[1].csv"))
    assert code == 0
    assert 'match: "a[[]1].csv"' in text


def test_inspect_of_nothing(tmp_path: Path) -> None:
    code, text = invoke("inspect", str(tmp_path / "none.csv"))
    assert code == 1
    assert "no such file" in text


def test_real_without_real_files_says_so_and_stops_cleanly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDPANEL_REAL_DATA", str(tmp_path / "absent"))
    code, text = invoke("real")
    assert code == 0
    assert "does not exist" in text
    assert "Nothing was done" in text


def test_generate_check_fails_when_a_generated_file_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    assert invoke("generate", "--check")[0] == 0
    stale = [medpanel.cli.PROJECT_DIR / "dbt" / "x.yml"]
    monkeypatch.setattr("medpanel.guide.generate.stale_files", lambda files: stale)
    code, text = invoke("generate", "--check")
    assert code == 1
    assert "dbt/x.yml" in text


def test_run_without_a_declaration_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["medpanel", "run", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        medpanel.cli.main()
    assert caught.value.code == 1


def test_the_sample_never_overwrites_somebody_s_files(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "sources.yaml").write_text("data_kind: real\n", encoding="utf-8")
    code, text = invoke("sample", "--data", str(tmp_path))
    assert code == 1
    assert "not part of the sample" in text
    assert not (tmp_path / "raw" / "truth.json").exists()


def test_a_template_is_written_once_and_its_entry_shown(tmp_path: Path) -> None:
    code, text = invoke("template", "cities", "--out", str(tmp_path), "--year", "2019", "--indicator", "gdp")
    assert code == 0
    assert "match: cities_2019.xlsx" in text
    assert (tmp_path / "cities_2019.xlsx").exists()
    code, text = invoke("template", "cities", "--out", str(tmp_path), "--year", "2019")
    assert code == 1
    assert "not overwritten" in text


@pytest.mark.parametrize(
    ("options", "told"), [(["houses"], "no such template"), (["cities", "--indicator", "x"], "no city indicator")]
)
def test_a_template_that_cannot_be_written_says_why(tmp_path: Path, options: list[str], told: str) -> None:
    code, text = invoke("template", *options, "--out", str(tmp_path))
    assert code == 1
    assert told in text
    assert not list(tmp_path.iterdir())


def test_cache_shows_what_is_kept_and_clears_it(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path)
    workspace.files_read.mkdir(parents=True)
    (workspace.files_read / "a.json").write_bytes(b"0" * 3_000_000)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "rows.csv").write_bytes(b"0" * 2_000_000)
    Store(workspace.cache).keep("part", "k" * 64, [tmp_path / "made"])
    code, text = invoke("cache", "--data", str(tmp_path))
    assert code == 0
    assert "files read 已读文件 │ 1 │ 3.0" in text
    assert "parts of studies 研究组成部分 │ 1 │ 2.0" in text
    assert "all / 合计 │ 2 │ 5.0" in text
    code, text = invoke("cache", "--data", str(tmp_path), "--clear")
    assert code == 0 and "all / 合计 │ 0 │ 0.0" in text
    assert not workspace.files_read.exists() and not workspace.cache.exists()


@pytest.mark.parametrize(("words", "fresh"), [((), False), (("--fresh",), True)])
def test_a_fresh_run_is_asked_for(tmp_path: Path, monkeypatch, words: tuple[str, ...], fresh: bool) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(medpanel.cli, "_run", lambda workspace, job, fresh, accept_loss: asked.append(fresh))
    assert invoke("run", "--data", str(tmp_path), "--job", "mspi", *words)[0] == 0
    assert asked == [fresh]


def test_the_version_is_an_option_too() -> None:
    assert invoke("--version") == invoke("version")


def test_an_unknown_job_lists_the_jobs_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "sources.yaml").write_text(
        "data_kind: synthetic\nstudies: [mspi]\nvintages: [v]\n"
        "files: [{match: a.csv, vintage: v, publisher: invented, licence: CC0-1.0}]\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(medpanel.cli, "refuse_stale_files", lambda: None)
    monkeypatch.setattr(medpanel.cli, "load_pipeline", lambda workspace: pytest.fail("loaded"))
    code, text = invoke("run", "--data", str(tmp_path), "--job", "mpsi")
    assert code == 1
    assert "no job 'mpsi'" in text
    assert text.endswith("everything, mspi")


def test_ctrl_c_ends_with_one_sentence_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise medpanel.cli.InterruptedByUser

    monkeypatch.setattr("signal.signal", lambda *_: None)  # the handler is the process's own
    monkeypatch.setattr(medpanel.cli, "app", interrupted)
    with pytest.raises(SystemExit) as stopped:
        medpanel.cli.main()
    assert stopped.value.code == 130
    told = capsys.readouterr().err.splitlines()
    assert told == ["Stopped; what was published before is untouched. / 已停止；原有发布不受影响。"]
