"""Which figures a study's results make, and from which rows.

Belongs here: choosing rows for the functions of models_py/figures. Does not belong here: drawing and writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import variable_label
from catalog.studies import Headline
from medpanel.report.names import stem_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from models_py.figures.show import Figure

Results = Mapping[str, pd.DataFrame]
EXPOSURE = "exposure"
# The table of the event study proper (models_py/econometrics/timing).
EVENT_STUDY = "Event study"


@dataclass(frozen=True)
class Picture:
    """A figure with its file name (without prefix and suffix) and titles; a drawing where it is matplotlib's still."""

    stem: str
    title: Text
    figure: Figure | Drawing


def figures(
    results: Results, study: Study, data_kind: str, provinces: pd.DataFrame, boundary: pd.DataFrame | None
) -> Iterator[Picture]:
    """Every figure the results carry; `results` holds rows of this study only. A table that is absent makes none."""
    from models_py.figures.heat import exposure_over_time
    from models_py.parts.exposure.figure_map import figure_1, figure_1_map

    exposure = _rows(results, "smart_exposure")
    if study.exposure is not None and not exposure.empty:
        exposure = exposure[exposure["year"].between(*study.years)]
        if study.figure_1 is not None:
            name = Text(zh="图1 各省智慧城市试点暴露度", en="Figure 1. Smart-city exposure by province")
            yield Picture("figure_1", name, figure_1(exposure, provinces, study.figure_1, data_kind))
            if boundary is not None and not boundary.empty:
                name = Text(
                    zh="图1 各省智慧城市试点暴露度（地图）", en="Figure 1. Smart-city exposure by province (map)"
                )
                yield Picture(
                    "figure_1_map", name, figure_1_map(exposure, provinces, boundary, study.figure_1, data_kind)
                )
        yield Picture(
            "exposure_over_time",
            Text(zh="暴露度随时间的变化", en="Exposure over time"),
            exposure_over_time(exposure, data_kind),
        )
    yield from _of_estimates(results, study, data_kind)
    yield from _of_design(results, study, data_kind)


def _of_estimates(results: Results, study: Study, data_kind: str) -> Iterator[Picture]:
    from models_py.figures.event_study import TERM, event_study
    from models_py.figures.inference import inference_methods

    estimate, fits = _rows(results, "estimate"), _rows(results, "model_fit")
    if estimate.empty:
        return
    headline = study.headline
    label = variable_label(study, headline.term)
    of_headline = estimate[
        (estimate["table_no"] == headline.table_no)
        & (estimate["model"] == headline.model)
        & (estimate["term"] == headline.term)
        & (estimate["effect"] == "coef")
    ]
    if len(of_headline) > 1:
        fit = _one(fits, headline.table_no, headline.model)
        made = inference_methods(
            of_headline,
            label,
            data_kind,
            n_obs=None if fit is None else int(fit["n_obs"]),
            clusters=None if fit is None else int(fit["n_clusters"]),
        )
        yield Picture("inference", Text(zh="不同方法的推断", en="Inference by method"), made)
    events = estimate[estimate["term"].str.fullmatch(TERM)]
    outcome = next(m.outcome for m in study.models if (m.table_no, m.model) == (headline.table_no, headline.model))
    for (table_no, level), rows in events.groupby(["table_no", _threshold(events)], sort=False, dropna=False):
        threshold = float(str(level))
        # Only the event study proper leaves a year out, bins its ends and has one series for each reading.
        plain = table_no == EVENT_STUDY
        further = "" if pd.isna(threshold) else f"above_{threshold:g}"
        for reading, part in [("", rows)] if plain else _by_reading(rows, study):
            made = event_study(
                part,
                variable_label(study, outcome),
                data_kind,
                reference=-1 if plain else None,
                staggered=not plain,
                ends=(-study.timing.leads, study.timing.lags) if plain and study.timing is not None else None,
                counts=event_counts(results, study, threshold) if plain else None,
                n_obs=_n(fits, headline),
            )
            title = Text(zh="事件研究", en="Event study")
            if not plain:
                title = Text(zh="分批暴露的估计方法", en="Estimators for staggered exposure")
            if further:
                title = Text(
                    zh=f"{title.zh}（暴露度高于{threshold:g}）", en=f"{title.en} (exposure above {threshold:g})"
                )
            yield Picture(stem_of(str(table_no), reading, further), title, made)


