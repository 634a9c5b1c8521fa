"""Every regression of a study with its data: readings, weights of the index, winsorising, lags, samples.

Belongs here: what a model does to the study's variables before it is fitted, and the names models are published
under. Does not belong here: making the variables (variables.py) and estimation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from catalog import Study, load_provinces
from catalog.provinces import MUNICIPALITIES
from catalog.studies import INDEX_NAMES, POOLED, ModelSpec
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.variables import StudyError, prepare_variables
from models_py.indices.performance import performance_index
from models_py.panel import province_label

EXPOSURE = "exposure"
REGION_ORDER = ("east", "central", "west")


@dataclass(frozen=True)
class StudyModel:
    """A model ready to be fitted, with the declaration and the choices it came from."""

    data: ModelData
    spec: ModelSpec
    reading: str | None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass
class ModelMaker:
    """Makes the data of a study's models; inputs as in `prepare_variables`.

    `exposure` carries the years before the window too where a model lags it.
    """

    province_year: pd.DataFrame
    exposure: pd.DataFrame | None
    index: pd.DataFrame | None
    study: Study
    _variables: dict[tuple[str | None, str], pd.DataFrame] = field(default_factory=dict)
    _indices: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = field(default_factory=dict)

    def make(
        self,
        spec: ModelSpec,
        reading: str | None,
        name: str | None = None,
        without_years: tuple[int, ...] = (),
    ) -> StudyModel:
        """The model under a reading, named `name` or by its reading; rows of `without_years` are left out.

        Raises StudyError, PanelError and IndexDataError as the variables do, and for a lag the exposure does not
        reach back to.
        """
        frame = self._frame(reading, spec.weighting)
        if without_years:
            frame = frame[~frame["year"].isin(without_years)].reset_index(drop=True)
        notes: list[tuple[str, str]] = []
        for term, years in spec.lags.items():
            frame = frame.assign(**{term: self._lagged(frame, term, years)})
            notes.append((f"{term} lagged by {years} year(s).", f"{term}滞后{years}年。"))
        if "municipalities" in spec.without:
            frame = frame[~frame["province_code"].isin(MUNICIPALITIES)].reset_index(drop=True)
            index, index_zh = ("index and ", "指数与") if self.study.index is not None else ("", "")
            notes.append(
                (
                    f"Without the four municipalities; {index}any z-scores are those of all provinces.",
                    f"剔除四个直辖市；{index_zh}z分数仍按全部省份计算。",
                )
            )
        if spec.winsorise is not None:
            names = [n for n in (spec.outcome, *spec.regressors) if n != EXPOSURE]
            frame = frame.assign(**{n: winsorised(frame[n], spec.winsorise) for n in names})
            share = f"{spec.winsorise:.0%}" if spec.winsorise >= 0.01 else f"{spec.winsorise:.1%}"
            notes.append(
                (f"{', '.join(names)} winsorised at {share} in each tail.", f"{', '.join(names)}双侧{share}缩尾。")
            )
        if spec.weighting != "equal":
            english = {"first_component": "its first principal component", "entropy": "entropy weights"}
            chinese = {"first_component": "第一主成分", "entropy": "熵权法"}
            weights = self._weights(spec.weighting, reading)
            turned = turned_zh = ""
            if any(value < 0 for value in weights.values()):
                turned = " A weight below zero turns the indicator's direction round, whatever the reading says."
                turned_zh = "权重为负即反转该指标方向，抵消所设口径。"
            listed = ", ".join(f"{name} {value:.3f}" for name, value in weights.items())
            notes.append(
                (
                    f"Index weighted by {english[spec.weighting]}: {listed}.{turned}",
                    f"指数采用{chinese[spec.weighting]}加权：{listed}。{turned_zh}",
                )
            )
        time = "year"
        if spec.region_years:
            time = "region_year"
            frame = frame.assign(region_year=region_year(frame))
            notes.append(("Region x year effects (east, central, west).", "地区×年份固定效应（东、中、西）。"))
        if without_years:
            years_text = ", ".join(map(str, without_years))
            scaled = self.study.index is not None and self.study.index.baseline_years is None
            index, index_zh = ("index and ", "指数与") if scaled else ("", "")
            notes.append(
                (
                    f"Without the rows of {years_text}, whose figures are provisional; {index}any z-scores of controls "
                    "are still those of all years.",
                    f"剔除{years_text}年（初步数据）各行；{index_zh}控制变量的z分数仍按全部年份计算。",
                )
            )
        columns = list(dict.fromkeys(["province_code", "year", time, spec.outcome, *spec.regressors]))
        data = ModelData(
            study=self.study.id,
            table_no=spec.table_no,
            model=self._name(spec, reading) if name is None else name,
            frame=frame[columns],
            outcome=spec.outcome,
            regressors=spec.regressors,
            time=time,
            trends=spec.trends,
            cluster=self.study.cluster,
        )
        return StudyModel(data, spec, reading, tuple(notes))

    def readings(self, spec: ModelSpec) -> tuple[str | None, ...]:
        """Readings a model is run under, the configured one first; only None when it uses no index."""
        used = (spec.outcome, *spec.regressors)
        uses_index = any(name in INDEX_NAMES and name not in self.study.controls.variables for name in used)
        if not uses_index or self.study.index is None:
            return (None,)
        return self.study.index.readings

    def variables(self) -> dict[str, pd.DataFrame]:
        """The study's variables by reading of its index; empty for a study without one."""
        index = self.study.index
        return {} if index is None else {reading: self._frame(reading, "equal") for reading in index.readings}

    def _name(self, spec: ModelSpec, reading: str | None) -> str:
        configured = self.study.index is None or reading is None or reading == self.study.index.utilisation
        return spec.model if configured else f"{spec.model} {reading}"

    def _frame(self, reading: str | None, weighting: str) -> pd.DataFrame:
        key = (reading, weighting)
        if key not in self._variables:
            index = self.index if weighting == "equal" or self.study.index is None else self._reweighted(weighting)[0]
            self._variables[key] = prepare_variables(
                self.province_year, self.exposure, index, self.study, reading=reading
            )
        return self._variables[key]

    def _reweighted(self, weighting: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        if weighting not in self._indices:
            self._indices[weighting] = performance_index(self.province_year, self.study, weighting)  # type: ignore[arg-type]
        return self._indices[weighting]

    def _weights(self, weighting: str, reading: str | None) -> dict[str, float]:
        """Weight of each indicator's score, with its sign."""
        scores = self._reweighted(weighting)[1]
        own = scores[scores["index_name"].str.endswith(f":{reading}")].drop_duplicates("indicator")
        return {str(name): float(value) for name, value in zip(own["indicator"], own["weight"], strict=True)}

    def _lagged(self, frame: pd.DataFrame, term: str, years: int) -> pd.Series:
        source = frame
        if term == EXPOSURE and self.exposure is not None:
            source = self.exposure
            if "study" in source.columns:
                source = source[source["study"] == self.study.id]
        values = source.set_index(["province_code", "year"])[term]
        wanted = pd.MultiIndex.from_arrays([frame["province_code"], frame["year"] - years])
        if term == EXPOSURE and not wanted.isin(values.index).all():
            first = int(frame["year"].min()) - years
            if first in set(source["year"]):
                code, year = wanted[~wanted.isin(values.index)].tolist()[0]
                raise StudyError(
                    f"exposure lagged by {years} year(s): the exposure has no row of {province_label(int(code))} {year}"
                )
            raise StudyError(f"exposure lagged by {years} year(s) needs the exposure of {first}, which is not given")
        return pd.Series(values.reindex(wanted).to_numpy(dtype="float64"), index=frame.index)


def study_models(maker: ModelMaker) -> list[StudyModel]:
    """Every model under every reading, then the headline's further versions, in the order of the study file.

    Further versions: "<model> volume pooled" where the index has a baseline; "<model> without 2024" where figures are
    provisional.
    """
    study = maker.study
    models = [maker.make(spec, reading) for spec in study.models for reading in maker.readings(spec)]
    spec = study.headline_model
    reading = maker.readings(spec)[0]
    if study.index is not None and study.index.baseline_years is not None and reading is not None:
        models.append(maker.make(spec, f"{reading} {POOLED}", name=f"{spec.model} {POOLED}"))
    if study.provisional_years:
        years = ", ".join(map(str, study.provisional_years))
        name = f"{spec.model} without {years}"
        models.append(maker.make(spec, reading, name=name, without_years=study.provisional_years))
    return models


def winsorised(values: pd.Series, share: float) -> pd.Series:
    """Values beyond the quantiles `share` and 1 - `share` of those present, pulled in to them (linear quantiles)."""
    present = values.dropna()
    if present.empty:
        return values
    low, high = np.quantile(present.to_numpy(), [share, 1 - share])
    return values.clip(low, high)


def region_year(frame: pd.DataFrame) -> pd.Series:
    """Region x 10,000 + year of each row; regions east 1, central 2, west 3."""
    regions = {p.province_code: REGION_ORDER.index(p.region) + 1 for p in load_provinces()}
    return frame["province_code"].map(regions) * 10_000 + frame["year"]
