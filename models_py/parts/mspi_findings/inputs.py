"""What the findings are computed from, what one is, and how their numbers and verdicts are written.

Belongs here: the shared vocabulary of the package, and the fits they share: the same regressors for the index, its
dimensions, and the index given its dimensions. Does not belong here: any finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import Identity
from catalog.labels import load_labels, variable_label
from catalog.papers import Paper, paper_named
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.performance_index import INDEX_NAMES
from catalog.parts.regressions import ModelSpec
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError, FitResult
from models_py.panel import KEYS, Panel
from models_py.parts.comparison.printed import ComparisonError, Printed, read_printed
from models_py.parts.frame import Work
from models_py.parts.regressions.identities import own_rows
from models_py.parts.regressions.study_models import maker_of
from models_py.parts.rows import together

EXPOSURE = exposure.EXPOSURE
INDEX = "mspi"
PAPER = "MSPI paper"
HOLDS, FAILS, UNTESTABLE = "holds", "does not hold", "not testable"
# An identity of least squares, up to the rounding of the fits.
EXACT = 1e-9


class Observation(NamedTuple):
    """What these data show, and whether the statement of the heading is found in them; None: not testable."""

    text: Text
    holds: bool | None


NO_EXPOSURE = Observation(Text(en="The study has no exposure.", zh="本研究没有暴露度变量。"), None)


@dataclass
class CommonFits:
    """Two-way fixed effects under one specification: the exposure and the headline model's controls, no trends.

    `variables`: by reading, what `prepare_variables` returns.
    """

    study: Study
    panel: Panel
    variables: Mapping[str, pd.DataFrame]
    _made: dict[tuple[str, str, bool], FitResult] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions of the study's index, in order."""
        return tuple(self.study.options(performance_index.Options).dimensions)

    @property
    def regressors(self) -> tuple[str, ...]:
        """The exposure, where the study has one, then the headline model's controls."""
        spec = self.study.options(regressions.Options).headline_model
        first = (EXPOSURE,) if self.study.find(exposure.Options) is not None else ()
        controls = tuple(name for name in spec.regressors if name not in (EXPOSURE, *INDEX_NAMES))
        return (*first, *controls)

    def data(self, reading: str, outcome: str, given_dimensions: bool = False) -> ModelData:
        """The data of `fit`. Raises EstimationError for a reading that is not given."""
        if reading not in self.variables:
            raise EstimationError(f"{self.study.id}: the variables of the reading {reading!r} are not given")
        names = (*self.regressors, *(self.dimensions if given_dimensions else ()))
        return ModelData(
            identity=Identity(self.study.id, "common specification", outcome, reading),
            panel=self.panel,
            frame=self.variables[reading][[*KEYS, *dict.fromkeys((outcome, *names))]],
            outcome=outcome,
            regressors=names,
        )

    def fit(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> FitResult:
        """`outcome` on the common regressors, with the dimensions among them where `given_dimensions`.

        Raises EstimationError naming the fit, also for a reading that is not given.
        """
        key = (reading, outcome, given_dimensions)
        if key not in self._made:
            self._made[key] = self.data(*key).fit()
        return self._made[key]

    def coefficients(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> dict[str, float]:
        """Coefficients of `fit` by regressor."""
        estimates = self.fit(reading, outcome, given_dimensions=given_dimensions).estimates
        return {str(t): float(e) for t, e in zip(estimates["term"], estimates["estimate"], strict=True)}

    def p_value(self, reading: str, outcome: str, term: str) -> float:
        """Two-sided p-value of `term` in `fit` without the dimensions (cr1)."""
        estimates = self.fit(reading, outcome).estimates
        return float(estimates.loc[estimates["term"] == term, "p_value"].to_numpy()[0])


@dataclass(frozen=True)
class FindingInputs:
    """Everything the findings of one study read; `data_kind` is real or synthetic.

    `index`, `scores`, `estimate`, `summary_statistic`, `published_figure`: rows of the tables performance_index,
    indicator_score, estimate, summary_statistic and published_figure (the last needed where the study declares a
    paper); rows of other studies are left out, of `estimate` those that are not the study's own too. `variables`: by
    reading, what `prepare_variables` returns. `exposure`: rows of smart_exposure; `entries`: the same with numerator
    `entries`, where computed. Entities stand in entity_code throughout.
    """

    study: Study
    panel: Panel
    data_kind: str
    index: pd.DataFrame
    scores: pd.DataFrame
    variables: Mapping[str, pd.DataFrame]
    estimate: pd.DataFrame
    summary_statistic: pd.DataFrame
    exposure: pd.DataFrame | None = None
    entries: pd.DataFrame | None = None
    published_figure: pd.DataFrame | None = None
    printed: Printed = field(init=False)
    fits: CommonFits = field(init=False)

    @classmethod
    def of(cls, work: Work) -> FindingInputs:
        """The inputs from what the part is given."""
        made, variants = maker_of(work), work.tables.get("exposure_variant")
        readings = work.study.options(performance_index.Options).readings
        return cls(
            study=work.study,
            panel=work.panel,
            data_kind=work.data_kind,
            index=work.tables["performance_index"],
            scores=work.tables["indicator_score"],
            variables={reading: made.frame(reading) for reading in readings},
            estimate=work.tables["estimate"],
            summary_statistic=work.tables["summary_statistic"],
            exposure=work.tables.get("smart_exposure"),
            entries=None if variants is None else entries_exposure(variants, work.study),
            published_figure=work.tables.get("published_figure"),
        )

    def __post_init__(self) -> None:
        """Keep the study's own rows; read the paper's figures.

        Raises ComparisonError as `read_printed`, and for an unknown data_kind.
        """
        if self.data_kind not in ("real", "synthetic"):
            raise ComparisonError(f"data_kind must be real or synthetic, found {self.data_kind!r}")
        for name in ("index", "scores", "estimate", "summary_statistic", "exposure", "entries"):
            frame = getattr(self, name)
            if frame is not None and "study" in frame.columns:
                object.__setattr__(self, name, frame[frame["study"] == self.study.id])
        object.__setattr__(self, "estimate", own_rows(self.estimate, self.study))
        object.__setattr__(self, "printed", read_printed(self.published_figure, self.study.paper))
        object.__setattr__(self, "fits", CommonFits(self.study, self.panel, self.variables))

    @property
    def options(self) -> performance_index.Options:
        """Options of the study's index."""
        return self.study.options(performance_index.Options)

    @property
    def exposed(self) -> bool:
        """Whether the study has an exposure."""
        return self.study.find(exposure.Options) is not None

    @property
    def readings(self) -> tuple[str, ...]:
        """Readings of the study's index, the configured one first."""
        return self.options.readings

    @property
    def sizes(self) -> dict[str, int]:
        """Number of indicators of each dimension of the study's index."""
        return {name: len(members) for name, members in self.options.dimensions.items()}

    @property
    def count(self) -> int:
        """Number of indicators of the study's index."""
        return len(self.options.pairs)

    def model(self, table_no: str, model: str) -> ModelSpec | None:
        """The declaration of a model, None when the study has none of that name."""
        models = self.study.options(regressions.Options).models
        return next((spec for spec in models if spec.key == (table_no, model)), None)

    def coefficient(self, table_no: str, model: str, term: str) -> pd.Series | None:
        """The row of `estimate` with clustered standard errors (cr1), None when there is none."""
        rows = self.estimate
        key = {"table_no": table_no, "model": model, "term": term, "effect": "coef", "method": "cr1"}
        for column, value in key.items():
            rows = rows[rows[column] == value]
        return None if rows.empty else rows.iloc[0]

    def reading_zh(self, reading: str) -> str:
        """The reading's name in Chinese."""
        label = load_labels().readings.get(reading)
        return reading if label is None else label.zh

    def short(self, variable: str) -> str:
        """The variable's abbreviation where it has one."""
        label = load_labels().variables.get(variable)
        return variable if label is None else label.abbreviation

    def names(self, variables: Iterable[str]) -> Text:
        """The variables' names as tables of results print them, joined."""
        labels = [variable_label(self.study, name) for name in variables]
        return Text(en=", ".join(label.en for label in labels), zh="、".join(label.zh for label in labels))


def observed(texts: Iterable[Text], holds: bool | None) -> Observation:
    """What sentences say together."""
    return Observation(together(texts), holds)


def counterparts() -> Paper:
    """What answers to the paper's figures in the study, also for a study that names no paper."""
    return paper_named(PAPER)


def entries_exposure(variants: pd.DataFrame, study: Study) -> pd.DataFrame | None:
    """Of exposures under several keys (columns named as the part's options), the study's own but for the numerator,
    which is `entries`; None when they are not among them.
    """
    options = study.find(exposure.Options)
    if options is None:
        return None
    rows = variants[(variants["study"] == study.id) & (variants["numerator"] == "entries")]
    for key in ("denominator", "municipality", "direct_county", "timing", "denominator_year"):
        rows = rows[rows[key] == getattr(options, key)]
    return None if rows.empty else rows


def verdict(holds: bool | None) -> str:
    """holds, does not hold, or not testable (None)."""
    return UNTESTABLE if holds is None else HOLDS if holds else FAILS


def both(english: str, chinese: str) -> str:
    """One text in both languages, for columns that have no second one."""
    return f"{english} / {chinese}"


def decimal(value: float, digits: int = 4) -> str:
    """Fixed decimals, never a negative zero."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def at_most(gap: float, language: str = "en") -> str:
    """A rounding-sized number as a bound, so that the text does not carry the noise itself."""
    if not gap <= 1e-6:
        return f"{gap:.4g}"
    bound = max(-12, math.ceil(math.log10(gap)) if gap > 0 else -12)
    return f"at most 1e{bound}" if language == "en" else f"不超过1e{bound}"
