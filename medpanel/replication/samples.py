"""The estimation samples of a bundle: which models share a file, what each file holds, which rows were used.

Belongs here: grouping of models, the mask of used rows, what a script must know of a model, the numbers it must find
again and their tolerance. Does not belong here: writing files (bundle.py) and scripts (scripts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from catalog.base import refuse
from catalog.labels import label_of
from medpanel.replication.names import identifiers
from models_py.econometrics.absorption import TwoWayEffects
from models_py.econometrics.least_squares import kept_trends
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.sample import Sample, build_sample
from models_py.parts.frame import joined
from models_py.parts.regressions.identities import METHOD, rows_of

YEAR = "year"
IN_SAMPLE = "in_sample"


class BundleError(ValueError):
    """The bundle cannot be made from these inputs; the message names the model and the reason."""


@dataclass(frozen=True)
class ScriptModel:
    """One regression as a script runs it; all names are as in the sample file.

    `key` m01, m02 ... in the order given. `code`: the column of the entities. `trends`: entities with a linear trend of
    their own, the dependent ones left out. `rank`: independent entity and period effects. `singletons`: an entity or
    period with one row, which reghdfe would drop and the study keeps.
    """

    key: str
    data: ModelData
    sample: int
    outcome: str
    regressors: tuple[str, ...]
    time: str
    code: str
    trends: tuple[int, ...]
    n_obs: int
    n_clusters: int
    n_times: int
    rank: int
    singletons: bool

    @property
    def title(self) -> str:
        """Table and label, as printed beside its results."""
        return f"{self.data.identity.table_no} {label_of(self.data.identity.columns).en}"


@dataclass
class SampleFrame:
    """One file: the entities' `code`, year, the variables under their names in the file, in_sample; sorted by the keys.

    `sources`: name in the file -> name in the study.
    """

    number: int
    frame: pd.DataFrame
    code: str
    sources: dict[str, str] = field(default_factory=dict)


def build_samples(models: Sequence[ModelData]) -> tuple[list[SampleFrame], list[ScriptModel]]:
    """Samples and models of a bundle. Models share a file when rows, used rows and common columns are the same.

    Raises BundleError for no model, two models of one name, clusters other than the entities, rows without entity or
    year or standing twice; EstimationError as fitting the model does.
    """
    places = [model.identity for model in models]
    twice = sorted({one.place for one in places if places.count(one) > 1})
    refuse(
        (not models, "a bundle needs at least one model"),
        (twice, f"two models share one identity: {', '.join(twice)}"),
        error=BundleError,
    )
    kept = {YEAR: YEAR, "region_year": "region_year"}
    names = kept | identifiers(name for m in models for name in (m.outcome, *m.regressors, m.time) if name not in kept)
    samples: list[SampleFrame] = []
    scripted = []
    for position, model in enumerate(models, start=1):
        refuse(
            (
                model.cluster != ENTITY,
                f"{model.identity.place}: clusters must be the entities, found {model.cluster!r}",
            ),
            error=BundleError,
        )
        used = build_sample(model.frame, model.outcome, model.regressors, ENTITY, model.time, [ENTITY])
        frame = _frame(model, used, names)
        sample = next((found for found in samples if _fits(found.frame, frame)), None)
        if sample is None:
            sample = SampleFrame(len(samples) + 1, frame, model.panel.unit.code_column)
            samples.append(sample)
        sample.frame = sample.frame.assign(**frame[frame.columns.difference(sample.frame.columns, sort=False)])
        sample.sources |= {names[name]: name for name in _variables(model)}
        scripted.append(_script_model(f"m{position:02d}", model, used, sample.number, names))
    for sample in samples:
        sample.frame = sample.frame[[*sample.frame.columns.drop(IN_SAMPLE), IN_SAMPLE]]
    return samples, scripted


def _variables(model: ModelData) -> list[str]:
    """The variables of a model, by their names in the study; the keys do not count."""
    return list(dict.fromkeys(name for name in (model.time, model.outcome, *model.regressors) if name != YEAR))


def _frame(model: ModelData, used: Sample, names: dict[str, str]) -> pd.DataFrame:
    source, keys = model.frame, [ENTITY, YEAR]
    refuse(
        (
            source[keys].isna().any(axis=None) or source.duplicated(keys).any(),
            f"{model.identity.place}: a row has no entity or year, or occurs twice",
        ),
        error=BundleError,
    )
    frame = source[keys].astype("int32").assign(**{names[name]: source[name] for name in _variables(model)})
    for name in [names[name] for name in (model.outcome, *model.regressors)]:
        frame[name] = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    if model.time != YEAR:
        frame[names[model.time]] = frame[names[model.time]].astype("int32")
    dropped = pd.MultiIndex.from_tuples([row[:2] for row in used.dropped_rows], names=[ENTITY, model.time])
    frame[IN_SAMPLE] = (~pd.MultiIndex.from_frame(source[[ENTITY, model.time]]).isin(dropped)).astype("int8")
    return frame.sort_values(keys).reset_index(drop=True).rename(columns={ENTITY: model.panel.unit.code_column})


def _fits(held: pd.DataFrame, frame: pd.DataFrame) -> bool:
    return len(held) == len(frame) and all(held[name].equals(frame[name]) for name in frame if name in held)


def _script_model(key: str, model: ModelData, used: Sample, sample: int, names: dict[str, str]) -> ScriptModel:
    effects = TwoWayEffects(used.entity, used.time)
    # Each column of a trend is zero but for the rows of its entity.
    columns = kept_trends(used, effects) if model.trends else np.empty((len(used.outcome), 0))
    return ScriptModel(
        key=key,
        data=model,
        sample=sample,
        outcome=names[model.outcome],
        regressors=tuple(names[name] for name in model.regressors),
        time=names[model.time],
        code=model.panel.unit.code_column,
        trends=tuple(used.keys[ENTITY].iloc[(columns != 0).argmax(axis=0)].tolist()),
        n_obs=len(used.outcome),
        n_clusters=int(used.entity.max()) + 1,
        n_times=int(used.time.max()) + 1,
        rank=effects.rank,
        singletons=min(np.bincount(codes).min() for codes in (used.entity, used.time)) == 1,
    )


# Share of sd(outcome) / sd(regressor) below which a standard error is rounding, as in a regression that is an identity.
_FLOOR = 1e-3


def expected_rows(
    models: list[ScriptModel], samples: list[SampleFrame], estimate: pd.DataFrame, model_fit: pd.DataFrame
) -> pd.DataFrame:
    """One row per model and regressor: model_key, identity, term, `variable` (its name in the file), numbers, scale.

    `scale` is what differences are measured by: the standard error, or, where larger, a thousandth of
    sd(outcome) / sd(regressor), so that no comparison depends on units and rounding is not compared with rounding.

    Raises BundleError if a result is absent, is repeated, or rests on a number of rows other than the sample's.
    """
    rows = []
    for model in models:
        identity, name, wanted = model.data.identity, model.data.identity.place, list(model.data.regressors)
        found = rows_of(estimate, identity)
        found = found[(found["effect"] == "coef") & (found["method"] == METHOD)].set_index("term")
        terms = found.index.tolist()
        n_obs = rows_of(model_fit, identity)["n_obs"].tolist()
        refuse(
            (sorted(terms) != sorted(wanted), f"{name}: {METHOD} estimates of {wanted} are needed, found {terms}"),
            (n_obs != [model.n_obs], f"{name}: the sample has {model.n_obs} rows, model_fit {n_obs}"),
            error=BundleError,
        )
        numbers = found.loc[wanted, ["estimate", "std_error", "df"]].astype("float64")
        finite = np.isfinite(numbers[["estimate", "std_error"]].to_numpy()).all(axis=1)
        refuse(
            (not finite.all(), f"{name}: {wanted[int(finite.argmin())]} has no finite estimate and standard error"),
            error=BundleError,
        )
        spread = samples[model.sample - 1].frame.query(f"{IN_SAMPLE} == 1").std()
        floor = _FLOOR * (spread[model.outcome] / spread[list(model.regressors)]).to_numpy()
        named = {"model_key": model.key, **identity.columns, "term": wanted, "variable": model.regressors}
        numbers = numbers.assign(n_obs=model.n_obs, scale=np.maximum(numbers["std_error"], floor))
        rows.append(pd.DataFrame({**named, **numbers.reset_index(drop=True)}))
    return joined(rows)


def words(models: Sequence[ScriptModel]) -> dict[str, str]:
    """What scripts and README call the entities: column of codes, English singular and plural, Chinese."""
    unit = models[0].data.panel.unit
    return {"code": models[0].code, "unit": unit.one.en, "units": unit.many.en, "unit_zh": unit.one.zh}
