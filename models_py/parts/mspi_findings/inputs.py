"""What the findings are computed from, and how their numbers are written.

Belongs here: the shared vocabulary of the package, and the fits they share: the same regressors for the index, its
dimensions, and the index given its dimensions. Does not belong here: any finding.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import pandas as pd

from catalog import Study
from catalog.base import Text, refuse
from catalog.identity import Identity
from catalog.labels import load_labels, variable_label
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.performance_index import INDEX_NAMES
from catalog.parts.regressions import ModelSpec
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import FitResult
from models_py.panel import KEYS, Panel
from models_py.parts.comparison.printed import ComparisonError, Printed, read_printed
from models_py.parts.findings import Observation
from models_py.parts.frame import Work
from models_py.parts.regressions.identities import own_rows
from models_py.parts.regressions.study_models import maker_of

EXPOSURE = exposure.EXPOSURE
INDEX = "mspi"
PAPER = "MSPI paper"
# An identity of least squares, up to the rounding of the fits.
EXACT = 1e-9


NO_EXPOSURE = Observation(Text(en="The study has no exposure.", zh="本研究没有暴露度变量。"), None)


@dataclass(frozen=True)
class FindingInputs:
    """Everything the findings of one study read, and the fits they share; `data_kind` is real or synthetic.

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
    made: dict[tuple[str, str, bool], FitResult] = field(init=False, default_factory=dict)

    @classmethod
    def of(cls, work: Work) -> Self:
        """The inputs from what the part is given."""
        made, variants = maker_of(work), work.tables.get("exposure_variant")
        return cls(
            study=work.study,
            panel=work.panel,
            data_kind=work.data_kind,
            index=work.tables["performance_index"],
            scores=work.tables["indicator_score"],
            variables={name: made.frame(name) for name in work.study.options(performance_index.Options).readings},
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
        refuse(
            (
                self.data_kind not in ("real", "synthetic"),
                f"data_kind must be real or synthetic, found {self.data_kind!r}",
            ),
            error=ComparisonError,
        )
        for name in ("index", "scores", "estimate", "summary_statistic", "exposure", "entries"):
            frame = getattr(self, name)
            if frame is not None and "study" in frame.columns:
                object.__setattr__(self, name, frame[frame["study"] == self.study.id])
        object.__setattr__(self, "estimate", own_rows(self.estimate, self.study))
        object.__setattr__(self, "printed", read_printed(self.published_figure, self.study.paper))

    @property
    def options(self) -> performance_index.Options:
        """Options of the study's index."""
        return self.study.options(performance_index.Options)

    @property
    def exposed(self) -> bool:
        """Whether the study has an exposure."""
        return self.study.find(exposure.Options) is not None

    @property
    def sizes(self) -> dict[str, int]:
        """Number of indicators of each dimension of the study's index."""
        return {name: len(members) for name, members in self.options.dimensions.items()}

    @property
    def count(self) -> int:
        """Number of indicators of the study's index."""
        return len(self.options.pairs)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Of the common specification: the exposure, where the study has one, then the headline model's controls."""
        controls = tuple(
            name
            for name in self.study.options(regressions.Options).headline_model.regressors
            if name not in (EXPOSURE, *INDEX_NAMES)
        )
        return (EXPOSURE, *controls) if self.exposed else controls

    def data(self, reading: str, outcome: str, given_dimensions: bool = False) -> ModelData:
        """The data of `fit`."""
        names = (*self.regressors, *(self.sizes if given_dimensions else ()))
        return ModelData(
            identity=Identity(self.study.id, "common specification", outcome, reading),
            panel=self.panel,
            frame=self.variables[reading][[*KEYS, *dict.fromkeys((outcome, *names))]],
            outcome=outcome,
            regressors=names,
        )

    def fit(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> FitResult:
        """Two-way fixed effects of `outcome` on the common regressors, no trends; the dimensions of the index are among
        them where `given_dimensions`. Raises EstimationError naming the fit.
        """
        key = (reading, outcome, given_dimensions)
        if key not in self.made:
            self.made[key] = self.data(*key).fit()
        return self.made[key]

    def coefficients(self, reading: str, outcome: str, *, given_dimensions: bool = False) -> dict[str, float]:
        """Coefficients of `fit` by regressor."""
        found = self.fit(reading, outcome, given_dimensions=given_dimensions).estimates
        return dict(zip(found["term"], found["estimate"].tolist(), strict=True))

    def model(self, table_no: str, model: str) -> ModelSpec | None:
        """The declaration of a model, None if the study has none of that name."""
        return next(
            (spec for spec in self.study.options(regressions.Options).models if spec.key == (table_no, model)), None
        )

    def coefficient(self, table_no: str, model: str, term: str) -> float | None:
        """The estimate of a published coefficient with clustered standard errors (cr1), None when there is none."""
        key = {"table_no": table_no, "model": model, "term": term, "effect": "coef", "method": "cr1"}
        rows = self.estimate[(self.estimate[list(key)] == list(key.values())).all(axis=1)]
        return None if rows.empty else float(rows["estimate"].iloc[0])

    def reading_zh(self, reading: str) -> str:
        """The reading's name in Chinese."""
        return load_labels().readings[reading].zh

    def short(self, variable: str) -> str:
        """The abbreviation of the index or one of its dimensions."""
        return load_labels().variables[variable].abbreviation

    def names(self, variables: Iterable[str]) -> Text:
        """The variables' names as tables of results print them, joined."""
        labels = [variable_label(self.study, name) for name in variables]
        return Text(en=", ".join(label.en for label in labels), zh="、".join(label.zh for label in labels))


def entries_exposure(variants: pd.DataFrame, study: Study) -> pd.DataFrame | None:
    """Of exposures under several keys (columns named as the part's options), the study's own but for the numerator,
    which is `entries`; None when they are not among them.
    """
    options = study.find(exposure.Options)
    if options is None:
        return None
    keys = ("denominator", "municipality", "direct_county", "timing", "denominator_year")
    own = {"study": study.id, "numerator": "entries", **{name: getattr(options, name) for name in keys}}
    rows = variants[(variants[list(own)] == list(own.values())).all(axis=1)]
    return None if rows.empty else rows


def decimal(value: float, digits: int = 4) -> str:
    """Fixed decimals, never a negative zero."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def at_most(gap: float, language: str = "en") -> str:
    """A rounding-sized number as a bound, so that the text does not print the noise itself."""
    if not gap <= 1e-6:
        return f"{gap:.4g}"
    bound = max(-12, math.ceil(math.log10(gap)) if gap > 0 else -12)
    return f"at most 1e{bound}" if language == "en" else f"不超过1e{bound}"
