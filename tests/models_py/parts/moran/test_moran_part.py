"""The part's tables are the statistics under the right names; its words and pictures say what the rows say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.parts.moran import Options
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS
from models_py.figures.style import FigureError
from models_py.panel import ENTITY
from models_py.parts.frame import Seen
from models_py.parts.moran.figures import cluster_map, scatter
from models_py.parts.moran.part import PART, headline
from models_py.parts.moran.rows import words
from models_py.parts.moran.table import clusters_in_words
from models_py.parts.spatial_weights import made as weights_made
from models_py.spatial import MoranError, moran, moran_local
from tests.models_py.changing import with_part
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE, drawn_texts
from tests.models_py.parts.spatial_durbin.made_up_space import PANEL, figures, run, study

WEIGHTS = ["contiguity", "knn_3", "economic", "nested_75"]


def of_moran(**options: Any) -> Any:
    return study([{"moran": {"variable": "outcome", "weights": WEIGHTS, "permutations": 99, **options}}])


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return run(of_moran())


def values(year: int) -> pd.Series:
    rows = figures()
    return rows[rows["year"] == year].set_index(ENTITY)["visits_per_resident"]


def test_tables_have_their_columns_and_keys(tables: dict[str, pd.DataFrame]) -> None:
    for name in ("moran_global", "moran_local"):
        table = load_tables()[name]
        assert tables[name].columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not tables[name].duplicated(list(table.key)).any()


@pytest.mark.parametrize("name", WEIGHTS)
def test_global_rows_are_the_statistic_of_their_year_and_weights(tables: dict[str, pd.DataFrame], name: str) -> None:
    matrix = weights_made(name, PANEL, {"figures": figures()}, "gdp_per_capita")
    rows = tables["moran_global"]
    own = rows[rows["weights"] == name].set_index("year")
    assert own.index.tolist() == list(range(2014, 2022))
    for year in (2014, 2021):
        expected = moran(values(year), matrix, 99, [0, year])
        assert {key: own.loc[year, key] for key in expected} == pytest.approx(expected)


def test_local_rows_are_those_of_first_middle_and_last_year(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["moran_local"]
    assert sorted(set(rows["year"])) == [2014, 2017, 2021] and len(rows) == 3 * 31
    matrix = weights_made("contiguity", PANEL, {}, "")
    own = rows[rows["year"] == 2017].set_index(ENTITY)
    expected = moran_local(values(2017), matrix, 99, [0, 2017])
    assert own["i"].tolist() == expected["i"].tolist() and own["cluster"].tolist() == expected["cluster"].tolist()
    assert own["significant_fdr"].tolist() == expected["significant_fdr"].tolist()
    assert own["z"].std(ddof=0) == pytest.approx(1) and np.allclose(own["z"] * own["lag"], own["i"])
    assert (own["province_code"] == own.index).all()
    # Rows of the weights sum to 1: the slope of the scatter plot is the global statistic.
    held = tables["moran_global"].query("weights == 'contiguity' and year == 2017")["i"].item()
    assert (own["z"] @ own["lag"]) / (own["z"] @ own["z"]) == pytest.approx(held)


def test_words_follow_the_numbers() -> None:
    found = {"i": 0.4, "expected_i": -0.03, "z_norm": 3.0, "z_rand": 3.1, "p_sim": 0.01}
    sure = words(found, of_moran(), "outcome", "contiguity", 2014)
    assert "neighbours are alike beyond chance" in sure.en and "相似，超出随机" in sure.zh
    unlike = words({**found, "i": -0.4}, of_moran(), "outcome", "contiguity", 2014)
    assert "neighbours are unlike beyond chance" in unlike.en and "相异" in unlike.zh
    nothing = words({**found, "p_sim": 0.3}, of_moran(), "outcome", "contiguity", 2014)
    assert "no pattern beyond chance" in nothing.en and "未见" in nothing.zh
    local = pd.DataFrame({"cluster": ["HH", "HH", "", "LH"], "significant_fdr": [True, False, False, False]})
    assert "HH 2, LL 0, HL 0, LH 1; kept at a false discovery rate of 5 %: 1 of 4" in clusters_in_words(local).en


def test_everything_is_shown_in_both_languages(tables: dict[str, pd.DataFrame]) -> None:
    one = of_moran()
    seen = Seen(one, PANEL, tables, "synthetic")
    stems = []
    for show in PART.shows:
        for item in show.make(seen, one.parts[0]):
            stems.append(item.stem)
            if show.kind == "table":
                assert CHINESE.search(item.printed("zh").heading) and not CHINESE.search(repr(item.printed("en")))
            elif item.stem.endswith("2014"):
                for lang, mark in zip(LANGS, ("合成数据", "SYNTHETIC"), strict=True):
                    svg = chart_of(item.figure, lang).svg
                    assert faults(svg) == [], item.stem
                    assert mark in drawn_texts(svg)
    assert stems[:2] == ["table_5", "moran_reading"] and len(stems) == 2 + 2 * 3
    assert "p <= 0.05 in" in headline(one, tables, one.parts[0])


def test_figures_refuse_a_year_without_rows(tables: dict[str, pd.DataFrame]) -> None:
    for figure in (scatter, cluster_map):
        with pytest.raises(FigureError, match="no local statistics of 1999"):
            figure(tables["moran_local"], 1999, of_moran(), PANEL, "synthetic")


def test_a_gap_is_refused_by_place_and_year() -> None:
    data = figures()
    data.loc[(data[ENTITY] == 110000) & (data["year"] == 2015), "visits_per_resident"] = np.nan
    with pytest.raises(MoranError, match=r"outcome in every place and year; none of 北京市 Beijing \(110000\) 2015"):
        run(of_moran(), data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variable": "nothing"}, "unknown variable 'nothing'"),
        ({"local_years": [1999]}, "local_years 1999 lies outside"),
        ({"weights": ["knn", "knn"]}, "knn stands twice"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_part(of_moran(), Options, **options)
