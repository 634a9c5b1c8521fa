"""The Gini paper's directions: each found, not found and not testable, in words that claim no effect."""

from collections.abc import Callable

import pandas as pd
import pytest

from catalog import load_studies
from catalog.base import CatalogError
from catalog.parts.gini_findings import Options
from catalog.studies import Study
from models_py.parts.findings import Observation
from models_py.parts.gini_findings.checks import CHECKS, gini_findings
from models_py.parts.gini_findings.claims import CLAIMS, Evidence, accumulates, falls, first_tier, remote

STUDY = load_studies()["inequality"]
PLACE = {"paper": "Gini paper", "table_no": "abstract", "column_no": "qualitative"}


def inequality(last: float = 0.1, beds: float = 0.1) -> pd.DataFrame:
    rows = [
        (resource, basis, year, gini)
        for basis in ("population", "area")
        for resource, end in (("nurses", last), ("beds", beds))
        for year, gini in ((2014, 0.2), (2020, end), (2023, 0.9))
    ]
    return pd.DataFrame(rows, columns=["resource", "basis", "year", "gini"])


def online(gap: float = 0.1, best: float = 0.6, share: float = 0.5) -> pd.DataFrame:
    rows = [
        ("gini_gap", "online_all", "west", gap),
        ("gini", "online_all", "provinces", 0.4),
        ("gini", "online_high_quality", "provinces", best),
        ("first_tier_share", "online_all", "cities", 0.3),
        ("first_tier_share", "online_high_quality", "cities", share),
    ]
    return pd.DataFrame(rows, columns=["measure", "resource", "scope", "value"])


def evidence(found: pd.DataFrame | None = None, of_doctors: pd.DataFrame | None = None) -> Evidence:
    return Evidence(inequality() if found is None else found, of_doctors, (2011, 2020))


def test_a_fall_is_that_of_every_resource_within_the_window() -> None:
    """The rise after 2020 lies outside the window."""
    assert falls(evidence()).holds is True
    found = falls(evidence(inequality(beds=0.21)))
    assert found.holds is False
    assert "2014 to 2020: lower for 1 of 2 resources; not lower: Beds" in found.text.en
    assert "未降低：医疗卫生机构床位数" in found.text.zh
    assert "not an effect of digital health" in found.text.en and "不是数字健康的效应" in found.text.zh
    one_year = inequality()
    assert falls(evidence(one_year[one_year["year"] == 2014])).holds is None


@pytest.mark.parametrize("claim", [remote, accumulates, first_tier])
def test_directions_of_online_doctors(claim: Callable[[Evidence], Observation]) -> None:
    assert claim(evidence(of_doctors=online())).holds is True
    assert claim(evidence(of_doctors=online(gap=-0.1, best=0.3, share=0.2))).holds is False
    assert claim(evidence()).holds is None
    assert claim(evidence(of_doctors=online().iloc[:0])).holds is None
    assert "No list of online doctors" in claim(evidence()).text.en


def printed() -> pd.DataFrame:
    stated = [{**PLACE, "term": term, "value": 1.0, "published_id": f"a{i}"} for i, term in enumerate(CLAIMS)]
    window = [
        {"paper": "Gini paper", "table_no": "design", "column_no": "data", "term": term, "value": year,
         "decimals": 0, "published_id": term}
        for term, year in (("first_year", 2011.0), ("last_year", 2020.0))
    ]  # fmt: skip
    return (
        pd.DataFrame([*stated, *window])
        .assign(stars=None, unit=None)
        .reindex(
            columns=["paper", "table_no", "column_no", "term", "value", "decimals", "stars", "unit", "published_id"]
        )
    )


def test_rows_in_both_languages_and_marked_on_synthetic_data() -> None:
    rows = gini_findings(STUDY, "synthetic", printed(), evidence(of_doctors=online()))
    assert rows["finding_id"].tolist() == [check.finding_id for check in CHECKS] == [f"F-G{i}" for i in range(1, 6)]
    assert set(rows["verdict"]) == {"holds"}
    assert rows["observed"].str.contains("synthetic").all() and rows["observed_zh"].str.contains("合成数据").all()
    assert rows["published_zh"].str.contains("[\u4e00-\u9fff]").all() and rows["implied"].notna().all()
    assert "2011, 2012, 2013" in rows["observed"].iloc[0]
    real = gini_findings(STUDY, "real", printed(), evidence())
    assert real["verdict"].tolist() == ["holds", "holds", *["not testable"] * 3]
    assert not real["observed"].str.contains("synthetic").any()


def test_a_window_outside_the_panel_is_refused() -> None:
    content = STUDY.model_dump()
    assert Options(window=(2011, 2020)).part() == "gini_findings"
    with pytest.raises((ValueError, CatalogError), match=r"window \[2001, 2014\] has fewer than two years"):
        Study.model_validate(content | {"parts": [*STUDY.parts[:-1], Options(window=(2001, 2014))]})
