"""A published panel whose population mixes persons with sample counts is caught by its values.

The frames are made from the file as the readers would make them: nothing in them names it. Its GDP and urban share
are sound, so every check that fails here must pass on those two columns.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import expectations.observation
import expectations.province_year
from catalog.indicators import load_registry
from catalog.provinces import load_provinces
from expectations.finder import TableSuite
from expectations.suite import run_checks
from ingestion.places.records import place_records

REGISTRY = load_registry()
OBSERVATION = TableSuite("observation", expectations.observation)
PLACES = pd.DataFrame(place_records())
SOUND = {"gdp": ("gdp", "亿元"), "urban_rate": ("urban_share", "%")}


@pytest.fixture(scope="module")
def panel(real_data: Path) -> pd.DataFrame:
    codes = {p.short_zh: p.province_code for p in load_provinces()}
    path = real_data / "province" / "renjiyi163" / "panel_stata_ready_v2.csv"
    df = pd.read_csv(path, encoding="utf-8-sig")
    df = df.assign(province_code=df["province"].map(codes))
    assert df["province_code"].notna().all()
    assert len(df) == 31 * 20
    return df


def as_observation(panel: pd.DataFrame, columns: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Columns of the panel as rows of observation; each is {column: (indicator, unit it is claimed to be in)}."""
    parts = []
    for column, (indicator, unit) in columns.items():
        cells = panel[panel[column].notna()]
        parts.append(
            pd.DataFrame(
                {
                    "entity_code": cells["province_code"],
                    "year": cells["year"],
                    "indicator": indicator,
                    "value": cells[column] * float(REGISTRY.conversion(unit, indicator)),
                    "unit": REGISTRY.indicators[indicator].unit,
                    "raw": cells[column].astype(str),
                    "raw_unit": unit,
                    "header": column,
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(
        link_factor=float("nan"),
        vintage="v1",
        file_id="f1",
        entity_level="province",
        status="reported",
        chosen=True,
        sheet="",
        cell="C7",
    )


def failures(result: pd.DataFrame, severity: str) -> dict[str, str]:
    rows = result[~result["passed"] & (result["severity"] == severity)]
    return dict(rows[["check_name", "observed"]].itertuples(index=False))


def test_the_sound_columns_pass(panel: pd.DataFrame) -> None:
    result = OBSERVATION.run(as_observation(panel, SOUND), places=PLACES)
    assert failures(result, "critical") == {}
    assert failures(result, "warning") == {}


@pytest.mark.parametrize(
    ("unit", "extreme", "warnings"),
    [
        # Read as persons, the samples of 1 in 1,000 leave Tibet with 2,556 residents, and 万人 would fit most rows.
        ("人", "lowest value__resident_population = 0.2556 at entity_code 540000, year 2009", {"jump", "unit"}),
        # Read as 万人, the census years give Guangdong 1.26 trillion; no unit fits samples and censuses together.
        ("万人", "highest value__resident_population = 126012510 at entity_code 440000, year 2020", {"jump"}),
    ],
)
def test_its_population_fails_in_either_unit(panel: pd.DataFrame, unit: str, extreme: str, warnings: set[str]) -> None:
    columns = {**SOUND, "pop": ("resident_population", unit)}
    result = OBSERVATION.run(as_observation(panel, columns), places=PLACES)
    critical = failures(result, "critical")
    assert set(critical) == {"range_resident_population"}
    assert extreme in critical["range_resident_population"]
    warned = failures(result, "warning")
    assert set(warned) == {f"{kind}_resident_population" for kind in warnings}
    assert "highest jump__resident_population = 1421.5" in warned["jump_resident_population"]
    if "unit" in warnings:
        assert "万人 rather than 人" in warned["unit_resident_population"]


def test_its_gdp_per_head_fails_and_the_message_names_226_million(panel: pd.DataFrame) -> None:
    df = panel.rename(columns={"gdp_per_cap": "gdp_per_capita", "urban_rate": "urban_share"})
    df = df[["province_code", "year", "gdp", "urban_share", "gdp_per_capita"]]
    present = ("gdp", "urban_share", "gdp_per_capita")
    checks = [
        check
        for check in expectations.province_year.checks()
        if check.name.partition("_")[2] in present or check.name.partition("_")[2] not in REGISTRY.indicators
    ]
    result = run_checks(checks, expectations.province_year.prepare(df))
    critical = failures(result, "critical")
    assert set(critical) == {"range_gdp_per_capita"}
    assert critical["range_gdp_per_capita"].startswith("527 of 589 not as expected: ")
    text = critical["range_gdp_per_capita"].rpartition("highest ")[2]
    assert text.startswith("gdp_per_capita = 226611064.4")
    assert text.endswith("at province_code 110000, year 2019")
    assert set(failures(result, "warning")) == {"jump_gdp_per_capita"}
