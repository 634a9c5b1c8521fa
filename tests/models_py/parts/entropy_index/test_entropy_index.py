"""Indices of two systems: weights by hand, variants, bases, windows, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import CatalogError
from catalog.labels import label_of
from catalog.parts.entropy_index import Options
from models_py.indices.coupling import year_ranks
from models_py.indices.standardised import IndexDataError
from models_py.panel import KEYS, PanelError, province_panel
from models_py.parts.entropy_index.index import directions_of
from tests.models_py.changing import with_part
from tests.models_py.parts.coupling.two_systems import PANEL, entropy, figures, good, indices, study

SYSTEMS = ("digital", "health")


def test_columns_are_those_of_the_published_tables() -> None:
    for name, frame in indices().items():
        table = load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any() and frame.notna().all(axis=None)


def test_weights_sum_to_one_in_every_variant_and_the_index_stays_within_bounds() -> None:
    tables = indices()
    sums = tables["entropy_weight"].groupby(["variant", "system"])["weight"].sum()
    assert len(sums) == 2 * (1 + len(entropy().variants))
    np.testing.assert_allclose(sums, 1, atol=1e-12)
    assert tables["system_index"]["value"].between(0, 1).all()
    assert set(tables["system_index"]["variant"]) == {"", *entropy().variants}


def test_the_index_is_the_weighted_sum_of_min_max_values() -> None:
    """By plain arithmetic from the figures, length of stay turned round."""
    tables, data = indices(), figures()
    weights = tables["entropy_weight"].query("variant == '' and system == 'health'").set_index("indicator")
    scaled = (data[list(weights.index)] - data[list(weights.index)].min()) / np.ptp(data[list(weights.index)], axis=0)
    scaled["average_stay"] = 1 - scaled["average_stay"]
    share = (scaled + 1e-4) / (scaled + 1e-4).sum()
    entropies = -(share * np.log(share)).sum() / np.log(len(data))
    np.testing.assert_allclose(weights["entropy"], entropies, rtol=1e-12)
    np.testing.assert_allclose(weights["weight"], (1 - entropies) / (1 - entropies).sum(), rtol=1e-10)
    own = tables["system_index"].query("variant == '' and system == 'health'").set_index(KEYS)["value"]
    expected = pd.Series(scaled.to_numpy() @ weights["weight"].to_numpy(), index=pd.MultiIndex.from_frame(data[KEYS]))
    np.testing.assert_allclose(own, expected.reindex(own.index), atol=1e-12)
    assert weights.loc["average_stay", "direction"] == -1 and (weights["direction"] == 1).sum() == 10


def test_rescaled_indices_reach_both_ends_and_equal_weights_are_equal() -> None:
    tables = indices()
    stretched = tables["system_index"].query("variant == 'rescale=minmax'").groupby("system")["value"]
    assert (stretched.min() == 0).all() and (stretched.max() == 1).all()
    equal = tables["entropy_weight"].query("variant == 'weighting=equal'")["weight"]
    np.testing.assert_allclose(equal, 1 / 11)


def rank_by_hand(data: pd.DataFrame, name: str) -> pd.Series:
    """By counting: the places of the year with less, and half of the others with as much, over all others."""
    values = data[name].to_numpy()
    same_year = data["year"].to_numpy()[:, None] == data["year"].to_numpy()
    less, equal = ((op(values[None, :], values[:, None]) & same_year).sum(axis=1) for op in (np.less, np.equal))
    return pd.Series((less + (equal - 1) / 2) / (same_year.sum(axis=1) - 1), index=data.index)


def test_a_ranked_indicator_enters_as_its_rank_within_each_year() -> None:
    """As a variant and as the study's own choice; whatever factor a year's figures are multiplied by."""
    rebased = figures()
    rebased["telecom_volume"] = rebased["telecom_volume"].where(rebased["year"] < 2016, rebased["telecom_volume"] / 3)
    as_variant = indices(rankings=("telecom_volume",), weightings=(), rescales=(), windows={})
    by_hand = figures().assign(telecom_volume=rank_by_hand(figures(), "telecom_volume"))
    expected = indices(by_hand, rankings=(), weightings=(), rescales=(), windows={})
    as_choice = indices(rebased, ranked=("telecom_volume",), rankings=(), weightings=(), rescales=(), windows={})
    for name in ("entropy_weight", "system_index"):
        found = as_variant[name].query("variant == 'ranked=telecom_volume'").drop(columns="variant")
        plain = as_variant[name].query("variant == ''").drop(columns="variant").reset_index(drop=True)
        wanted = expected[name].drop(columns="variant")
        pd.testing.assert_frame_equal(found.reset_index(drop=True), wanted, rtol=1e-12)
        pd.testing.assert_frame_equal(as_choice[name].drop(columns="variant"), wanted, rtol=1e-12)
        column = "weight" if name == "entropy_weight" else "value"
        assert not np.allclose(plain[column], wanted[column], rtol=1e-3)
    two = entropy(ranked=("telecom_volume",), rankings=("telecom_volume", "beds_per_1000_published"))
    assert two.variants[-2:] == ("ranked=beds_per_1000_published", "window=2013-2023")


def test_ties_share_a_rank_and_one_place_alone_is_in_the_middle() -> None:
    data = pd.DataFrame({"year": [1, 1, 1, 2, 3, 3], "x": [5.0, 5.0, 1.0, 9.0, 2.0, 2.0]})
    assert year_ranks(data, ["x"])["x"].tolist() == [0.75, 0.75, 0.0, 0.5, 0.5, 0.5]
    assert year_ranks(data, []).equals(data)
    with pytest.raises(IndexDataError, match="'x' has empty values"):
        year_ranks(data.assign(x=[1, np.nan, 2, 3, 4, 5]), ["x"])


def test_the_table_says_what_is_ranked() -> None:
    from models_py.parts.entropy_index.shown import weights_table

    tables = indices(ranked=("telecom_volume",), weightings=(), rescales=(), windows={})
    options = entropy(ranked=("telecom_volume",), weightings=(), rescales=(), windows={})
    said = weights_table(tables["entropy_weight"], options, PANEL, True).notes
    assert any("rank among the places" in note.en and "电信业务总量" in note.zh for note in said)
    assert "rank" not in "".join(
        note.en for note in weights_table(indices()["entropy_weight"], entropy(), PANEL, True).notes
    )


def test_the_label_of_a_ranked_variant_names_the_indicator_in_both_languages() -> None:
    label = label_of({"model": "D", "variant": "ranked=telecom_volume"})
    assert label.en == "D ranked within each year: Volume of telecommunication services, constant prices"
    assert label.zh == "D 按年位次：电信业务总量（不变价）"


def test_a_window_has_its_own_rows_bounds_and_indicators() -> None:
    window = {"2016-2023": {"years": (2016, 2023), "extra": {"digital": ("internet_penetration",)}}}
    systems = {"digital": ("telecom_volume", "patent_grants"), "health": ("bed_use_rate", "average_stay")}
    tables = indices(systems=systems, windows=window, weightings=(), rescales=())
    own = tables["system_index"].query("variant == 'window=2016-2023'")
    assert own["year"].min() == 2016 and len(own) == 2 * 31 * 8
    weights = tables["entropy_weight"].query("variant == 'window=2016-2023'")
    assert list(weights["indicator"]) == [*systems["digital"], "internet_penetration", *systems["health"]]
    later = indices(
        figures().query("year >= 2016"),
        province_panel((2016, 2023)),
        systems=systems,
        windows={},
        weightings=(),
        rescales=(),
        rankings=(),
    )
    np.testing.assert_allclose(
        weights.query("system == 'health'")["weight"], later["entropy_weight"].query("system == 'health'")["weight"]
    )


def test_the_basis_picks_totals_or_figures_per_resident() -> None:
    def names(basis: str) -> tuple[str, ...]:
        options = entropy(basis=basis)
        return (*options.members["digital"][:2], *options.members["health"][:2])

    assert names("mixed") == (
        "internet_penetration", "telecom_volume", "institutions_per_10000_published", "beds_per_1000_published",
    )  # fmt: skip
    assert names("all_totals") == ("broadband_users", "telecom_volume", "institutions", "beds")
    assert names("all_per_capita") == (
        "internet_penetration", "telecom_volume_per_capita", "institutions_per_10000_published",
        "beds_per_1000_published",
    )  # fmt: skip


def test_edges_are_carried_only_where_asked_for_and_counted() -> None:
    data = figures()
    data["ecommerce_sales"] = data["ecommerce_sales"].mask(data["year"] == 2012)
    weights = indices(data)["entropy_weight"].query("variant == ''").set_index("indicator")["carried"]
    assert weights["ecommerce_sales"] == 31 and weights.sum() == 31
    with pytest.raises(PanelError, match="no province has a value in 2012"):
        indices(data, allow_edge_fill=False)
    data.loc[100, "bed_use_rate"] = np.nan
    with pytest.raises(PanelError, match=r"病床使用率.*1 empty cell"):
        indices(data)


def test_an_error_names_the_variant() -> None:
    data = figures().assign(bed_use_rate=80.0)
    with (
        pytest.warns(UserWarning, match="constant"),
        pytest.raises(IndexDataError, match=r"^weighting=first_component:"),
    ):
        indices(data)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"systems": {"digital": ("telecom_volume",)}}, "health has no indicator"),
        (
            {"systems": {"digital": ("telecom_volume",) * 2, "health": ("beds",)}},
            "telecom_volume occurs more than once",
        ),
        ({"systems": {"digital": ("gdp",), "health": ("beds",)}}, "gdp is neutral in the registry"),
        ({"windows": {"a": {"years": (2010, 2023)}}}, "years must be"),
        ({"windows": {"a": {"years": (2023, 2013)}}}, "years must be"),
        ({"windows": {"a=b": {"years": (2013, 2023)}}}, "a word without = and comma"),
        ({"windows": {"a": {"years": (2013, 2023), "extra": {"health": ("patent_grants",)}}}}, "patent_grants occurs"),
        ({"ranked": ("gdp",)}, "gdp is no indicator of a system under the basis chosen; its indicators: internet"),
        ({"rankings": ("telecom_volume_per_capita",)}, "telecom_volume_per_capita 不是所选口径下的系统指标"),
        ({"rankings": ("telecom_volume",) * 2}, "telecom_volume occurs more than once"),
        ({"shift": -0.1}, "shift"),
        ({"systems": {"digital": ("no_such",), "health": ("beds",)}}, "no_such"),
    ],
)
def test_options_that_do_not_fit_are_refused(changed: dict, message: str) -> None:
    with pytest.raises((CatalogError, ValueError), match=message):
        with_part(study(), Options, **changed)


def test_a_neutral_indicator_has_no_direction() -> None:
    assert directions_of(["average_stay", "beds"]) == {"average_stay": -1, "beds": 1}
    with pytest.raises(IndexDataError, match=r"neutral in the registry.*地区生产总值"):
        directions_of(["gdp"])


def test_the_headline_names_the_heaviest_indicator_of_each_system() -> None:
    from models_py.parts.entropy_index.part import headline

    said = headline(study(), good(), entropy())
    top = good()["entropy_weight"].query("variant == ''").groupby("system")["weight"].idxmax()
    for place in top:
        assert good()["entropy_weight"].loc[place, "indicator"] in said
