"""The real exports: values typed from the files by hand, and the estimate against plain least squares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from catalog.base import PROJECT_DIR
from medpanel.runs.workspace import Workspace
from tests.pipeline.conftest import rows

GDP = "province/tec_expenditure/分省年度数据_6.csv"
BUDGET = "province/tec_expenditure/分省年度数据_4.csv"
# Read off the files: province, year, indicator, file, cell, text.
TRACED = [
    (110000, 2024, "gdp", GDP, "C4", "49670.2"),
    (440000, 2019, "gdp", GDP, "H22", "110468.1"),
    (540000, 2012, "gdp", GDP, "O29", "721.1"),
    (310000, 2019, "budget_expenditure", BUDGET, "H12", "8179.28"),
    (540000, 2011, "budget_expenditure", BUDGET, "P29", "758.11"),
]


def trace(workspace: Workspace, province: int, year: int, indicator: str) -> list[dict[str, object]]:
    """Rows of the trace of one cell of province_year."""
    sql = "from trace(?, ?, ?) where entity_level = 'province'"
    return rows(workspace, sql, [province, year, indicator]).to_dict("records")


@pytest.mark.parametrize(("province", "year", "indicator", "path", "cell", "raw"), TRACED)
def test_a_cell_traces_to_file_cell_and_text(
    real: Workspace, province: int, year: int, indicator: str, path: str, cell: str, raw: str
) -> None:
    [row] = trace(real, province, year, indicator)
    assert (row["path"], row["cell"], row["raw_text"]) == (path, cell, raw)
    assert row["published_value"] == row["input_value"] == float(raw)
    assert (row["input_unit"], row["raw_unit"], row["data_kind"]) == ("亿元", "亿元", "real")


def everything_traced(workspace: Workspace) -> pd.DataFrame:
    """The trace of every value of province_year."""
    sql = "select *, entity_code as province_code from v_trace where entity_level = 'province'"
    return rows(workspace, f"{sql} and published_value is not null")


def test_every_cell_of_province_year_traces_to_all_its_inputs(real: Workspace) -> None:
    traced = everything_traced(real)
    assert traced["path"].notna().all()
    assert traced["cell"].notna().all()
    published = rows(real, "select count(columns(*)) from province_year").iloc[0]
    values = int(sum(published) - 3 * published["province_code"])
    assert len(traced.drop_duplicates(["province_code", "year", "indicator"])) == values
    derived = traced[traced["formula"].notna()]
    assert not derived.empty
    for formula, group in derived.groupby("formula"):
        # Recompute every derived value from the cells it traces to: provenance that does not add up is none.
        wide = group.pivot(index=["province_code", "year"], columns="input_indicator", values="input_value")
        expected = wide.eval(str(formula))
        found = group.drop_duplicates(["province_code", "year"]).set_index(["province_code", "year"])["published_value"]
        np.testing.assert_allclose(found.sort_index(), expected.sort_index(), rtol=1e-12, err_msg=str(formula))


def test_corrected_cells_keep_their_raw_text_and_their_reason(real: Workspace) -> None:
    [henan] = trace(real, 410000, 2019, "child_management_rate")
    assert (henan["published_value"], henan["status"], henan["raw_text"], henan["cell"]) == (
        88.6,
        "corrected",
        "",
        "1:18:11",
    )
    [hubei] = trace(real, 420000, 2019, "child_management_rate")
    assert (hubei["published_value"], hubei["status"], hubei["raw_text"]) == (92.3, "corrected", "88.6 92.3")
    assert set(rows(real, "from correction")["state"]) == {"applied"}
    assert rows(real, "from observation where status = 'corrected'").shape[0] == 2


def test_land_area_is_carried_and_says_so(real: Workspace) -> None:
    [area] = trace(real, 310000, 2011, "land_area")
    assert area["status"] == "carried"
    assert area["published_value"] == 8239.0121
    assert "人口域清洗后长表" in str(area["path"])


def test_two_vintages_of_population_are_loaded_and_compared(real: Workspace) -> None:
    conflict = rows(
        real, "from vintage_conflict where indicator = 'resident_population' and year between 2011 and 2019"
    )
    assert set(conflict["vintage_kept"]) == {"after_2020_census"}
    assert set(conflict["vintage_other"]) == {"before_2020_census", "compiled_mixed_wangmeng0734"}
    conflict = conflict[conflict["vintage_other"] == "before_2020_census"]
    heilongjiang = conflict[(conflict["entity_code"] == 230000) & (conflict["year"] == 2019)].iloc[0]
    assert heilongjiang["value_other"] == 3751
    assert heilongjiang["relative_gap"] == pytest.approx(3751 / heilongjiang["value_kept"] - 1)


def test_the_panels_are_complete_and_real(real: Workspace) -> None:
    panel = rows(
        real,
        "select year, count(gdp) g, count(budget_expenditure) b from province_year where gdp is not null group by year",
    )
    assert sorted(panel["year"]) == list(range(2006, 2025))
    assert set(panel["g"]) == {31}
    assert set(panel.loc[panel["year"] >= 2011, "b"]) == {31}
    assert rows(real, "select data_kind from run_manifest")["data_kind"].iloc[0] == "real"
    notes = rows(real, "select notes from run_manifest")["notes"].iloc[0]
    for absent in ("pilot", "smart_exposure", "performance_index"):
        assert absent in notes


def least_squares(panel: pd.DataFrame, outcome: str, regressors: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(coefficients, CR1 standard errors) by dummies and plain linear algebra, independent of models_py."""
    provinces, years = (np.unique(panel[name], return_inverse=True)[1] for name in ("province_code", "year"))
    n_years = years.max() + 1
    dummies = np.hstack([np.eye(31)[provinces], np.eye(n_years)[years][:, 1:]])
    x, y = panel[regressors].to_numpy(), panel[outcome].to_numpy()
    design = np.hstack([x, dummies])
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = y - design @ beta
    inner = x - dummies @ np.linalg.lstsq(dummies, x, rcond=None)[0]
    scores = np.array([inner[provinces == p].T @ residual[provinces == p] for p in range(31)])
    n, k = len(panel), len(regressors) + n_years  # year effects and constant; province effects are nested
    bread = np.linalg.inv(inner.T @ inner)
    variance = bread @ (scores.T @ scores) @ bread * 31 / 30 * (n - 1) / (n - k)
    return beta[: len(regressors)], np.sqrt(np.diag(variance))


