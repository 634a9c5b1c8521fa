"""Every regression of a study with its data: readings, weights of the index, winsorising, lags, samples.

Belongs here: the way from what a part is given to models, what a model does to the study's variables before it is
fitted, and the names models are published under; other parts that look at models start here. Does not belong here:
making the variables (variables.py) and estimation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import Text, refuse
from catalog.labels import variable_unit
from catalog.parts import regressions
from catalog.parts.performance_index import POOLED
from catalog.parts.regressions import ModelSpec
from catalog.provinces import MUNICIPALITIES
from models_py.econometrics.model_data import ModelData
from models_py.panel import ENTITY, Panel
from models_py.parts.frame import Work
from models_py.parts.regressions.identities import headline_spec, identity_of, readings_of
from models_py.parts.regressions.variables import StudyError, of_choice, offered_tables, prepare_variables

REGION_ORDER = ("east", "central", "west")

_WEIGHTINGS = {
    "first_component": Text(en="its first principal component", zh="第一主成分"),
    "entropy": Text(en="entropy weights", zh="熵权法"),
}
_TURNED = Text(
    en=" A negative weight reverses the indicator's direction, whatever the reading says.",
    zh="权重为负即反转该指标方向，抵消所设口径。",
)


@dataclass(frozen=True)
class StudyModel:
    """A model ready for fitting, with its declaration and a description of what it does to its variables."""

    data: ModelData
    spec: ModelSpec
    notes: tuple[Text, ...] = ()


@dataclass
class ModelMaker:
    """Makes the data of a study's models.

    `figures` and `offered` as in `prepare_variables`; an offered table includes the years before the window if a
    model lags it. `scores`: rows of indicator_score, for the weights of an index.
    """

    study: Study
    panel: Panel
    figures: pd.DataFrame
    offered: Mapping[str, pd.DataFrame]
    scores: pd.DataFrame | None = None
    _variables: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)

    @property
    def options(self) -> regressions.Options:
        """The study's regressions."""
        return self.study.options(regressions.Options)

    def make(
        self,
        spec: ModelSpec,
        reading: str = "",
        *,
        variant: str = "",
        vintage: str = "",
        without_years: tuple[int, ...] = (),
    ) -> StudyModel:
        """The model under a reading; rows of `without_years` are left out, `vintage` names the edition of the figures.

        `variant` takes the variables in another variant than the model declares, and enters the identity. Raises
        StudyError and PanelError as the variables do, and for a lag an offered table does not reach back to.
        """
        frame = self.frame(reading, variant or spec.of_variant)
        if without_years:
            frame = frame[~frame["year"].isin(without_years)].reset_index(drop=True)
        notes: list[Text] = []
        for term, years in spec.lags.items():
            frame = frame.assign(**{term: self._lagged(frame, term, years)})
            notes.append(Text(en=f"{term} lagged by {years} year(s).", zh=f"{term}滞后{years}年。"))
        if "municipalities" in spec.without:
            frame = frame[~frame[ENTITY].isin(MUNICIPALITIES)].reset_index(drop=True)
            notes.append(self._without_municipalities())
        if spec.winsorise is not None:
            frame, remark = self._winsorised(frame, spec, spec.winsorise)
            notes.append(remark)
        if spec.variant:
            notes.append(self._weighted(spec, reading))
        if spec.region_years:
            frame = frame.assign(region_year=region_year(frame, self.panel))
            notes.append(
                Text(en="Region x year effects (east, central, west).", zh="地区×年份固定效应（东、中、西）。")
            )
        if without_years:
            notes.append(self._without_provisional(spec, without_years))
        time = "region_year" if spec.region_years else "year"
        data = ModelData(
            identity=identity_of(
                self.study, spec, reading, variant=variant, vintage=vintage, without_years=without_years
            ),
            panel=self.panel,
            frame=frame[list(dict.fromkeys([ENTITY, "year", time, *spec.used]))],
            outcome=spec.outcome,
            regressors=spec.regressors,
            time=time,
            trends=spec.trends,
            units={name: variable_unit(self.study, name) for name in spec.used},
        )
        return StudyModel(data, spec, tuple(notes))

    def frame(self, reading: str = "", variant: str = "") -> pd.DataFrame:
        """The study's variables under a reading and variant; see `prepare_variables`."""
        key = (reading, variant)
        if key not in self._variables:
            self._variables[key] = prepare_variables(
                self.figures, self.offered, self.study, self.panel, reading=reading, variant=variant
            )
        return self._variables[key]

    def _without_municipalities(self) -> Text:
        index, index_zh = ("index and ", "指数与") if any(p.readings for p in self.study.parts) else ("", "")
        return Text(
            en=f"Without the four municipalities; {index}any z-scores are those of all provinces.",
            zh=f"剔除四个直辖市；{index_zh}z分数仍按全部省份计算。",
        )

    def _winsorised(self, frame: pd.DataFrame, spec: ModelSpec, share: float) -> tuple[pd.DataFrame, Text]:
        shares = {name for name, part in self.study.offered.items() if not part.readings}
        names = [name for name in spec.used if name not in shares]
        frame = frame.assign(**{name: winsorised(frame[name], share) for name in names})
        shown = f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"
        listed = ", ".join(names)
        return frame, Text(en=f"{listed} winsorised at {shown} in each tail.", zh=f"{listed}双侧{shown}缩尾。")

    def _weighted(self, spec: ModelSpec, reading: str) -> Text:
        """The weights of an index in another weighting, from its scores; the bare variant if there are none."""
        weighting = _WEIGHTINGS.get(spec.variant.get("weighting", ""))
        if weighting is None or self.scores is None:
            return Text(en=f"Variables in the variant {spec.of_variant}.", zh=f"变量采用设定 {spec.of_variant}。")
        own = self.scores[(self.scores["reading"] == reading) & (self.scores["variant"] == spec.of_variant)]
        own = own.drop_duplicates("indicator")
        weights = {str(name): float(value) for name, value in zip(own["indicator"], own["weight"], strict=True)}
        turned = _TURNED if any(value < 0 for value in weights.values()) else Text(en="", zh="")
        listed = ", ".join(f"{name} {value:.3f}" for name, value in weights.items())
        return Text(
            en=f"Index weighted by {weighting.en}: {listed}.{turned.en}",
            zh=f"指数采用{weighting.zh}加权：{listed}。{turned.zh}",
        )

    def _without_provisional(self, spec: ModelSpec, years: tuple[int, ...]) -> Text:
        parts = [self.study.offered[name] for name in spec.used if name in self.study.offered]
        whole = any(part.readings and POOLED not in part.variants for part in parts)
        index, index_zh = ("index and ", "指数与") if whole else ("", "")
        listed = ", ".join(map(str, years))
        return Text(
            en=f"Without the rows of {listed}, whose figures are provisional; {index}any z-scores of controls are "
            "still those of all years.",
            zh=f"剔除{listed}年（初步数据）各行；{index_zh}控制变量的z分数仍按全部年份计算。",
        )

    def _lagged(self, frame: pd.DataFrame, term: str, years: int) -> pd.Series:
        """A regressor of earlier years: in the window, or from the offered table, which may reach back before it."""
        source, reaches_back = frame, False
        for names, table in offered_tables(self.offered, self.study):
            if term in names and "preferred" in table.columns:
                source, reaches_back = of_choice(table, self.study, names, "", ""), True
        values = source.set_index([ENTITY, "year"])[term]
        wanted = pd.MultiIndex.from_arrays([frame[ENTITY], frame["year"] - years])
        lacking = wanted[~wanted.isin(values.index)].tolist() if reaches_back else []
        first, lagged = frame["year"].min() - years, f"{term} lagged by {years} year(s)"
        rows = [f"{self.panel.label(int(code))} {year}" for code, year in lacking[:1]]
        refuse(
            (rows and first not in set(source["year"]), f"{lagged} needs the {term} of {first}, which was not given"),
            (rows, f"{lagged}: the {term} has no row of {{}}"),
            error=StudyError,
        )
        return pd.Series(values.reindex(wanted).to_numpy(dtype="float64"), index=frame.index)


