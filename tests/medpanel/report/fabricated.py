"""Result tables of the published shape for reports and figures: regressions really fitted, the rest invented."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import shapely

from catalog import Study, load_provinces, load_studies
from catalog.identity import Identity
from catalog.parts import exposure, regressions, specification_curve
from medpanel.sample.panel import simulate_panel
from models_py.figures.map_classes import TILES
from models_py.panel import ENTITY, province_panel
from models_py.parts.frame import Seen
from models_py.parts.rows import typed
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES
from tests.models_py.changing import with_part
from tests.models_py.parts.made_up import run

CODES = [p.province_code for p in load_provinces()]
SPECIFICATIONS = 400
HEADLINE = "(2)"
FITTED = {
    ("Table 2", "(1)"),
    ("Table 2", HEADLINE),
    ("Table 2", "(3)"),
    ("Table 3", "HMI"),
    ("Table 4", "(1)"),
    ("Table 5", "(1)"),
    ("Table 5", "(2)"),
    ("Table 5", "(3)"),
    ("Table 5", "without municipalities"),
}
EXPOSURE = exposure.EXPOSURE


@cache
def study(headline: str = HEADLINE) -> Study:
    """The MSPI study, its headline's model under another name where one is given."""
    own = load_studies()["mspi"]
    line = own.options(regressions.Options).headline
    models = [
        spec.model_copy(update={"model": headline}) if spec.key == (line.table_no, line.model) else spec
        for spec in own.options(regressions.Options).models
    ]
    renamed = line.model_copy(update={"model": headline})
    # Both name the model: the study is checked when both are changed.
    own = own.with_options(own.options(regressions.Options).model_copy(update={"headline": renamed, "models": models}))
    return with_part(own, specification_curve.Options, model=headline)


def squares(approval: str | None = None, inset: bool = True) -> pd.DataFrame:
    """A map of unit squares, with Taiwan and a line of the South China Sea."""
    features = [("province", code, shapely.box(90 + c, 45 - r, 91 + c, 46 - r)) for code, (r, c) in TILES.items()]
    features.append(("province", 710000, shapely.box(121, 23, 122, 24)))
    if inset:
        features.append(("inset", None, shapely.LineString([(110, 5), (112, 6)])))
    return pd.DataFrame(
        [{"level": level, "code": code, "approval": approval, "wkb": shapely.to_wkb(g)} for level, code, g in features]
    )


def seen(kind: str = "synthetic", *, headline: str = HEADLINE, tables: dict[str, pd.DataFrame] | None = None) -> Seen:
    """What the report is made from; all invented tables unless others are given."""
    own = study(headline)
    return Seen(own, province_panel(own.years), results(headline) if tables is None else tables, kind)