def _threshold(rows: pd.DataFrame) -> pd.Series:
    """The further threshold of exposure in a model's name, "(2) above 0.4"; NaN for the first one."""
    found = rows["model"].str.extract(r" above ([\d.]+)", expand=False)
    return found.astype(float).rename("threshold")


def _of_design(results: Results, study: Study, data_kind: str) -> Iterator[Picture]:
    from models_py.figures.influence import influence
    from models_py.figures.weights import twfe_weights
    from models_py.parts.specification_curve.figure import specification_curve
    from models_py.parts.specification_curve.shown import joint_p_values

    label = variable_label(study, study.headline.term)
    left_out = _rows(results, "influence")
    for (table_no, model, term), part in left_out.groupby(["table_no", "model", "term"], sort=False):
        stem = _stem("influence", study, table_no, model)
        made = influence(part, variable_label(study, str(term)), data_kind)
        yield Picture(stem, Text(zh="影响分析", en="Influence"), made)
    weights = _rows(results, "twfe_weight")
    for (table_no, model), part in weights.groupby(["table_no", "model"], sort=False):
        stem = _stem("twfe_weights", study, table_no, model)
        yield Picture(
            stem,
            Text(zh="双向固定效应权重", en="Two-way fixed-effects weights"),
            twfe_weights(part, label, data_kind),
        )
    curve, choices = _rows(results, "specification"), _rows(results, "specification_choice")
    if not curve.empty and not choices.empty:
        joint = joint_p_values(_rows(results, "spec_test"))
        term = study.specification_curve.term if study.specification_curve is not None else study.headline.term
        figure = specification_curve(curve, choices, study, variable_label(study, term), data_kind, joint=joint)
        yield Picture("specification_curve", Text(zh="规格曲线", en="Specification curve"), figure)


def event_counts(results: Results, study: Study, threshold: float = float("nan")) -> dict[int, int] | None:
    """Provinces seen at each year since first exposure, the ends binned; None unless exposure is the treatment.

    `threshold`: the study's own where NaN.
    Provinces exposed in the first year of the window are left out: no year before exposure is known of them.
    """
    exposure = _rows(results, "smart_exposure")
    if study.timing is None or study.timing.treatment != EXPOSURE or exposure.empty:
        return None
    rows = exposure[exposure["year"].between(*study.years)]
    limit = study.timing.threshold if pd.isna(threshold) else threshold
    start = rows[rows[EXPOSURE] > limit].groupby("province_code")["year"].min()
    start = start[start > study.years[0]]
    seen = rows[rows["province_code"].isin(start.index)]
    k = (seen["year"] - seen["province_code"].map(start)).clip(-study.timing.leads, study.timing.lags)
    counts = seen.assign(k=k).groupby("k")["province_code"].nunique()
    return dict(zip(counts.index.astype(int).tolist(), counts.astype(int).tolist(), strict=True))


def _rows(results: Results, table: str) -> pd.DataFrame:
    empty = pd.DataFrame({name: [] for name in ("table_no", "model", "term")})
    return results.get(table, empty)


def _one(fits: pd.DataFrame, table_no: str, model: str) -> pd.Series | None:
    found = fits[(fits["table_no"] == table_no) & (fits["model"] == model)]
    return found.iloc[0] if len(found) == 1 else None


def _n(fits: pd.DataFrame, headline: Headline) -> int | None:
    """Observations of the headline's model, whose rows the others start from; None where its fit is not published."""
    fit = _one(fits, headline.table_no, headline.model)
    return None if fit is None else int(fit["n_obs"])


def _by_reading(rows: pd.DataFrame, study: Study) -> list[tuple[str, pd.DataFrame]]:
    """(reading, rows): the study's own reading first, under no name."""
    readings = study.index.readings if study.index is not None else ()
    of_row = rows["model"].map(lambda model: next((r for r in readings if r in str(model).split(" ")), ""))
    return [(str(reading), part) for reading, part in rows.groupby(of_row, sort=False)]


def _stem(name: str, study: Study, table_no: object, model: object) -> str:
    headline = (study.headline.table_no, study.headline.model)
    return name if (table_no, model) == headline else stem_of(name, str(table_no), str(model))
