"""Editions a splice chains: what has no factor is refused before anything is written, with key, line and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import Sources, load_sources
from catalog.base import CatalogError
from ingestion import FileReading, build_lake
from ingestion.build.links import require_links
from tests.ingestion.conftest import nbs_text

HEADER = "电信业务总量(亿元)"
SOURCES = """\
data_kind: synthetic
studies: []
vintages: [base_2015, base_2010]
splices:
  - indicators: [telecom_volume]
    vintages: [base_2015, base_2010]
    reason: prices of 2015 and of 2010
    {link}
files:
  - {{match: new.csv, vintage: base_2015, publisher: p, licence: l, accessed: 2026-01-01}}
  - {{match: old.csv, vintage: base_2010, publisher: p, licence: l, accessed: 2026-01-01}}
"""


def build(
    folder: Path,
    new: tuple[str, ...] = ("2017年", "2016年"),
    old: tuple[str, ...] = ("2016年", "2015年"),
    cells: dict[tuple[int, int], str] | None = None,
    link: str = "link: chain",
    old_text: str | None = None,
) -> None:
    """Two exports, `cells` those of the older one by province and year; both in an order with the latest year first."""
    raw = folder / "raw"
    raw.mkdir()
    (raw / "sources.yaml").write_text(SOURCES.format(link=link), encoding="utf-8")
    (raw / "new.csv").write_bytes(nbs_text(HEADER, new).encode("gb18030"))
    text = nbs_text(HEADER, old, cells=cells) if old_text is None else old_text
    (raw / "old.csv").write_bytes(text.encode("gb18030"))
    sources, root = load_sources(raw / "sources.yaml")
    (folder / "lake").mkdir()
    build_lake(root, sources, folder / "lake", say=lambda line: None, processes=1)


def refusal(folder: Path, **faults: object) -> str:
    with pytest.raises(CatalogError) as refused:
        build(folder, **faults)  # type: ignore[arg-type]
    assert not (folder / "lake" / "observation.parquet").exists()
    english, chinese = str(refused.value).splitlines()
    assert english.startswith(f"{folder / 'raw' / 'sources.yaml'}, line 8: splices.0.link: ")
    assert chinese.startswith(f"{folder / 'raw' / 'sources.yaml'} 第8行：splices.0.link：")
    assert "telecom_volume (province): base_2015, base_2010" in english and "base_2015, base_2010" in chinese
    return str(refused.value)


def test_editions_that_overlap_are_read(tmp_path: Path) -> None:
    build(tmp_path)
    assert (tmp_path / "lake" / "observation.parquet").exists()


def test_without_an_overlap_year(tmp_path: Path) -> None:
    said = refusal(tmp_path, old=("2015年", "2014年"))
    assert "two editions to be chained have no year in common" in said and "拟链接的两个版本没有共同年份" in said
    assert "2016–2017; 2014–2015" in said and "refused" not in said


@pytest.mark.parametrize(("text", "found"), [("", "120000 2016"), ("…", "120000 2016")])
def test_a_place_without_a_figure_in_the_overlap(tmp_path: Path, text: str, found: str) -> None:
    """Tianjin's figure of 2016 at the old base is empty."""
    said = refusal(tmp_path, cells={(1, 0): text})
    assert found in said and "110000" not in said and "of both in 2016" in said


def reading(vintage: str, *figures: tuple[int, int, float]) -> FileReading:
    """A file with figures of telecom_volume: place, year, value."""
    records = [
        {"indicator": "telecom_volume", "entity_level": "province", "vintage": vintage, "entity_code": code,
         "year": year, "value": value}
        for code, year, value in figures
    ]  # fmt: skip
    return FileReading({"path": f"{vintage}.csv", "vintage": vintage, "status": "loaded"}, records, [], [], [])


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "sources.yaml").write_text(SOURCES.format(link="link: chain"), encoding="utf-8")
    return load_sources(tmp_path / "sources.yaml")[0]


@pytest.mark.parametrize("value", [0.0, -5.0])
@pytest.mark.parametrize("edition", ["base_2015", "base_2010"])
def test_a_figure_that_is_not_above_zero_is_no_base(sources: Sources, edition: str, value: float) -> None:
    good = {"base_2015": 90.0, "base_2010": 120.0}
    require_links([reading(name, (110000, 2016, base)) for name, base in good.items()], sources)
    with pytest.raises(CatalogError, match="110000 2016"):
        require_links([reading(name, (110000, 2016, base)) for name, base in {**good, edition: value}.items()], sources)


def test_a_place_the_older_edition_has_nothing_of_needs_no_factor(sources: Sources) -> None:
    newer = reading("base_2015", (110000, 2016, 90.0), (120000, 2016, 30.0))
    require_links([newer, reading("base_2010", (110000, 2016, 120.0))], sources)
    with pytest.raises(CatalogError, match="120000 2016"):
        require_links([newer, reading("base_2010", (110000, 2016, 120.0), (120000, 2015, 40.0))], sources)


def test_many_places_are_counted_not_listed(tmp_path: Path) -> None:
    said = refusal(tmp_path, cells={(number, 0): "" for number in range(9)})
    assert "(9)" in said and said.count(" 2016,") < 12


def test_a_file_that_was_refused_is_named(tmp_path: Path) -> None:
    """Two files of the older edition; the one with the overlap is refused."""
    raw = tmp_path / "raw"
    raw.mkdir()
    text = SOURCES.format(link="link: chain").replace("match: old.csv", 'match: "old*.csv"')
    (raw / "sources.yaml").write_text(text, encoding="utf-8")
    (raw / "new.csv").write_bytes(nbs_text(HEADER, ("2017年", "2016年")).encode("gb18030"))
    (raw / "old.csv").write_bytes(nbs_text(HEADER, ("2015年", "2014年")).encode("gb18030"))
    (raw / "old_2016.csv").write_bytes(b"nonsense")
    sources, root = load_sources(raw / "sources.yaml")
    with pytest.raises(CatalogError, match=r"refused of these editions: old_2016\.csv"):
        build_lake(root, sources, tmp_path, say=lambda line: None, processes=1)


def test_a_splice_that_is_not_chained_needs_no_overlap(tmp_path: Path) -> None:
    build(tmp_path, old=("2015年", "2014年"), link="")