def published(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """All columns of a published table, in its order; a fault in the invention shows as an unknown column."""
    made = typed(rows, table)
    unknown = set(rows.columns) - set(made.columns)
    assert not unknown, f"{table} has no column {sorted(unknown)}"
    return made


@cache
def results(headline: str = HEADLINE) -> dict[str, pd.DataFrame]:
    """Tables by name; callers must not change them."""
    own = study(headline)
    fitted = _fitted(headline)
    rng = np.random.default_rng(5)
    curve = _curve(own, rng)
    tables = {
        "estimate": [fitted["estimate"], _methods(fitted["estimate"], headline), _events(headline, rng)],
        "model_fit": [fitted["model_fit"]],
        "summary_statistic": [_summary()],
        "influence": [_influence(headline, rng)],
        "twfe_weight": [_weights(headline, rng)],
        "specification_choice": [_choices(own, curve)],
        "spec_test": [_tests(headline)],
        "finding": [_finding()],
    }
    made = {name: published(name, pd.concat(frames, ignore_index=True)) for name, frames in tables.items()}
    # As the asset hands it on: the input with entities' codes; the curve has a column for each choice.
    return {**made, "specification": curve, "smart_exposure": _exposure()}


@cache
def _exposure() -> pd.DataFrame:
    """Exposure over the window and the year before it, when there was none."""
    exposed = simulate_panel(1).exposure.rename(columns={"province_code": ENTITY})
    before = exposed[exposed["year"] == 2013].assign(year=2012, exposure=0.0)
    return pd.concat([before, exposed], ignore_index=True).assign(study="mspi")


@cache
def _fitted(headline: str) -> dict[str, pd.DataFrame]:
    """Some of the study's regressions on the sample's panel."""
    few = study(headline)
    wanted = {
        (table_no, headline if model == HEADLINE and table_no == "Table 2" else model) for table_no, model in FITTED
    }
    models = [spec for spec in few.options(regressions.Options).models if spec.key in wanted]
    few = few.with_options(few.options(regressions.Options).model_copy(update={"models": tuple(models)}))
    own = {name: getattr(few.options(exposure.Options), name) for name in EXPOSURE_CHOICES}
    inputs = {
        "figures": simulate_panel(1).province_year.rename(columns={"province_code": ENTITY}),
        "exposure_variant": _exposure().assign(**own, preferred=True),
        "smart_exposure": _exposure(),
    }
    return run(few, inputs, "performance_index", "exposure", "regressions")


def _of(
    headline: str, table_no: str = "Table 2", *, model: str = "", reading: str = "volume", estimator: str = "twfe"
) -> dict[str, str]:
    """The identity of rows of the headline's model, or of another."""
    return Identity("mspi", table_no, model or headline, reading, estimator=estimator).columns


def _methods(estimate: pd.DataFrame, headline: str) -> pd.DataFrame:
    own = estimate[(estimate["table_no"] == "Table 2") & (estimate["term"] == EXPOSURE) & (estimate["method"] == "cr1")]
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


def _events(headline: str, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for table_no, reading, estimator, first in (
        ("Event study", "volume", "twfe", -3),
        ("Event study", "substitution", "twfe", -3),
        ("Staggered adoption", "volume", "did2s", 0),
        ("Staggered adoption", "volume", "sun_abraham", 0),
        ("Staggered adoption", "substitution", "did2s", 0),
    ):
        for k in range(first, 6):
            if k == -1:
                continue
            value = 0.04 * max(k + 1, 0) + rng.normal(0, 0.02)
            alone = k == -3
            rows.append(
                {
                    **_of(headline, table_no, reading=reading, estimator=estimator),
                    "term": f"event_{k}",
                    "effect": "coef",
                    "method": "gmm" if estimator == "did2s" else "cr1",
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
                **_of(headline, "Table 4b"),
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


def _influence(headline: str, rng: np.random.Generator) -> pd.DataFrame:
    rows = [{"kind": "province", "left_out": code} for code in CODES]
    rows += [{"kind": "year", "left_out": year} for year in range(2013, 2025)]
    frame = pd.DataFrame(rows).assign(**_of(headline), term=EXPOSURE, std_error=0.05, n_obs=360)
    change = rng.normal(0, 0.02, len(frame))
    return frame.assign(change=change, estimate=0.1 + change, p_value=rng.uniform(0, 0.1, len(frame)))


def _weights(headline: str, rng: np.random.Generator) -> pd.DataFrame:
    exposed = _exposure().query("exposure > 0")
    weight = rng.normal(0.02, 0.03, len(exposed))
    return pd.DataFrame(
        {
            **_of(headline),
            "province_code": exposed[ENTITY],
            "entity_code": exposed[ENTITY],
            "entity_level": "province",
            "year": exposed["year"],
            "treatment": exposed["exposure"],
            "weight": weight / weight.sum(),
        }
    )


def _listed(own: Study) -> list[tuple[str, tuple[object, ...]]]:
    """The choices the curve varies, with their options."""
    return [(name, options) for name, options in own.options(specification_curve.Options).choices if options]


def _curve(own: Study, rng: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame(
        {name: rng.choice(np.array(options, dtype=object), SPECIFICATIONS) for name, options in _listed(own)}
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
    rows = []
    for position, (name, options) in enumerate(_listed(own), start=1):
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


def _tests(headline: str) -> pd.DataFrame:
    of_curve = _of(headline, "Specification curve", reading="")
    curve = [("median_estimate", 0.031), ("share_significant", 0.052), ("stouffer_z", 0.0001)]
    rows = [{**of_curve, "test": test, "statistic": 1.5, "p_value": p_value} for test, p_value in curve]
    rows += [
        {**of_curve, "test": "specifications", "statistic": 400.0},
        {**_of(headline), "test": "moran_residual", "subject": "2013", "statistic": 0.05, "p_value": 0.4},
        {
            **_of(headline, reading="substitution"),
            "test": "moran_residual",
            "subject": "2013",
            "statistic": 0.06,
            "p_value": 0.4,
        },
        {**_of(headline, model="(1)"), "test": "cr3", "df": 30.0},
    ]
    frame = pd.DataFrame(rows).fillna({"subject": ""})
    return frame.assign(note_en="What was computed.", note_zh="计算说明。")


def _summary() -> pd.DataFrame:
    values = simulate_panel(1).province_year["gdp_per_capita"]
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
