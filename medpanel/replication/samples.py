"""The estimation samples of a bundle: which models share a file, what each file holds, which rows were used.

Belongs here: grouping of models, the mask of used rows, what a script must know of a model, the numbers it must find
again and their tolerance. Does not belong here: writing files (datasets.py) and scripts (stata.py, r.py, python.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from catalog.identity import COLUMNS as IDENTITY
from catalog.labels import label_of
from medpanel.replication.names import identifiers
from models_py.econometrics.absorption import TwoWayEffects
from models_py.econometrics.least_squares import kept_trends
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.sample import Sample, build_sample

YEAR = "year"
IN_SAMPLE = "in_sample"


class BundleError(ValueError):
    """The bundle cannot be made from what was given; the message names model and reason."""


@dataclass(frozen=True)
class ScriptModel:
    """One regression as a script runs it; all names are those in the sample file.

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
    if not models:
        raise BundleError("a bundle needs at least one model")
    places = [model.identity for model in models]
    twice = sorted({one.place for one in places if places.count(one) > 1})
    if twice:
        raise BundleError(f"two models share one identity: {', '.join(twice)}")
    code = models[0].panel.unit.code_column
    names = identifiers(
        name for m in models for name in (m.outcome, *m.regressors, m.time) if name not in (YEAR, "region_year")
    )
    names |= {YEAR: YEAR, "region_year": "region_year"}
    samples: list[SampleFrame] = []
    scripted = []
    for position, model in enumerate(models, start=1):
        if model.cluster != ENTITY:
            raise BundleError(f"{_name(model)}: clusters must be the entities, found {model.cluster!r}")
        used = build_sample(model.frame, model.outcome, model.regressors, ENTITY, model.time, [ENTITY])
        frame = _frame(model, used, names)
        sample = next((found for found in samples if _fits(found.frame, frame)), None)
        if sample is None:
            sample = SampleFrame(len(samples) + 1, frame, code)
            samples.append(sample)
        new = [name for name in frame.columns if name not in sample.frame.columns]
        sample.frame = sample.frame.assign(**{name: frame[name] for name in new})
        sample.sources |= {names[name]: name for name in _variables(model)}
        scripted.append(_script_model(f"m{position:02d}", model, used, sample.number, names))
    for sample in samples:
        keys = [code, YEAR]
        rest = [name for name in sample.frame.columns if name not in (*keys, IN_SAMPLE)]
        sample.frame = sample.frame[[*keys, *rest, IN_SAMPLE]]
    return samples, scripted


def _variables(model: ModelData) -> list[str]:
    extra = [] if model.time == YEAR else [model.time]
    return list(dict.fromkeys([*extra, model.outcome, *model.regressors]))


def _frame(model: ModelData, used: Sample, names: dict[str, str]) -> pd.DataFrame:
    source, keys = model.frame, [ENTITY, YEAR]
    if source[keys].isna().any(axis=None) or source.duplicated(keys).any():
        raise BundleError(f"{_name(model)}: a row has no entity or year, or stands twice")
    frame = source[keys].astype("int32").assign(**{names[name]: source[name] for name in _variables(model)})
    for name in [names[name] for name in (model.outcome, *model.regressors)]:
        frame[name] = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    if model.time != YEAR:
        frame[names[model.time]] = frame[names[model.time]].astype("int32")
    dropped = {(row[0], row[1]) for row in used.dropped_rows}
    rows = zip(source[ENTITY], source[model.time], strict=True)
    frame[IN_SAMPLE] = np.array([(entity, time) not in dropped for entity, time in rows], dtype="int8")
    return frame.sort_values(keys).reset_index(drop=True).rename(columns={ENTITY: model.panel.unit.code_column})


def _fits(held: pd.DataFrame, frame: pd.DataFrame) -> bool:
    if len(held) != len(frame):
        return False
    return all(held[name].equals(frame[name]) for name in frame.columns if name in held.columns)


def _script_model(key: str, model: ModelData, used: Sample, sample: int, names: dict[str, str]) -> ScriptModel:
    effects = TwoWayEffects(used.entity, used.time)
    trends: tuple[int, ...] = ()
    if model.trends:
        columns = kept_trends(used, effects)
        entities = used.keys[ENTITY].to_numpy()
        trends = tuple(int(entities[np.flatnonzero(column)[0]]) for column in columns.T)
    sizes = (np.bincount(used.entity), np.bincount(used.time))
    return ScriptModel(
        key=key,
        data=model,
        sample=sample,
        outcome=names[model.outcome],
        regressors=tuple(names[name] for name in model.regressors),
        time=names[model.time],
        code=model.panel.unit.code_column,
        trends=trends,
        n_obs=len(used.outcome),
        n_clusters=int(used.entity.max()) + 1,
        n_times=int(used.time.max()) + 1,
        rank=effects.rank,
        singletons=bool(min(size.min() for size in sizes) == 1),
    )


def _name(model: ModelData) -> str:
    return model.identity.place


METHOD = "cr1"
COLUMNS = (
    "model_key",
    *IDENTITY,
    "term",
    "variable",
    "estimate",
    "std_error",
    "df",
    "n_obs",
    "scale",
)
# Share of sd(outcome) / sd(regressor) below which a standard error is rounding, as in a regression that is an identity.
_FLOOR = 1e-3


def expected_rows(
    models: list[ScriptModel], samples: list[SampleFrame], estimate: pd.DataFrame, model_fit: pd.DataFrame
) -> pd.DataFrame:
    """One row per model and regressor with the columns COLUMNS; `variable` is the regressor's name in the file.

    `scale` is what differences are measured by: the standard error, or, where larger, a thousandth of
    sd(outcome) / sd(regressor), so that no comparison depends on units and rounding is not compared with rounding.

    Raises BundleError where a result is absent, stands twice, or rests on another number of rows than the sample.
    """
    rows = []
    for model in models:
        label = model.data.identity.columns
        found = _of(estimate, label)
        found = found[(found["effect"] == "coef") & (found["method"] == METHOD)]
        terms, wanted = found["term"].tolist(), list(model.data.regressors)
        name = model.data.identity.place
        if sorted(terms) != sorted(wanted):
            raise BundleError(f"{name}: {METHOD} estimates of {wanted} are needed, found {terms}")
        fit = _of(model_fit, label)
        if fit["n_obs"].tolist() != [model.n_obs]:
            raise BundleError(f"{name}: the sample has {model.n_obs} rows, model_fit {fit['n_obs'].tolist()}")
        by_term = found.set_index("term")
        sample = samples[model.sample - 1].frame
        spread = sample[sample[IN_SAMPLE] == 1].std()
        for term, variable in zip(wanted, model.regressors, strict=True):
            numbers = [float(by_term.at[term, key]) for key in ("estimate", "std_error", "df")]  # type: ignore[arg-type]
            if not np.isfinite(numbers[:2]).all():
                raise BundleError(f"{name}: {term} has no finite estimate and standard error")
            floor = _FLOOR * float(spread[model.outcome] / spread[variable])
            row = (model.key, *label.values(), term, variable, *numbers, model.n_obs, max(numbers[1], floor))
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of(table: pd.DataFrame, label: dict[str, str]) -> pd.DataFrame:
    chosen = pd.Series(True, index=table.index)
    for column, value in label.items():
        chosen &= table[column] == value
    return table[chosen]


def words(models: Sequence[ScriptModel]) -> dict[str, str]:
    """What scripts and README call the entities: column of codes, English singular and plural, Chinese."""
    unit = models[0].data.panel.unit
    return {"code": models[0].code, "unit": unit.one.en, "units": unit.many.en, "unit_zh": unit.one.zh}
