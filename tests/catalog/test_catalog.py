"""The catalog refuses what contradicts itself; every message names the file and the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import Registry, load_provinces, load_registry, load_sources, load_studies, load_tables
from catalog.base import CATALOG_DIR, CatalogError, read_yaml, validate
from catalog.declarations.corrections import load_corrections

REAL = CATALOG_DIR / "inputs" / "real.yaml"


def write(path: Path, data: Any) -> Path:
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def registry_data() -> dict[str, Any]:
    data = yaml.safe_load((CATALOG_DIR / "indicators.yaml").read_text(encoding="utf-8"))
    for key, entry in data["indicators"].items():
        entry["id"] = key
    return data


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("gdp: 1\nother: 2\ngdp: 3\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"a\.yaml.*line 3.*'gdp'"):
        read_yaml(path)


@pytest.mark.parametrize("content", ["a: [1", "a: \t- b"])
def test_broken_yaml_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"a\.yaml"):
        read_yaml(path)
    with pytest.raises(CatalogError, match="no such file"):
        read_yaml(tmp_path / "b.yaml")


@pytest.mark.parametrize(
    ("indicator", "change", "message"),
    [
        ("gdp", {"colour": "red"}, "colour"),
        ("gdp", {"unit": "两"}, "unknown unit"),
        ("gdp", {"range": [5, 1]}, "low < high"),
        ("gdp", {"range": [0, 300000]}, "gdp: its range starts at 0"),
        ("gdp", {"headers": []}, "at least one header"),
        ("gdp", {"headers": [{"name": "急诊病死率"}]}, "belongs to both"),
        ("gdp_per_capita", {"formula": "gdp / nothing"}, "'nothing'"),
        ("gdp_per_capita", {"formula": "visits_per_resident * 2"}, "derived itself"),
        ("gdp_per_capita", {"formula": "gdp; drop table x"}, "names, numbers"),
        ("gdp_per_capita", {"fill": "linear"}, "neither headers nor fill"),
        ("gdp", {"label": {"en": "only English"}}, "zh"),
    ],
)
def test_contradictions_in_the_registry(indicator: str, change: dict[str, Any], message: str) -> None:
    data = registry_data()
    data["indicators"][indicator].update(change)
    with pytest.raises(CatalogError, match=message):
        validate(Registry, data, Path("indicators.yaml"))


def test_conversion_between_units() -> None:
    registry = load_registry()
    assert registry.conversion("亿人次", "outpatient_visits") == 10000
    assert registry.conversion("‰", "inpatient_mortality_rate") * 10 == 1
    with pytest.raises(ValueError, match="measures money"):
        registry.conversion("亿元", "outpatient_visits")


def test_every_label_exists_in_both_languages() -> None:
    for indicator in load_registry().indicators.values():
        assert any("\u4e00" <= char <= "\u9fff" for char in indicator.label.zh), indicator.id
        assert indicator.label.en.isascii(), indicator.id
    for table in load_tables().values():
        for name, column in table.columns.items():
            assert any("\u4e00" <= char <= "\u9fff" for char in column.zh), (table.name, name)
    for study in load_studies().values():
        assert study.title.en
        assert study.title.zh


def test_there_are_31_provinces() -> None:
    provinces = load_provinces()
    assert len(provinces) == len({p.province_code for p in provinces}) == len({p.short_zh for p in provinces}) == 31


def sources_data() -> dict[str, Any]:
    entry = {"match": "*", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    return {"data_kind": "real", "studies": [], "vintages": ["v"], "files": [entry]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data_kind": "invented"}, "data_kind"),
        ({"studies": ["alchemy"]}, "alchemy"),
        ({"vintages": ["w"]}, "unknown vintage"),
        ({"files": []}, "files"),
        ({"files": [{**sources_data()["files"][0], "indicator": "gdp_per_capita"}]}, "derived"),
        ({"files": [{**sources_data()["files"][0], "indicator": "nothing"}]}, "unknown indicator"),
        ({"files": [{**sources_data()["files"][0], "unit": "箩"}]}, "unknown unit"),
        ({"files": [{**sources_data()["files"][0], "columns": {"x": {"indicator": "admission_rate"}}}]}, "admission"),
        ({"files": [{"match": "*"}]}, "publisher"),
        ({"root": "${MEDPANEL_NOT_SET_ANYWHERE}/x"}, "begins with MEDPANEL_ and which is set"),
    ],
)
def test_contradictions_in_a_declaration(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        load_sources(write(tmp_path / "sources.yaml", {**sources_data(), **change}))


def test_the_declaration_of_the_real_files_is_valid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDPANEL_REAL_DATA", str(tmp_path))
    sources, root = load_sources(REAL)
    assert root == tmp_path
    assert sources.data_kind == "real"
    found = sources.find("province/tec_expenditure/分省年度数据_6.csv")
    assert found is not None
    assert found.indicator == "gdp"
    assert sources.find("province/other.csv") is None


def correction() -> dict[str, Any]:
    return {
        "file": "a.md", "cell": "1:2:3", "province_code": 410000, "year": 2019, "indicator": "child_management_rate",
        "expect": "", "value": 88.6, "reason": "r", "source": "s", "status": "open",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indicator": "gdp_per_capita"}, "not a reported indicator"),
        ({"province_code": 990000}, "not a province"),
        ({"status": "perhaps"}, "status"),
        ({"reason": ""}, "reason"),
    ],
)
def test_contradictions_in_corrections(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    good = write(tmp_path / "good.yaml", {"corrections": [correction()]})
    assert float(load_corrections(good)[0].value) == 88.6
    with pytest.raises(CatalogError, match=message):
        load_corrections(write(tmp_path / "bad.yaml", {"corrections": [{**correction(), **change}]}))
    with pytest.raises(CatalogError, match="corrected twice"):
        load_corrections(write(tmp_path / "twice.yaml", {"corrections": [correction(), correction()]}))
