"""A study's regressions, fitted: the rows of `estimate` and `model_fit`, each with a note on how it was made.

Belongs here: running the list of regressions, `note_en`, `note_zh` and `configuration` of `model_fit`, the headline
under every other edition of the figures, so that a choice of vintage can be seen to matter. Does not belong here: the
list (study_models.py), the variables (variables.py), the estimator (fixed_effects.py) and choosing between vintages
(dbt/).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.parts import performance_index
from models_py.econometrics.result import FitResult
from models_py.panel import ENTITY, balanced_panel, full_grid
from models_py.parts.regressions.identities import readings_of
from models_py.parts.regressions.study_models import ModelMaker, StudyModel, study_models
from models_py.parts.rows import of_model, together, typed


@dataclass(frozen=True)
class StudyResult:
    """Rows of tables `estimate` and `model_fit` (all columns but data_kind), and each model with its full result.

    `fits` and `models` are in the order of `model_fit`.
    """

    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    fits: tuple[FitResult, ...]
    models: tuple[StudyModel, ...]


def fit_study(maker: ModelMaker, *, vintage: str = "") -> StudyResult:
    """All regressions of a study by two-way fixed effects, clustered by entity: associations, not effects.

    A model with a variable that has readings is run for each of them. Rows come back in the order of the study file,
    further versions of the headline (`study_models`) after them. `vintage`: the maker's figures prefer that edition;
    only the headline model is run, under its configured reading.

    Raises StudyError, PanelError and EstimationError; the message names the model.
    """
    spec = maker.options.headline_model
    models = [maker.make(spec, readings_of(maker.study, spec)[0], vintage=vintage)] if vintage else study_models(maker)
    fits, carried = [model.data.fit() for model in models], _carried(maker)
    estimates, rows = [], []
    for model, result in zip(models, fits, strict=True):
        data = model.data
        estimate = typed(result.estimates.assign(**data.identity.columns), "estimate")
        estimates.append(of_model(estimate, data, int(result.fit["n_obs"])))
        words = convention(result, model, carried if data.identity.reading else 0)
        rows.append(
            {
                **result.fit,
                **data.identity.columns,
                "formula": str(result.fit["formula"]).replace(ENTITY, data.panel.unit.code_column),
                "ssc_factor": result.evidence["ssc_factor"],
                "note_en": words.en,
                "note_zh": words.zh,
                "configuration": configuration(maker.study, model),
            }
        )
    return StudyResult(
        estimate=pd.concat(estimates, ignore_index=True),
        model_fit=typed(pd.DataFrame(rows), "model_fit"),
        fits=tuple(fits),
        models=tuple(models),
    )


def _carried(maker: ModelMaker) -> int:
    """Index cells carried at the edges of the window, where a study allows it."""
    indices = [index for index in maker.study.all(performance_index.Options) if index.allow_edge_fill]
    needed = [[indicator for _, indicator in index.pairs] for index in indices]
    return sum(len(balanced_panel(maker.figures, names, maker.panel, allow_edge_fill=True)[1]) for names in needed)


_SHOWN = 5
_NO_SEED = Text(en="No random numbers (seed: none).", zh="不含随机数（无种子）。")
_IDENTITY = Text(
    en="The regressors reproduce the outcome exactly, an identity: its errors are rounding, no test.",
    zh="自变量恰好构成结果变量，为恒等式：标准误只是舍入误差，无检验。",
)


def convention(result: FitResult, model: StudyModel, carried_cells: int = 0) -> Text:
    """Estimator, sample, drops, standard errors, degrees of freedom and seed.

    `carried_cells`: index cells carried at the edges of the window under allow_edge_fill.
    """
    evidence, panel = result.evidence, model.data.panel
    unit, units, unit_zh = panel.unit.one.en, panel.unit.many.en, panel.unit.one.zh
    sample = evidence["sample"]
    clusters = min(evidence["clusters"].values())
    dropped = evidence["n_dropped"]
    rows = [
        f"{panel.label(int(entity))} {time}: {', '.join(columns)}"
        for entity, time, columns in evidence["dropped_rows"][:_SHOWN]
    ]
    more = dropped - len(rows)
    named = f" ({'; '.join(rows)}{f'; {more} more' if more else ''})" if dropped else ""
    named_zh = f"（{'；'.join(rows)}{f'；另有{more}行' if more else ''}）" if dropped else ""
    method = evidence["method"].upper()
    # Region x year effects are coded region x 10,000 + year.
    first, last = sample["first_time"] % 10_000, sample["last_time"] % 10_000
    by_region = sample["first_time"] > 9_999
    years = last - first + 1 if by_region else sample["n_times"]
    effects = Text(
        en=f"Two-way fixed effects ({unit}, {'region x year' if by_region else 'year'}) by least squares; an "
        "association, not an effect.",
        zh=f"双向固定效应（{unit_zh}、{'地区×年份' if by_region else '年份'}）最小二乘估计；结果为关联，非因果效应。",
    )
    trends = Text(
        en=f"{evidence['n_trends']} {unit}-specific linear trends, counted in k.",
        zh=f"含{evidence['n_trends']}个{unit_zh}线性趋势，计入k。",
    )
    rows_used = Text(
        en=f"Sample: {sample['n_entities']} {units} x {years} years "
        f"({first}-{last}), {sample['n_obs']} rows, {dropped} dropped{named}.",
        zh=f"样本：{sample['n_entities']}个{unit_zh}×{years}年"
        f"（{first}-{last}），{sample['n_obs']}行，剔除{dropped}行{named_zh}。",
    )
    errors = Text(
        en=f"Standard errors {method}, clustered by {unit}, {clusters} clusters; small-sample "
        f"factor {evidence['ssc_factor']:.6f} ({evidence['ssc_convention']}; here k = {evidence['ssc_k']}); "
        f"t with {evidence['df']} degrees of freedom.",
        zh=f"标准误{method}，按{unit_zh}聚类，{clusters}个聚类；小样本系数 {evidence['ssc_factor']:.6f}"
        f"（k＝{evidence['ssc_k']}）；t分布自由度{evidence['df']}。",
    )
    carried = Text(
        en=f"{carried_cells} index cells carried from the nearest year at the window's edges.",
        zh=f"指数中有{carried_cells}个边缘缺失值取自最近年份。",
    )
    last_words = [_NO_SEED] if result.fit["log_likelihood"] is not None else [_NO_SEED, _IDENTITY]
    last_words[-1:-1] = [carried] if carried_cells else []
    return together(
        [effects, *([trends] if evidence["n_trends"] else []), *model.notes, rows_used, errors, *last_words]
    )


def configuration(study: Study, model: StudyModel) -> str:
    """The study's choices and those of the model, as JSON with sorted keys."""
    identity = model.data.identity
    choices = {
        "identity": identity.columns,
        "model": model.spec.model_dump(mode="json", exclude={"table_no", "model"}),
        "panel": study.panel.model_dump(mode="json"),
        "variables": study.variables.model_dump(mode="json"),
        **{part.part(): part.model_dump(mode="json") for part in study.parts if part.offers},
    }
    return json.dumps(choices, sort_keys=True, ensure_ascii=False)