def study_models(maker: ModelMaker) -> list[StudyModel]:
    """Every model under every reading, then the headline's further versions, in the order of the study file.

    Further versions: standardised over the whole panel where an index has a baseline; without the provisional years.
    """
    models = [maker.make(spec, reading) for spec in maker.options.models for reading in readings_of(maker.study, spec)]
    spec = maker.options.headline_model
    reading = readings_of(maker.study, spec)[0]
    if any(POOLED in maker.study.offered[name].variants for name in spec.used if name in maker.study.offered):
        models.append(maker.make(spec, reading, variant=POOLED))
    if provisional := maker.study.provisional_years:
        models.append(maker.make(spec, reading, without_years=provisional))
    return models


def winsorised(values: pd.Series, share: float) -> pd.Series:
    """Values with those beyond the quantiles `share` and 1 - `share` pulled in to them (linear quantiles)."""
    present = values.dropna().to_numpy()
    return values.clip(*np.quantile(present, [share, 1 - share])) if len(present) else values


def region_year(frame: pd.DataFrame, panel: Panel) -> pd.Series:
    """Region x 10,000 + year of each row; regions east 1, central 2, west 3."""
    regions = {entity.code: REGION_ORDER.index(entity.region) + 1 for entity in panel.entities}
    return frame[ENTITY].map(regions) * 10_000 + frame["year"]


def maker_of(work: Work) -> ModelMaker:
    """What makes the data of the study's models from what the part is given."""
    return ModelMaker(work.study, work.panel, work.tables["figures"], work.offered, work.tables.get("indicator_score"))


def headline_models(work: Work) -> list[StudyModel]:
    """The headline's model under each of its readings, the study's own first."""
    made, spec = maker_of(work), headline_spec(work.study)
    return [made.make(spec, reading) for reading in readings_of(work.study, spec)]
