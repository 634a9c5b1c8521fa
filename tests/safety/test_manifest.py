"""Two processes that both find the dbt manifest out of date do not harm each other."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from medpanel.runs import dbt_project
from medpanel.runs.dbt_project import ManifestError, ensure_manifest


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An out-of-date manifest in a folder of its own."""
    monkeypatch.setattr(dbt_project, "TARGET_DIR", tmp_path)
    monkeypatch.setattr(dbt_project, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(dbt_project, "_STAMP", tmp_path / "manifest.sha256")
    (tmp_path / "manifest.json").write_text('"old"', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("code", [0, 1])
def test_the_manifest_in_use_is_never_half_written(target: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def parse(command: list[str], env: dict[str, str], **kwargs: Any) -> subprocess.CompletedProcess[str]:
        place = Path(env["DBT_TARGET_PATH"])
        (place / "partial_parse.msgpack").write_bytes(b"parsed")
        (place / "manifest.json").write_text('{"half', encoding="utf-8")
        assert json.loads((target / "manifest.json").read_text(encoding="utf-8")) == "old"
        (place / "manifest.json").write_text('"new"', encoding="utf-8")
        return subprocess.CompletedProcess(command, code, "", "dbt's own words")

    monkeypatch.setattr(subprocess, "run", parse)
    if code:
        with pytest.raises(ManifestError, match="dbt's own words"):
            ensure_manifest()
    else:
        assert ensure_manifest() == target / "manifest.json"
        assert (target / "partial_parse.msgpack").read_bytes() == b"parsed"
    expected = "old" if code else "new"
    assert json.loads((target / "manifest.json").read_text(encoding="utf-8")) == expected
    assert [path for path in target.iterdir() if path.is_dir()] == []
    assert dbt_project.manifest_is_fresh() == (code == 0)