def assert_published(
    workspace: Workspace, study: str, model: str, terms: list[str], fit: tuple[np.ndarray, ...], vintage: str = ""
) -> None:
    sql = "from estimate where study = ? and model = ? and vintage = ? and method = 'cr1'"
    published = rows(workspace, sql, [study, model, vintage])
    published = published.set_index("term").loc[terms]
    np.testing.assert_allclose(published["estimate"], fit[0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(published["std_error"], fit[1], rtol=0, atol=1e-8)
    assert set(published["df"]) == {30}
    assert set(published["data_kind"]) == {"real"}


def test_expenditure_on_gdp_equals_least_squares_with_dummies(real: Workspace) -> None:
    panel = rows(
        real,
        "select province_code, year, ln(gdp) ln_gdp, ln(budget_expenditure) y from province_year "
        "where year between 2011 and 2024 order by all",
    )
    assert len(panel) == 434
    assert_published(real, "expenditure_gdp", "(1)", ["ln_gdp"], least_squares(panel, "y", ["ln_gdp"]))


CONTROLS = ["gdp_per_capita", "urban_share", "population_density", "budget_expenditure_per_capita"]


def health_panel(workspace: Workspace, population: str) -> pd.DataFrame:
    """The panel of the digital-finance study, from the observations themselves; `population` is the vintage used."""
    panel = rows(
        workspace,
        """
        with chosen as (
            from observation
            where entity_level = 'province' and year between 2011 and 2019
                and (chosen and indicator <> 'resident_population' or indicator = 'resident_population' and vintage = ?)
        )
        select entity_code as province_code, year,
            max(value) filter (indicator = 'child_management_rate') as y,
            max(value) filter (indicator = 'digital_finance_index') / 100 as digital_finance,
            max(value) filter (indicator = 'gdp') as gdp,
            max(value) filter (indicator = 'resident_population') as population,
            max(value) filter (indicator = 'urban_share') as urban_share,
            max(value) filter (indicator = 'land_area') as area,
            max(value) filter (indicator = 'budget_expenditure') as expenditure
        from chosen group by all order by all
        """,
        [population],
    )
    assert len(panel) == 279
    assert panel.notna().all(axis=None)
    panel["gdp_per_capita"] = np.log(panel["gdp"] / panel["population"])
    panel["population_density"] = np.log(panel["population"] / panel["area"])
    panel["budget_expenditure_per_capita"] = np.log(panel["expenditure"] / panel["population"])
    for name in CONTROLS:
        panel[name] = (panel[name] - panel[name].mean()) / panel[name].std(ddof=1)
    return panel


def test_the_health_panel_equals_least_squares_with_dummies(real: Workspace) -> None:
    panel = health_panel(real, "after_2020_census")
    short, long = ["digital_finance"], ["digital_finance", *CONTROLS]
    assert_published(real, "digital_finance", "(1)", short, least_squares(panel, "y", short))
    assert_published(real, "digital_finance", "(2)", long, least_squares(panel, "y", long))


def test_the_headline_is_published_under_both_vintages_because_it_changes(real: Workspace) -> None:
    terms = ["digital_finance", *CONTROLS]
    other = least_squares(health_panel(real, "before_2020_census"), "y", terms)
    assert_published(real, "digital_finance", "(2)", terms, other, vintage="before_2020_census")
    sql = (
        "select model, vintage, estimate from estimate "
        "where study = 'digital_finance' and term = 'digital_finance' and method = 'cr1'"
    )
    found = rows(real, sql).set_index(["model", "vintage"])["estimate"]
    assert found["(2)", ""] == pytest.approx(-7.1, abs=0.05)
    assert found["(2)", "before_2020_census"] == pytest.approx(-5.4, abs=0.05)
    fitted = rows(real, "select vintage from model_fit where study = 'expenditure_gdp'")["vintage"]
    assert set(fitted) == {"", "compiled_pengyunlong", "nbs_2025"}, "complete vintages only"


def test_derived_cells_of_the_sample_trace_to_all_their_inputs(demo: Workspace) -> None:
    found = trace(demo, 420000, 2020, "gdp_per_capita")
    assert [row["input_indicator"] for row in found] == ["gdp", "resident_population"]
    values = [float(str(row["input_value"])) for row in found]
    assert found[0]["published_value"] == pytest.approx(values[0] / values[1] * 10000, rel=1e-12)


RESOURCES = {
    "institutions": "medical_health_institutions",
    "hospitals": "hospitals",
    "beds": "medical_health_beds",
    "health_technicians": "health_technicians",
    "physicians": "licensed_assistant_physicians",
    "nurses": "registered_nurses",
}


def resource_panel(folder: Path) -> pd.DataFrame:
    """The resource file with regions and land from the files themselves; the land of 2014 is that of 2015."""
    [path] = (folder / "province" / "dzdalistair").glob("*.csv")
    held = pd.read_csv(path, encoding="utf-8-sig")
    land = pd.read_csv(folder / "province" / "pengyunlong" / "人口域清洗后长表.csv", encoding="utf-8-sig")
    land = land.rename(columns={"行政区划代码": "province_code", "年份": "year", "土地调查总面积（平方公里）": "area"})
    held = held.merge(land[["province_code", "year", "area"]], how="left", on=["province_code", "year"])
    held["area"] = held.sort_values("year").groupby("province_code")["area"].bfill()
    seed = pd.read_csv(PROJECT_DIR / "dbt" / "seeds" / "province.csv").set_index("province_code")
    return held.assign(region=held["province_code"].map(seed["region"]))


def plain_measures(amount: np.ndarray, basis: np.ndarray, region: np.ndarray) -> dict[str, float]:
    """Gini as the area under the curve, Theil's L and its parts, each from its formula."""
    order = np.argsort(amount / basis)
    p, q = (np.concatenate([[0.0], np.cumsum(x[order] / x.sum())]) for x in (basis, amount))
    shares, held = basis / basis.sum(), amount / amount.sum()
    within = between = 0.0
    for name in np.unique(region):
        mine = region == name
        all_p, all_q = shares[mine].sum(), held[mine].sum()
        between += all_p * np.log(all_p / all_q)
        within += all_p * (shares[mine] / all_p * np.log(shares[mine] / all_p / (held[mine] / all_q))).sum()
    theil = float((shares * np.log(shares / held)).sum())
    gini = float(1 - ((q[1:] + q[:-1]) * (p[1:] - p[:-1])).sum())
    return {"gini": gini, "theil": theil, "theil_within": within, "theil_between": between}


def test_inequality_equals_plain_arithmetic_on_the_files(real: Workspace, real_data: Path) -> None:
    panel = resource_panel(real_data)
    assert len(panel) == 310 and panel.notna().all(axis=None)
    expected = []
    for year, rows_of_year in panel.groupby("year"):
        for resource, column in RESOURCES.items():
            for basis, size in (("population", "permanent_population"), ("area", "area")):
                held = (rows_of_year[name].to_numpy() for name in (column, size, "region"))
                expected.append({"resource": resource, "basis": basis, "year": year, **plain_measures(*held)})
    key = ["resource", "basis", "year"]
    by_hand = pd.DataFrame(expected).set_index(key).sort_index()
    published = rows(real, "from inequality where study = 'inequality'").set_index(key).sort_index()
    assert list(published.index) == list(by_hand.index) and len(by_hand) == 120
    np.testing.assert_allclose(published[list(by_hand)], by_hand, rtol=0, atol=1e-10)
    assert set(published["n"]) == {31} and set(published["dropped"]) == {0}
    assert set(published["data_kind"]) == {"real"}


DRIVERS = {
    "ln_gdp_per_capita": "gdp_per_capita",
    "ln_share_65_plus": "share_65_plus_published",
    "ln_urban_share": "urban_share",
    "ln_digital_attention": "report_keyword_share",
}


def within(values: np.ndarray) -> np.ndarray:
    """(N-1)(T-1) numbers without effects of places and years, by orthonormal contrasts. `values`: years x places."""
    year, place = (np.linalg.svd(np.eye(n) - 1 / n)[0][:, : n - 1] for n in values.shape)
    return (year.T @ values @ place).ravel()


def durbin(wide: dict[str, np.ndarray], w: np.ndarray) -> tuple[float, dict[str, float]]:
    """rho, and direct, indirect and total effects, by brute likelihood; `wide`: years x places, y first."""
    (_, y), *others = wide.items()
    x = np.column_stack([within(v) for _, v in others] + [within(v @ w.T) for _, v in others])
    basis = np.linalg.qr(x)[0]
    free, lagged = (v - basis @ (basis.T @ v) for v in (within(y), within(y @ w.T)))
    roots = np.linalg.eigvals(w)

    def minus_likelihood(rho: float) -> float:
        log_determinant = np.log(np.abs(1 - rho * roots)).sum() - np.log(1 - rho)
        rest = free - rho * lagged
        return float(len(rest) / 2 * np.log(rest @ rest) - (len(y) - 1) * log_determinant)

    rho = float(optimize.minimize_scalar(minus_likelihood, bounds=(-1.6, 0.999), method="bounded").x)
    # The minimiser is good to 1e-6; Newton's steps on central differences take it to rounding.
    for _ in range(6):
        h = 2e-5
        low, middle, high = (minus_likelihood(rho + step) for step in (-h, 0, h))
        rho -= (high - low) / 2 / h / ((high - 2 * middle + low) / h**2)
    beta = np.linalg.lstsq(x, within(y) - rho * within(y @ w.T), rcond=None)[0]
    inverse, effects = np.linalg.inv(np.eye(len(w)) - rho * w), {}
    for number, (name, _) in enumerate(others):
        moved = inverse @ (beta[number] * np.eye(len(w)) + beta[number + len(others)] * w)
        direct, total = np.trace(moved) / len(w), moved.sum() / len(w)
        effects |= {f"{name} direct": direct, f"{name} indirect": total - direct, f"{name} total": total}
    return rho, effects


def test_the_spatial_durbin_model_equals_brute_likelihood(real: Workspace) -> None:
    logs = ", ".join(f"ln({series}) {name}" for name, series in DRIVERS.items())
    panel = rows(
        real,
        f"select p.province_code, p.year, coordination_degree, {logs} from province_year p join coupling c "
        "on c.entity_code = p.province_code and c.year = p.year "
        "where c.study = 'coupling_real' and c.variant = '' order by all",
    )
    assert len(panel) == 310
    names = ["coordination_degree", *DRIVERS]
    wide = {name: panel.pivot(index="year", columns="province_code", values=name).to_numpy() for name in names}
    pairs = rows(real, "select province_code, neighbour_code, 1.0 as w from province_adjacency")
    w = pairs.pivot(index="province_code", columns="neighbour_code", values="w").fillna(0).to_numpy()
    assert w.shape == (31, 31)
    rho, effects = durbin(wide, w / w.sum(axis=1, keepdims=True))
    published = rows(
        real,
        "select distinct term || ' ' || effect as name, estimate from estimate where study = 'coupling_real' and "
        "variant = '' and sample = 'all' and table_no = 'Table 7' and estimator = 'sdm' and weights = 'contiguity' and "
        "(effect <> 'coef' or term = 'rho')",
    ).set_index("name")["estimate"]
    assert published["rho coef"] == pytest.approx(rho, abs=1e-8)
    assert dict(published.drop("rho coef")) == pytest.approx(effects, abs=1e-8)
    assert rho == pytest.approx(0.536, abs=5e-4)


def plane(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Equal-area conic in 100 km, on a sphere: parallels 25 and 47 N, meridian 105 E (Snyder 1987, eq. 14-1)."""
    low, high, at = np.radians(25), np.radians(47), np.radians(lat)
    n = (np.sin(low) + np.sin(high)) / 2
    rho = 63.71007 * np.sqrt(np.cos(low) ** 2 + 2 * n * np.sin(low) - 2 * n * np.sin(at)) / n
    turn = n * np.radians(lon - 105)
    return np.column_stack([rho * np.sin(turn), -rho * np.cos(turn)])


def logit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(coefficients, standard errors) by Newton's steps on columns brought to one size."""
    size = np.abs(x).max(axis=0)
    scaled, beta = x / size, np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-scaled @ beta))
        information = (scaled * (p * (1 - p))[:, None]).T @ scaled
        beta = beta + np.linalg.solve(information, scaled.T @ (y - p))
    return beta / size, np.sqrt(np.diag(np.linalg.inv(information))) / size


@pytest.mark.parametrize("network", ["baidu_20200415", "baidu_20210414", "baidu_20210615"])
def test_the_network_model_of_a_day_equals_a_plain_logit(real: Workspace, network: str) -> None:
    year = 2020 if "2020" in network else 2021
    nodes = rows(
        real,
        "select city_code, lon, lat, province_code, resident_population as people, gdp from network_node "
        "join city using (city_code) join city_year using (city_code) "
        "where study = 'mobility_real' and network = ? and year = ? order by city_code",
        [network, year],
    )
    flows = rows(real, "select origin_code, destination_code, flow from city_pair where network = ?", [network])
    at = {code: place for place, code in enumerate(nodes["city_code"])}
    flows = flows[flows["origin_code"].isin(at) & flows["destination_code"].isin(at) & (flows["flow"] > 0)]
    n, tied = len(nodes), flows[flows["flow"] >= flows["flow"].mean()]
    y = np.zeros((n, n))
    y[tied["origin_code"].map(at), tied["destination_code"].map(at)] = 1
    off = ~np.eye(n, dtype=bool)
    where = plane(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    apart = np.linalg.norm(where[:, None] - where[None], axis=2)
    province = nodes["province_code"].to_numpy()
    receiver = [np.tile(nodes[name].to_numpy(dtype="float64"), (n, 1)) for name in ("people", "gdp")]
    near = 1 / np.where(off, apart, 1)
    columns = [np.ones((n, n)), *receiver, near, (province[:, None] == province[None]) * 1.0]
    beta, errors = logit(np.column_stack([column[off] for column in columns]), y[off])
    published = rows(
        real,
        "from estimate where study = 'mobility_real' and sample = ? and model = 'Model 3' and variant = '' "
        "and effect = 'coef'",
        [network],
    ).set_index("term")
    terms = ["edges", "nodeicov.POP", "nodeicov.GDP", "edgecov.GeoProx", "edgecov.SameProv"]
    assert set(published.index) == set(terms)
    np.testing.assert_allclose(published.loc[terms, "estimate"], beta, rtol=1e-6)
    np.testing.assert_allclose(published.loc[terms, "std_error"], errors, rtol=1e-6)


def test_cities_of_the_official_list_that_are_no_nodes_are_named(real: Workspace) -> None:
    gaps = rows(
        real,
        "select network, reason, count(*) as n, string_agg(name_zh, ' ' order by city_code) as named "
        "from node_list_gap join city using (city_code) where study = 'mobility_real' and gap = 'absent' group by all",
    ).set_index(["network", "reason"])
    assert gaps["n"].to_dict() == {
        ("baidu_20200115", "no_figures"): 1,
        ("baidu_20200415", "no_flow"): 36,
        ("baidu_20210414", "no_figures"): 3,
        ("baidu_20210615", "no_figures"): 3,
        ("hospitals_62", "no_figures"): 240,
    }
    assert gaps.loc[("baidu_20210414", "no_figures"), "named"] == "通化市 三沙市 克拉玛依市"
    assert rows(real, "from node_list_gap where study = 'mobility_real' and gap = 'extra'").empty
