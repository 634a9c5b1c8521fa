"""Findings on the coupling paper: what is printed and implied to the recorded digits, verdicts that follow the data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import PROJECT_DIR
from catalog.parts.coupling_findings import Options
from models_py.parts.comparison.comparison import published_comparison
from models_py.parts.comparison.printed import Printed, read_printed
from models_py.parts.coupling_findings import checks
from models_py.parts.coupling_findings import paper_texts as paper
from models_py.parts.coupling_findings.checks import CHECKS, TEST, Inputs, printed_z
from models_py.parts.coupling_findings.part import PART, headline
from models_py.parts.findings import Observation
from models_py.parts.frame import Seen
from tests.models_py.changing import with_part
from tests.models_py.figures.reading import CHINESE
from tests.models_py.parts.spatial_durbin.made_up_space import PANEL, run, study

PAPER = "coupling paper"
WEIGHTS = ["contiguity", "contiguity_binary", "inverse_distance"]


def seed() -> pd.DataFrame:
    path = PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv"
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


PRINTED = read_printed(seed(), PAPER)


def of_findings(*others: dict[str, Any], **options: Any) -> Any:
    own = {"variable": "outcome", "attention": "ln_urban", "weights": WEIGHTS, **options}
    return study([*others, {"coupling_findings": own}], paper=PAPER)


DURBIN = {
    "spatial_durbin": {
        "outcome": "outcome", "regressors": ["ln_gdp", "ln_urban"], "draws": 100, "models": ["sdm"],
        "bias_corrections": ["transformation"], "errors": ["ml"], "effects": ["two-way"],
    }
}  # fmt: skip
MORAN = {"moran": {"variable": "outcome", "weights": ["contiguity"], "permutations": 99}}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return run(of_findings(MORAN, DURBIN), published_figure=seed())


def test_all_findings_stand_in_both_languages(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["finding"]
    assert rows["finding_id"].tolist() == [f"F-C{number}" for number in range(1, 9)]
    assert rows.columns.tolist() == [name for name in load_tables()["finding"].columns if name != "data_kind"]
    texts = ["title", "published", "implied", "observed"]
    for name in texts:
        chinese = rows["title_zh" if name == "title" else f"{name}_zh"]
        english = rows["title_en" if name == "title" else name]
        assert not english.str.contains("[一-鿿]").any(), name
        assert chinese.notna().all() and english.notna().all()
    assert rows["observed"].str.contains("synthetic").all()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (paper.near_one, ["0.587", "0.999", "U1 U2 = 0.996", "0.345"]),
        (paper.ranges, ["0.3-0.6", "below 0.3", "0.587"]),
        (paper.moran_values, ["-0.0333", "SD 0.1185", "SD 0.1080", "SD 0.0336", "-1.43 -1.81 -0.66 -1.68", "-0.19"]),
        (paper.signs, ["13.246", "-0.0942 to -0.0555"]),
        (paper.multipliers, ["159.502", "159.521", "0.019 apart"]),
        (paper.rho, ["-1.521", "contiguity (-1.613, 1)", "inverse distance (-4.705, 1)", "0.057", "0.397"]),
        (paper.decline, ["0.010*", "0.057*", "rises from 0.01 to 0.057"]),
        (paper.two_parts, ["2 parts", "Jilin and Heilongjiang apart", "-1"]),
    ],
)
def test_what_is_printed_and_implied_has_the_recorded_numbers(words: Any, parts: list[str]) -> None:
    published, implied = words(PRINTED)
    for part in parts:
        assert part in f"{published.en}; {implied.en}", part
    assert CHINESE.search(implied.zh) and published.zh != published.en


def test_without_a_printed_figure_nothing_is_said() -> None:
    nothing = Printed({})
    assert [check.printed(nothing) for check in CHECKS] == [None] * 8


def inputs(tables: dict[str, pd.DataFrame], **changes: Any) -> Inputs:
    weights = {"contiguity": paper.of_paper("contiguity")}
    z = printed_z(PRINTED, weights, of_findings())
    degree = pd.DataFrame(0.5, index=list(PANEL.codes), columns=range(2014, 2022))
    options = of_findings(weights=["contiguity"]).options(Options)
    return replace(Inputs(PANEL, options, degree, tables, z), **changes)


def test_degrees_decide_the_first_two(tables: dict[str, pd.DataFrame]) -> None:
    fine = inputs(tables)
    assert checks.highest_degree(fine).holds and not checks.lowest_degrees(fine).holds
    degree = fine.degree.copy()
    degree.loc[440000, 2021], degree.loc[540000, 2014] = 0.999, 0.25
    moved = replace(fine, degree=degree)
    first, second = checks.highest_degree(moved), checks.lowest_degrees(moved)
    assert not first.holds and "0.999 (Guangdong, 2021), where U1 U2 = 0.996" in first.text.en
    assert second.holds and "1 of 12 western provinces below 0.3" in second.text.en


def test_the_printed_moran_decides_the_third(tables: dict[str, pd.DataFrame]) -> None:
    fine = inputs(tables)
    assert checks.moran_again(fine).holds and "−0.41 −0.51 −0.19 −0.48" in checks.moran_again(fine).text.en
    z = fine.printed_z.assign(statistic=-2.5)
    assert not checks.moran_again(replace(fine, printed_z=z)).holds


def moved(tables: dict[str, pd.DataFrame], name: str, where: str, column: str, value: float) -> dict[str, pd.DataFrame]:
    rows = tables[name].copy()
    rows.loc[rows.query(where).index, column] = value
    return {**tables, name: rows}


@pytest.mark.parametrize(
    ("check", "name", "where", "column", "value"),
    [
        (checks.opposite_signs, "spec_test", "test == 'moran_pooled'", "statistic", -5.0),
        (checks.identity_kept, "spec_test", "test == 'lm_lag'", "statistic", 1.0),
        (checks.own_components, "spec_test", "test == 'components'", "statistic", 1.0),
    ],
)
def test_tests_decide_their_findings(
    tables: dict[str, pd.DataFrame], check: Any, name: str, where: str, column: str, value: float
) -> None:
    before = check(inputs(tables)).holds
    after = check(inputs(moved(tables, name, where, column, value))).holds
    assert before is not None and after is (not before)


def test_rho_and_regions_decide_their_findings(tables: dict[str, pd.DataFrame]) -> None:
    assert not checks.own_rho(inputs(tables)).holds
    negative = moved(tables, "estimate", "term == 'rho' and sample == 'all'", "estimate", -1.5)
    assert not checks.own_rho(inputs(negative)).holds  # the series converges, so the tests say
    both = moved(negative, "spec_test", "test == 'no_series'", "statistic", 1.0)
    assert checks.own_rho(inputs(both)).holds and "−1.500" in checks.own_rho(inputs(both)).text.en
    where = "term == 'ln_urban' and effect == 'total' and sample == 'central'"
    for value, expected in ((5.0, True), (-5.0, False)):
        assert checks.own_regions(inputs(moved(tables, "estimate", where, "estimate", value))).holds is expected


def test_without_a_model_nothing_can_be_tested() -> None:
    alone = run(of_findings(), published_figure=seed())
    verdicts = alone["finding"].set_index("finding_id")["verdict"]
    assert (verdicts[["F-C4", "F-C5", "F-C6", "F-C7", "F-C8"]] == "not testable").all()
    assert isinstance(checks.own_rho(inputs({})), Observation)


def test_the_printed_moran_is_looked_at_under_every_weights(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["spec_test"].query(f"test == '{TEST}'").set_index(["weights", "subject"])["statistic"]
    assert len(rows) == 3 * 4
    recorded = {"2012": -1.43, "2016": -1.81, "2019": -0.66, "2023": -1.68}
    assert {year: round(rows["inverse_distance", year], 2) for year in recorded} == recorded
    assert round(rows["contiguity_binary", "2016"], 2) == -0.56 and round(rows["contiguity", "2019"], 2) == -0.19


def test_both_tables_are_shown(tables: dict[str, pd.DataFrame]) -> None:
    one = of_findings(MORAN, DURBIN)
    seen = Seen(one, PANEL, tables, "synthetic")
    shown = [item for show in PART.shows for item in show.make(seen, one.options(Options))]
    assert [item.stem for item in shown] == ["findings", "published_moran"]
    for item in shown:
        assert CHINESE.search(item.printed("zh").heading) and not CHINESE.search(repr(item.printed("en")))


def test_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown variable 'nothing'"):
        with_part(of_findings(), Options, variable="nothing")
    with pytest.raises(ValueError, match="paper: the study names none"):
        study([{"coupling_findings": {"variable": "outcome"}}])


def test_every_printed_figure_has_its_counterpart_or_is_said_to_have_none(tables: dict[str, pd.DataFrame]) -> None:
    """The comparison of a study without regressions: effects with their errors, tests, Moran's I by year."""
    names = {"ln_gdp": "ln_gdp_per_capita", "ln_urban": "ln_urban_share"}
    given = {name: rows.replace({"term": names}) for name, rows in tables.items() if "term" in rows}
    tests = tables["spec_test"]
    given["spec_test"] = pd.concat([tests, tests.assign(variant="effects=none")])
    given["moran_global"] = tables["moran_global"].assign(variable="coordination_degree")
    one = of_findings(MORAN, DURBIN)
    rows = published_comparison(seed(), given, one, PANEL, "real").set_index(["table_no", "column_no", "term"])
    assert len(rows) == 70

    def own(sample: str, term: str, effect: str, method: str = "simulation") -> pd.Series:
        wanted = {"sample": sample, "term": term, "effect": effect, "method": method}
        found = given["estimate"]
        return found[(found[list(wanted)] == list(wanted.values())).all(axis=1)].iloc[0]

    for place, expected in (
        (("Table 7", "total", "urbanization rate"), own("all", "ln_urban_share", "total")),
        (("Table 8", "west/indirect", "ln GDP per capita"), own("west", "ln_gdp_per_capita", "indirect")),
        (("Table 7", "main", "rho"), own("all", "rho", "coef", "ml")),
    ):
        row = rows.loc[place]
        assert (row["estimated"], row["std_error"]) == (expected["estimate"], expected["std_error"])
        assert row["within_95"] == (expected["ci_low"] <= row["published"] <= expected["ci_high"])
    assert not rows.loc[("Table 7", "main", "rho"), "same_sign"]
    significant = own("west", "ln_gdp_per_capita", "indirect")["p_value"] < 0.1
    assert rows.loc[("Table 8", "west/indirect", "ln GDP per capita"), "same_significance"] == significant
    moran = given["moran_global"].set_index("year")["i"]
    assert rows.loc[("Table 5", "2016", "global Moran's I of CCD"), "estimated"] == moran[2016]
    assert rows.loc[("Table 6", "statistic", "LM-lag"), "estimated"] > 0
    nothing = [("Table 4", "2012", "CCD Guangdong"), ("Table 7", "direct", "tertiary education share")]
    assert rows.loc[nothing, "estimated"].isna().all()
    assert rows.loc[("design", "panel", "provinces"), "matches"]


def test_the_first_line_sets_the_signs_side_by_side(tables: dict[str, pd.DataFrame]) -> None:
    one = of_findings(MORAN, DURBIN)
    said = headline(one, tables, one.options(Options))
    assert "Table 5: -0.0942 to -0.0555; rho -1.521; here: I 0.2" in said and "rho 0.4" in said
    alone = run(of_findings(), published_figure=seed())
    assert "no Moran's I;" in headline(of_findings(), alone, of_findings().options(Options))