Remake = Callable[[pd.DataFrame], Mapping[str, pd.DataFrame]]


def affected(maker: ModelMaker, alternative: pd.DataFrame) -> bool:
    """Whether another edition of the figures changes anything that the study uses in its years.

    `alternative` has entity_code, year and the study's indicators. Raises PanelError as `full_grid`.
    """
    one, other = _inputs(maker, alternative)
    return not one.equals(other)


def figures_lacking(maker: ModelMaker, alternative: pd.DataFrame) -> int:
    """How many of the figures the study uses in its years are missing from another edition.

    Editions are not mixed within a series, so an edition of few years leaves the others empty, and a regression on
    what is left would differ by its sample, not by the edition. Frames and errors as in `affected`.
    """
    one, other = _inputs(maker, alternative)
    return int((one.notna() & other.isna()).to_numpy().sum())


def _inputs(maker: ModelMaker, alternative: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list(maker.study.indicators)
    one, other = (full_grid(frame, names, maker.panel)[names] for frame in (maker.figures, alternative))
    return one, other


def fit_vintages(maker: ModelMaker, alternatives: pd.DataFrame | None, remake: Remake) -> dict[str, StudyResult]:
    """The headline model under each edition that changes the study's inputs, by vintage.

    `alternatives`: column vintage, and the figures as they stand when that vintage is preferred for every series it
    has; None where the unit has no editions. `remake`: the offered tables from other figures. Editions that leave the
    study's inputs as they are, and those that lack some of its figures, have no entry. Raises as `fit_study`.
    """
    if alternatives is None:
        return {}
    editions = {str(vintage): frame for vintage, frame in alternatives.groupby("vintage")}
    return {
        vintage: fit_study(replace(maker, figures=frame, offered=remake(frame), _variables={}), vintage=vintage)
        for vintage, frame in sorted(editions.items(), key=itemgetter(0))
        if affected(maker, frame) and not figures_lacking(maker, frame)
    }
