"""What the part publishes of provinces and cities, complete and not; what it leaves out, says and refuses."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from models_py.inequality import InequalityError, concentration_index, gini, theil
from models_py.panel import ENTITY, PanelError, province_panel
from models_py.parts.inequality.part import PART, headline
from tests.models_py.figures.reading import CHINESE
from tests.models_py.parts.inequality.resources import (
    CITIES,
    CITY_PANEL,
    PANEL,
    YEARS,
    Frames,
    figures,
    good,
    made,
    options,
    study,
)

PLACE = ["resource", "basis", "year"]
# Half the work where one resource says it all.
BEDS: dict[str, Any] = {"resources": ("beds",)}
BEIJING, TIBET = 110000, 540000


def at(data: pd.DataFrame, code: int, year: int | None = None) -> pd.Series:
    return (data[ENTITY] == code) & ((data["year"] == year) if year else True)


def changed(name: str, value: Any, code: int = TIBET, year: int | None = 2015) -> pd.DataFrame:
    data = figures()
    return data.assign(**{name: data[name].mask(at(data, code, year), value)})


def row(tables: Frames, table: str, **place: Any) -> pd.Series:
    """The one row of a table at a place."""
    found = tables[table]
    for name, value in place.items():
        found = found[found[name] == value]
    assert len(found) == 1, (table, place, len(found))
    return found.iloc[0]


def bilingual(row: pd.Series, english: str, chinese: str) -> None:
    assert re.search(english, row["note_en"]) and re.search(chinese, row["note_zh"]), (row["note_en"], row["note_zh"])
    assert not CHINESE.search(re.sub(r"[一-鿿]+ \w+ ?\w* \(\d+\)", "", row["note_en"]))


def sound(tables: Frames) -> None:
    """Declared columns in order, unique and complete keys."""
    assert set(tables) == set(PART.makes)
    for name, frame in tables.items():
        table = load_tables()[name]
        assert list(frame.columns) == [column for column in table.columns if column != "data_kind"], name
        assert not frame.duplicated(list(table.key)).any(), name
        assert frame[list(table.key)].notna().all(axis=None), name


def test_tables_are_as_declared_and_complete() -> None:
    tables = good()
    sound(tables)
    cells, units = 2 * 2 * 3, 31
    assert {name: len(frame) for name, frame in tables.items()} == {
        "inequality": cells,
        # gini, theil_l, theil_t, atkinson_0.5, atkinson_1, concentration; gini_change and lorenz_crossings since 2014.
        "inequality_measure": cells * 6 + 2 * 2 * 2 * 2,
        "inequality_group": cells * 3,
        "inequality_contribution": 2 * 2 * 2 * units,
        "inequality_place": 2 * 3 * units,
        "lorenz": cells * (units + 1),
    }
    assert set(tables["inequality"]["n"]) == {31} and set(tables["inequality"]["dropped"]) == {0}
    assert tables["inequality_place"]["province_code"].equals(tables["inequality_place"][ENTITY])
    assert set(tables["inequality_contribution"]["entity_level"]) == {"province"}


def test_figures_of_one_year_are_those_of_the_measures() -> None:
    data = figures().query("year == 2016").set_index(ENTITY)
    own = row(good(), "inequality", resource="beds", basis="area", year=2016)
    parts = theil(data["beds"], data["land_area"])
    assert own["gini"] == gini(data["beds"], data["land_area"])
    assert own["theil"] == parts["total"]
    ranked = row(good(), "inequality_measure", resource="beds", basis="area", year=2016, measure="concentration")
    assert ranked["value"] == concentration_index(data["beds"], data["land_area"], data["gdp_per_capita"])
    since = row(good(), "inequality_measure", resource="beds", basis="area", year=2016, measure="gini_change")
    before = row(good(), "inequality", resource="beds", basis="area", year=2014)["gini"]
    assert since["value"] == pytest.approx(own["gini"] - before, abs=1e-14)
    moved = good()["inequality_contribution"].query("resource == 'beds' and basis == 'area' and year == 2016")
    assert moved["total"].sum() == pytest.approx(since["value"], abs=1e-12)


def test_places_are_in_people_and_square_kilometres() -> None:
    data = figures().query(f"year == 2015 and {ENTITY} == {TIBET}").iloc[0]
    own = row(good(), "inequality_place", resource="beds", year=2015, **{ENTITY: TIBET})
    assert own["per_1000"] == pytest.approx(data["beds"] / (data["resident_population"] * 1e4) * 1000)
    assert own["per_km2"] == pytest.approx(data["beds"] / data["land_area"])
    assert own["hrdi"] == pytest.approx(math.sqrt(own["per_1000"] * own["per_km2"]))


def test_base_ten_divides_every_logarithm_and_changes_nothing_else() -> None:
    tens = made(theil={"form": "L", "log": "10"})
    pair = [frame["inequality_measure"].set_index([*PLACE, "measure"])["value"] for frame in (good(), tens)]
    ratio = (pair[0] / pair[1]).groupby("measure").mean()
    assert ratio["theil_l"] == pytest.approx(math.log(10)) and ratio["theil_t"] == pytest.approx(math.log(10))
    assert ratio.drop(["theil_l", "theil_t", "lorenz_crossings"]).to_numpy() == pytest.approx(1)
    # The table everyone reads stays in natural logarithms.
    assert tens["inequality"]["theil"].equals(good()["inequality"]["theil"])
    assert set(tens["inequality_group"]["log_base"]) == {"10"}


def test_a_missing_province_is_left_out_named_and_not_compared() -> None:
    tables = made(changed("beds", np.nan))
    sound(tables)
    own = row(tables, "inequality", resource="beds", basis="population", year=2015)
    assert (own["n"], own["dropped"]) == (30, 1)
    bilingual(own, r"Left out, without a figure: .*Tibet \(540000\)", "因缺数据未计入：西藏")
    rest = figures().query(f"year == 2015 and {ENTITY} != {TIBET}")
    assert own["gini"] == gini(rest["beds"].to_numpy(), rest["resident_population"].to_numpy())
    since = row(tables, "inequality_measure", resource="beds", basis="area", year=2015, measure="gini_change")
    assert pd.isna(since["value"]) and since["since"] == 2014
    bilingual(since, "Not the units of 2014, so no change is given", "单位与2014年不同，故不给出变化")
    assert set(tables["inequality_contribution"].query("resource == 'beds'")["year"]) == {2016}
    assert set(tables["inequality_contribution"].query("resource == 'physicians'")["year"]) == {2015, 2016}


def test_a_first_year_without_a_province_is_compared_with_no_other() -> None:
    tables = made(changed("beds", np.nan, year=2014), **BEDS)
    compared = tables["inequality_measure"].query("resource == 'beds' and measure == 'gini_change'")
    assert compared["value"].isna().all() and compared["note_en"].str.contains("Not the units of 2014").all()
    assert "beds" not in set(tables["inequality_contribution"]["resource"])


def test_a_province_without_a_rank_leaves_the_concentration_index_empty() -> None:
    tables = made(changed("gdp_per_capita", np.nan), **BEDS)
    own = row(tables, "inequality_measure", resource="beds", basis="area", year=2015, measure="concentration")
    assert pd.isna(own["value"])
    bilingual(own, r"Rank not known: .*Tibet", "缺少排序依据：西藏")
    assert row(tables, "inequality", resource="beds", basis="area", year=2015)["n"] == 31


def test_a_province_with_none_has_a_gini_but_no_theil_l() -> None:
    tables = made(changed("beds", 0), **BEDS)
    sound(tables)
    place = {"resource": "beds", "basis": "population", "year": 2015}
    own = row(tables, "inequality", **place)
    assert own["gini"] > 0 and own[["theil", "theil_within", "theil_between"]].isna().all()
    bilingual(own, r"Theil's L is not defined where a unit has none: .*Tibet", "泰尔指数L无定义：西藏")
    measures = tables["inequality_measure"].set_index([*PLACE, "measure"]).sort_index().loc[tuple(place.values())]
    assert pd.isna(measures.loc["theil_l", "value"]) and "Tibet" in measures.loc["theil_l", "note_en"]
    assert measures.loc["theil_t", "value"] > 0 and measures.loc["atkinson_1", "value"] == 1
    groups = tables["inequality_group"]
    assert set(groups.query("resource == 'beds'")["year"]) == {2014, 2016}
    t_form = made(changed("beds", 0), theil={"form": "T"}, **BEDS)["inequality_group"]
    assert set(t_form.query("resource == 'beds'")["year"]) == {2014, 2015, 2016}


def test_a_resource_known_for_one_unit_or_none_has_a_row_that_says_so() -> None:
    data = figures()
    one_known = data.assign(beds=data["beds"].where(data[ENTITY] == BEIJING), physicians=np.nan)
    tables = made(one_known)
    sound(tables)
    for resource, n in (("beds", 1), ("physicians", 0)):
        own = tables["inequality"][tables["inequality"]["resource"] == resource]
        assert len(own) == 6 and set(own["n"]) == {n} and set(own["dropped"]) == {31 - n}
        assert own["gini"].isna().all()
        bilingual(own.iloc[0], f"Known for {n} of the units; two are needed", f"仅{n}个单位有数据")
    assert tables["inequality_measure"].empty and tables["lorenz"].empty
    assert headline(study(), tables, options()) == "inequality: no Gini by population"


def test_a_resource_that_goes_to_zero_everywhere_is_said_not_taken_for_mixed_units() -> None:
    data = figures()
    tables = made(data.assign(beds=data["beds"].mask(data["year"] == 2015, 0)), **BEDS)
    own = row(tables, "inequality", resource="beds", basis="area", year=2015)
    assert own["n"] == 31 and pd.isna(own["gini"])
    bilingual(own, "The resource is zero everywhere", "各单位该资源均为零")


def test_few_holders_have_a_value_but_no_interval() -> None:
    """Without one of two holders every other draw would be of nothing."""
    data = figures()
    few = data.assign(beds=data["beds"].where(data[ENTITY] == BEIJING, 0))
    own = row(made(few, **BEDS), "inequality_measure", resource="beds", basis="area", year=2015, measure="gini")
    assert own["value"] > 0.5 and own[["low", "high", "std_error", "low_bootstrap", "high_bootstrap"]].isna().all()
    bilingual(own, "some draws, or all units but one, hold none: no interval", "故不给出区间")


REFUSED: dict[str, tuple[pd.DataFrame, str]] = {
    "negative": (changed("beds", -3), r"beds \(.*\) is below zero: .*Tibet \(540000\) 2015; correct the file"),
    "infinite": (changed("beds", math.inf), r"beds \(.*\) is infinite: .*Tibet \(540000\) 2015; correct the file"),
    "no people": (changed("resident_population", 0), r"resident_population \(.*\) is zero or below.*Tibet.* 2015"),
    "mixed units": (
        figures().assign(beds=lambda d: d["beds"].mask(d["year"] == 2015, d["beds"] / 1e4)),
        r"beds \(.*\): the median place has 0\.0001\d* times in 2015 what it had in 2014; are units .* mixed\? Declare",
    ),
    "mixed units across a gap": (
        figures().assign(beds=lambda d: d["beds"].mask(d["year"] == 2015).mask(d["year"] == 2016, d["beds"] / 1e4)),
        r"has 0\.00010\d* times in 2016 what it had in 2014",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_figures_are_refused_with_place_indicator_and_year(case: str) -> None:
    data, words = REFUSED[case]
    with pytest.raises(InequalityError, match=words):
        made(data)


def test_figures_of_strangers_and_twice_are_refused() -> None:
    with pytest.raises(PanelError, match="none of the 31 provinces: 999999"):
        made(figures().replace({ENTITY: {TIBET: 999999}}))
    with pytest.raises(PanelError, match="rows that occur twice"):
        made(pd.concat([figures(), figures().head(1)]))
    with pytest.raises(PanelError, match="lack the columns beds"):
        made(figures().drop(columns="beds"))


def test_cities_without_a_region_need_other_groups() -> None:
    data = figures(list(CITIES[ENTITY]), CITY_PANEL.years)
    with pytest.raises(
        InequalityError, match=r"no region is known of 合成市0 Synthetic 0 \(330100\).*groups: province"
    ):
        made(data, CITY_PANEL)
    for groups, names in (("province", {"330000", "420000"}), ("none", {""})):
        tables = made(data, CITY_PANEL, groups=groups, ranked_by=None, **BEDS)
        sound(tables)
        assert set(tables["inequality"]["n"]) == {5} and set(tables["inequality"]["year"]) == {2015, 2016}
        assert set(tables["inequality_group"]["group_name"]) == names
        assert set(tables["inequality_place"]["entity_level"]) == {"city"}
        assert tables["inequality_place"]["province_code"].isna().all()
        assert "concentration" not in set(tables["inequality_measure"]["measure"])
    assert (tables["inequality"]["theil_between"] == 0).all()


def test_two_units_have_values_and_no_interval() -> None:
    data = figures()
    two = data[data[ENTITY].isin([BEIJING, TIBET])]
    own = row(made(two, **BEDS), "inequality_measure", resource="beds", basis="area", year=2015, measure="gini")
    assert own["value"] > 0 and pd.isna(own["low"]) and pd.isna(own["std_error"]) and pd.isna(own["draws"])
    bilingual(own, "Two units leave no spread", "仅两个单位")


def test_one_basis_has_no_places_and_one_year_no_change() -> None:
    alone = made(basis={"population": "resident_population"}, **BEDS)
    assert alone["inequality_place"].empty and set(alone["inequality"]["basis"]) == {"population"}
    year = made(figures(years=(2014, 2014)), province_panel((2014, 2014)), **BEDS)
    sound(year)
    assert year["inequality_contribution"].empty and set(year["inequality"]["year"]) == {2014}


def test_the_seed_decides_the_draws() -> None:
    again, other = made(), made(seed=1)
    for name, frame in good().items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not good()["inequality_measure"]["low_bootstrap"].equals(other["inequality_measure"]["low_bootstrap"])
    assert good()["inequality_measure"]["std_error"].equals(other["inequality_measure"]["std_error"])


def test_the_headline_names_what_did_not_fall() -> None:
    rows = pd.DataFrame(
        [
            (name, "population", year, gini)
            for name, ends in (("beds", (0.2, 0.2)), ("nurses", (0.3, 0.1)))
            for year, gini in zip((2014, 2016), ends, strict=True)
        ],
        columns=["resource", "basis", "year", "gini"],
    )
    area = rows.assign(basis="area", gini=0.5)
    said = "inequality, 2014 to 2016: Gini by population lower for 1 of 2 resources; not: beds 0.200 to 0.200"
    assert headline(study(), {"inequality": pd.concat([rows, area])}, options()) == said
    falling = {"inequality": rows[rows["resource"] == "nurses"]}
    assert headline(study(), falling, options()).endswith("lower for 1 of 1 resources")
    assert YEARS == (2014, 2016) and len(PANEL.codes) == 31


# Options


BAD_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a rate": ({"resources": ["beds", "urbanization_rate"]}, "cannot|urbanization_rate cannot"),
    "twice": ({"resources": ["beds", "beds"]}, "resources: beds occurs twice"),
    "unknown basis": ({"basis": {"gdp": "gdp"}}, r"basis: gdp: gdp is none of population: persons, area: area"),
    "wrong basis": ({"basis": {"area": "resident_population"}}, "basis: area: resident_population is none of"),
    "a map of another": ({"maps": ["nurses"]}, "maps: nurses is none of the resources"),
    "no aversion": ({"atkinson": [0.0]}, "aversions must be above zero"),
    "an aversion twice": ({"atkinson": [0.5, 1, 0.5]}, "atkinson: 0.5 occurs twice"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_options_are_refused_in_words(case: str) -> None:
    changes, words = BAD_OPTIONS[case]
    with pytest.raises(ValueError, match=words):
        study(**changes)
