"""Result tables of the published shape for reports and figures: regressions really fitted, the rest invented."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import shapely

from catalog import Study, load_provinces, load_studies, load_tables
from medpanel.sample.panel import simulate_panel
from models_py.econometrics import fit_study
from models_py.figures.tiles import TILES
from models_py.indices import performance_index

CODES = [p.province_code for p in load_provinces()]
SPECIFICATIONS = 400
FITTED = {
    ("Table 2", "(1)"),
    ("Table 2", "(2)"),
    ("Table 2", "(3)"),
    ("Table 3", "HMI"),
    ("Table 4", "(1)"),
    ("Table 5", "(1)"),
    ("Table 5", "(2)"),
    ("Table 5", "(3)"),
    ("Table 5", "without municipalities"),
}


def study() -> Study:
    return load_studies()["mspi"]


def provinces() -> pd.DataFrame:
    return pd.DataFrame([p.model_dump(include={"province_code", "short_zh", "name_en"}) for p in load_provinces()])


def squares(approval: str | None = None, inset: bool = True) -> pd.DataFrame:
    """A map of unit squares, with Taiwan and a line of the South China Sea."""
    features = [("province", code, shapely.box(90 + c, 45 - r, 91 + c, 46 - r)) for code, (r, c) in TILES.items()]
    features.append(("province", 710000, shapely.box(121, 23, 122, 24)))
    if inset:
        features.append(("inset", None, shapely.LineString([(110, 5), (112, 6)])))
    return pd.DataFrame(
        [{"level": level, "code": code, "approval": approval, "wkb": shapely.to_wkb(g)} for level, code, g in features]
    )


def published(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """All columns of a published table, in its order; a fault in the invention shows as a missing column."""
    return rows[[name for name in load_tables()[table].columns if name != "data_kind"]]


@cache
def results() -> dict[str, pd.DataFrame]:
    """Tables by name; callers must not change them."""
    panel = simulate_panel(1)
    own = study()
    before = panel.exposure[panel.exposure["year"] == 2013].assign(year=2012, exposure=0.0)
    exposure = pd.concat([before, panel.exposure], ignore_index=True).assign(study="mspi")
    index = performance_index(panel.province_year, own)[0]
    few = own.model_copy(update={"models": tuple(m for m in own.models if (m.table_no, m.model) in FITTED)})
    fitted = fit_study(panel.province_year, exposure, index, few)
    rng = np.random.default_rng(5)
    estimate = pd.concat([fitted.estimate, _methods(fitted.estimate), _events(rng)], ignore_index=True)
    curve = _curve(own, rng)
    tables = {
        "estimate": estimate,
        "model_fit": fitted.model_fit,
        "smart_exposure": exposure,
        "summary_statistic": _summary(panel.province_year),
        "influence": _influence(rng),
        "twfe_weight": _weights(panel.exposure, rng),
        "specification": curve,
        "specification_choice": _choices(own, curve),
        "spec_test": _tests(),
        "finding": _finding(),
    }
    return {name: published(name, rows) for name, rows in tables.items()}


def _label(table_no: str = "Table 2", model: str = "(2)") -> dict[str, str]:
    return {"study": "mspi", "table_no": table_no, "model": model}


def _methods(estimate: pd.DataFrame) -> pd.DataFrame:
    own = estimate[(estimate["table_no"] == "Table 2") & (estimate["term"] == "exposure")]
    made = []
    for method, p_value in (
        ("cr3", 0.02),
        ("wild_cluster", 0.0001),
        ("wild_cluster_webb", 0.03),
        ("randomisation", 0.06),
    ):
        rows = own.assign(method=method, p_value=p_value)
        if method == "randomisation":
            rows = rows.assign(std_error=np.nan, ci_low=np.nan, ci_high=np.nan, ci_level=np.nan, df=np.nan)
        made.append(rows)
    return pd.concat(made)


def _events(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for table_no, model, first in (
        ("Event study", "(2)", -3),
        ("Event study", "(2) substitution", -3),
        ("Staggered adoption", "(2) did2s", 0),
        ("Staggered adoption", "(2) sun_abraham", 0),
        ("Staggered adoption", "(2) substitution did2s", 0),
    ):
        for k in range(first, 6):
            if k == -1:
                continue
            value = 0.04 * max(k + 1, 0) + rng.normal(0, 0.02)
            alone = k == -3
            rows.append(
                {
                    **_label(table_no, model),
                    "term": f"event_{k}",
                    "effect": "coef",
                    "method": "gmm" if "did2s" in model else "cr1",
                    "estimate": value,
                    "std_error": np.nan if alone else 0.05,
                    "statistic": np.nan if alone else value / 0.05,
                    "p_value": np.nan if alone else 0.2,
                    "ci_low": np.nan if alone else value - 0.1,
                    "ci_high": np.nan if alone else value + 0.1,
                    "ci_level": np.nan if alone else 0.95,
                    "df": 30.0,
                }
            )
    for effect, value in (("first", 0.2), ("second", 0.3), ("product", 0.06)):
        rows.append(
            {
                **rows[0],
                **_label("Table 4b"),
                "term": "ssi",
                "effect": effect,
                "method": "cluster_bootstrap",
                "estimate": value,
                "std_error": 0.01,
                "p_value": 0.01,
                "ci_low": value - 0.02,
                "ci_high": value + 0.02,
                "ci_level": 0.95,
                "df": np.nan,
            }
        )
    return pd.DataFrame(rows)


def _influence(rng: np.random.Generator) -> pd.DataFrame:
    rows = [{"kind": "province", "left_out": code} for code in CODES]
    rows += [{"kind": "year", "left_out": year} for year in range(2013, 2025)]
    frame = pd.DataFrame(rows).assign(**_label(), term="exposure", std_error=0.05, n_obs=360)
    change = rng.normal(0, 0.02, len(frame))
    return frame.assign(change=change, estimate=0.1 + change, p_value=rng.uniform(0, 0.1, len(frame)))


def _weights(exposure: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    exposed = exposure[exposure["exposure"] > 0]
    weight = rng.normal(0.02, 0.03, len(exposed))
    return pd.DataFrame(
        {
            **_label(),
            "province_code": exposed["province_code"],
            "year": exposed["year"],
            "treatment": exposed["exposure"],
            "weight": weight / weight.sum(),
        }
    )


def _curve(own: Study, rng: np.random.Generator) -> pd.DataFrame:
    assert own.specification_curve is not None
    frame = pd.DataFrame(
        {
            name: rng.choice(np.array(options, dtype=object), SPECIFICATIONS)
            for name, options in own.specification_curve.choices
        }
    )
    estimate = 0.05 + 0.1 * (frame["utilisation"] == "volume") + rng.normal(0, 0.05, SPECIFICATIONS)
    frame = frame.assign(
        study="mspi",
        estimate=estimate,
        std_error=0.04,
        p_value=np.where(estimate.abs() > 0.08, 0.01, 0.3),
        ci_low=estimate - 0.08,
        ci_high=estimate + 0.08,
        n_obs=372,
        estimate_sd=estimate,
    ).sort_values("estimate", ignore_index=True)
    return frame.assign(spec_id=frame.index + 1, preferred=frame.index == 250)


def _choices(own: Study, curve: pd.DataFrame) -> pd.DataFrame:
    assert own.specification_curve is not None
    rows = []
    for position, (name, options) in enumerate(own.specification_curve.choices, start=1):
        for option in options:
            found = curve.loc[curve[name] == option, "estimate"]
            rows.append(
                {
                    "study": "mspi",
                    "choice": name,
                    "option": str(option),
                    "position": position,
                    "variance_share": 0.5 / position,
                    "specifications": len(found),
                    "median_estimate": found.median(),
                    "low": found.min(),
                    "high": found.max(),
                    "share_positive": (found > 0).mean(),
                    "share_significant": 0.25,
                }
            )
    return pd.DataFrame(rows)


def _tests() -> pd.DataFrame:
    curve = [("median_estimate", 0.031), ("share_significant", 0.052), ("stouffer_z", 0.0001)]
    rows = [
        {**_label("Specification curve", "Table 2 (2)"), "test": test, "statistic": 1.5, "p_value": p_value}
        for test, p_value in curve
    ]
    rows += [
        {**_label("Specification curve", "Table 2 (2)"), "test": "specifications", "statistic": 400.0},
        {**_label(), "test": "moran_2013", "statistic": 0.05, "p_value": 0.4},
        {**_label(model="(2) substitution"), "test": "moran_2013", "statistic": 0.06, "p_value": 0.4},
        {**_label(model="(1)"), "test": "cr3", "df": 30.0},
    ]
    frame = pd.DataFrame(rows, columns=[*_label(), "test", "statistic", "df", "p_value"])
    return frame.assign(note="What was computed. 计算说明。")


def _summary(province_year: pd.DataFrame) -> pd.DataFrame:
    values = province_year["gdp_per_capita"]
    numbers = {"n": 372, "mean": values.mean(), "sd": values.std(), "min": values.min(), "max": values.max()}
    place = "西藏自治区 Tibet (540000) 2013"
    rows = [
        {"variable": "gdp_per_capita", "unit": "元/人", **numbers},
        {
            "variable": "mspi",
            "unit": "standard deviations",
            "n": 372,
            "mean": 4e-16,
            "sd": 0.8,
            "min": -2.0,
            "max": 2.0,
        },
    ]
    frame = pd.DataFrame(rows).assign(study="mspi", table_no="Table 1", position=[2, 1], min_at=place)
    return frame.assign(max_at="吉林省 Jilin (220000) 2024 (+14)")


def _finding() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "finding_id": name,
                "study": "mspi",
                "title_en": "Identity",
                "title_zh": "恒等式",
                "published": "0.283",
                "implied": "2/7",
                "observed": "=2/7",
                "observed_zh": "为2/7",
                "verdict": "holds",
            }
            for name in ("F-M10", "F-M2")
        ]
    )
