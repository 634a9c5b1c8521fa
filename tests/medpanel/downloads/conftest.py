"""A workspace of a few small files, its lake as a run leaves it, and the run's bookkeeping without the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from catalog.base import Text
from ingestion import build_lake
from medpanel.downloads.adding import Adding, Wishes
from medpanel.downloads.recording import mark_published, record
from medpanel.runs.workspace import Workspace
from tests.ingestion.conftest import PROVINCES, nbs_2026_text, nbs_text

PILOT_HEADER = (
    "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"
)


def pilot_list(**dates: str) -> str:
    """A list of batch 1 with these places of 河北 (by their pinyin), each with its date of announcement."""
    names = {"shijiazhuang": ("石家庄市", 130100), "tangshan": ("唐山市", 130200), "qinhuangdao": ("秦皇岛市", 130300)}
    rows = [
        f"mohurd,1,2012,{date},河北省,{names[place][0]},{names[place][0]},prefecture,{names[place][1]},,new,test"
        for place, date in dates.items()
    ]
    return "\n".join([PILOT_HEADER, *rows, ""])


def gdp(*years: int, header: str = "地区生产总值(亿元)", factor: float = 1.0, changed: float | None = None) -> str:
    """An export of plausible gdp; `changed` is Beijing's figure of the first year."""
    cells = {
        (i, j): f"{(1000 + 100 * i + year - 2000) * factor:.4f}"
        for i in range(len(PROVINCES))
        for j, year in enumerate(years)
    }
    if changed is not None:
        cells[0, 0] = str(changed)
    return nbs_text(indicator=header, years=tuple(f"{year}年" for year in years), cells=cells)


def people(*years: int, factor: int = 1) -> str:
    """An export of the generation that names neither indicator nor unit: residents, in 万人 unless `factor` says."""
    cells = {(i, j): str((1000 + 10 * i + year - 2000) * factor) for i in range(31) for j, year in enumerate(years)}
    return nbs_2026_text(years=tuple(f"{year}年" for year in years), cells=cells)


ENTRIES: list[dict[str, Any]] = [
    {"match": "*gdp*.csv", "vintage": "new"},
    {"match": "*pop*.csv", "vintage": "new", "indicator": "resident_population", "unit": "万人"},
    {"match": "old_pop*", "vintage": "old", "indicator": "resident_population", "unit": "万人"},
    {"match": "*pilots*.csv", "vintage": "list", "layout": "pilot_list"},
]


@dataclass
class Office:
    """One workspace, lived in. `run`: what a run does before and after everything else, and the lake between."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace.at(self.root)

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    def put(self, name: str, text: str) -> None:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def declare(self, entries: list[dict[str, Any]] | None = None, **keys: Any) -> None:
        """A sources.yaml of these entries, none of which says when its files were accessed."""
        who = {"publisher": "test", "licence": "test"}
        files = [{**who, **entry} for entry in entries or ENTRIES]
        declared = {"data_kind": "synthetic", "studies": [], "vintages": ["new", "old", "list"], "files": files, **keys}
        self.put("sources.yaml", yaml.safe_dump(declared, allow_unicode=True))

    def run(self, publish: bool = True) -> str:
        """What the run said of the files."""
        said: list[str] = []
        sources, root = record(self.workspace, said.append)
        told = "\n".join(said)
        corrections = self.workspace.corrections()
        build_lake(root, sources, self.workspace.lake, said.append, corrections=corrections, processes=1)
        if publish:
            mark_published(self.workspace)
        return told

    def rows(self, table: str) -> list[dict[str, Any]]:
        return pq.read_table(self.workspace.lake / f"{table}.parquet").to_pylist()

    def files(self) -> dict[str, dict[str, Any]]:
        return {row["path"]: row for row in self.rows("source_file")}

    def standing(self) -> dict[tuple[str, int, int, str], float]:
        """The figures in use of each vintage: those of the latest download."""
        order = {row["file_id"]: (row["download"], row["superseded_by"] is None) for row in self.rows("source_file")}
        figures = sorted(self.rows("observation"), key=lambda row: order[row["file_id"]])
        return {(row["vintage"], row["entity_code"], row["year"], row["indicator"]): row["value"] for row in figures}

    def pilots(self) -> dict[int, str]:
        """The pilots that stand, with their dates."""
        return {r["unit_code"]: str(r["announced_on"]) for r in self.rows("pilot") if r["superseded_by"] is None}

    def add(self, *paths: Path, answer: bool | None = None, **wishes: Any) -> tuple[list[str], list[str], list[str]]:
        """`medpanel add`: what was said, what was asked, what failed."""
        said: list[str] = []
        asked: list[str] = []

        def confirm(question: Text) -> bool:
            asked.append(question.en)
            assert answer is not None, question.en
            return answer

        return said, asked, Adding(self.workspace, Wishes(**wishes), confirm, said.append).all(paths)[:]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "data")
    made.declare()
    return made


@pytest.fixture
def received(tmp_path: Path) -> Callable[[str, str], Path]:
    """Puts a file where downloads arrive, outside the workspace."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / "received" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return make
