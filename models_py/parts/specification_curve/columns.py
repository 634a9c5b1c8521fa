"""The columns of every specification on one grid of entities and years, each made once.

Belongs here: what an option does to outcome, exposure and controls. It does what study_models.py does to one model:
transform over the whole window, then sample, lag and winsorising. Does not belong here: estimation (engine.py).
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import refuse
from catalog.parts import performance_index as index_part
from catalog.parts.exposure import EXPOSURE
from catalog.parts.performance_index import Weighting
from catalog.provinces import MUNICIPALITIES
from models_py.indices.standardised import EntropyWeightError, IndexDataError
from models_py.panel import ENTITY, KEYS, Panel, PanelError, full_grid, lacking
from models_py.parts.performance_index.index import performance_index
from models_py.parts.regressions.study_models import region_year, winsorised
from models_py.parts.regressions.variables import StudyError, declared_variables
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES, Options, Space
from models_py.parts.specification_curve.engine import Design, Grid

IndexBuilder = Callable[[pd.DataFrame, index_part.Options, Panel, Weighting], tuple[pd.DataFrame, pd.DataFrame]]
Key = tuple[object, ...]
T = TypeVar("T")
# What the data can refuse to one option while the others stand.
REFUSALS = (StudyError, PanelError, IndexDataError, EntropyWeightError)


class Columns:
    """Makes and keeps the columns of a curve's specifications.

    `figures`, `study` and `panel` as in `prepare_variables`; `exposures` as in `specification_curve`. Every column has
    one value per row of `frame` (entities x years of the panel, sorted), NaN where a figure is missing or the row is
    not in the sample.
    """

    def __init__(
        self,
        figures: pd.DataFrame,
        exposures: pd.DataFrame | None,
        study: Study,
        panel: Panel,
        space: Space,
        builder: IndexBuilder = performance_index,
    ) -> None:
        self._data, self._study, self._panel, self._space, self._builder = figures, study, panel, space, builder
        self.frame = full_grid(figures, [], panel)[KEYS]
        self._keys = pd.MultiIndex.from_frame(self.frame)
        # A share of exposure reaches back before the window and is not winsorised, whatever else is.
        self._share = EXPOSURE if "numerator" in space.options else ""
        self._variants = _by_variant(exposures, study, panel) if "numerator" in space.options else {}
        self._indices: dict[Key, pd.DataFrame | Exception] = {}
        self._sources: dict[Key, pd.Series | Exception] = {}
        self._columns: list[np.ndarray] = []
        self._names: list[str] = []
        self._made: dict[Key, int | Exception] = {}

    def design(self, options: Options) -> Design:
        """The regression of one combination. Raises one of REFUSALS when the data do not give a column."""
        model, term = self._space.model, self._space.term
        effects = str(options["effects"])
        return Design(
            outcome=self._column(model.outcome, options),
            term=self._column(term, options),
            controls=tuple(self._column(name, options) for name in self._space.controls(options["controls"])),
            region_years=effects.startswith("region_year"),
            trends=effects.endswith("_trends"),
        )

    def grid(self) -> Grid:
        """All columns made so far."""
        years = self.frame["year"]
        by_region = any(str(effects).startswith("region_year") for effects in self._space.options["effects"])
        return Grid(
            columns=np.column_stack(self._columns),
            names=tuple(self._names),
            entity=np.unique(self.frame[ENTITY], return_inverse=True)[1],
            year=years.to_numpy(dtype="int64"),
            region_year=(region_year(self.frame, self._panel) if by_region else years).to_numpy(dtype="int64"),
            unit=self._panel.unit,
        )

    def _column(self, name: str, options: Options) -> int:
        if name == self._share:
            source: tuple[object, ...] = tuple(options[choice] for choice in EXPOSURE_CHOICES)
        elif name in self._study.variables.declared:
            source = (options["transform"],)
        else:
            source = tuple(options[choice] for choice in ("volume_basis", "weighting", "ddof", "utilisation"))
        lag = int(options["lag"] if name == self._space.term else self._space.model.lags.get(name, 0))
        share = 0.0 if name == self._share else float(options["winsorise"])
        key = (name, source, lag, share, str(options["sample"]))
        return _remembered(self._made, key, lambda: self._placed(*key))

    def _placed(self, name: str, source: tuple[object, ...], lag: int, share: float, sample: str) -> int:
        """The place of a new column among all."""
        years, codes = self.frame["year"], self.frame[ENTITY]
        left_out = years.isin(self._study.provisional_years if sample == "without_provisional" else ())
        values = self._source(name, source, lag)
        if lag and name != self._share:
            values = values.where(~left_out).groupby(codes).shift(lag)
        if sample == "without_municipalities":
            left_out = codes.isin(MUNICIPALITIES)
        values = values.where(~left_out)
        refuse((np.isinf(values).any(), f"{name} is infinite"), error=StudyError)
        self._columns.append((winsorised(values, share) if share else values).to_numpy(dtype="float64"))
        self._names.append(name)
        return len(self._columns) - 1

    def _source(self, name: str, source: tuple[object, ...], lag: int) -> pd.Series:
        """The variable over the whole window; an exposure already lagged, since it reaches back before it."""
        if name == self._share:
            return _remembered(self._sources, (name, source, lag), lambda: self._exposure(source, lag))
        make = self._variable if len(source) == 1 else self._index
        return _remembered(self._sources, (name, source), lambda: make(name, source))

    def _exposure(self, source: tuple[object, ...], lag: int) -> pd.Series:
        variant = self._variants.get(source)
        if variant is None:
            described = ", ".join(f"{name} {option}" for name, option in zip(EXPOSURE_CHOICES, source, strict=True))
            raise StudyError(f"the exposure is not given for {described}")
        wanted = pd.MultiIndex.from_arrays([self.frame[ENTITY], self.frame["year"] - lag])
        needed = f"exposure lagged by {lag} year(s) needs the exposure of {int(self.frame['year'].min()) - lag}"
        refuse((lag and not wanted.isin(variant.index).all(), f"{needed}, which was not given"), error=StudyError)
        return pd.Series(variant.reindex(wanted).to_numpy(dtype="float64"))

    def _variable(self, name: str, source: tuple[object, ...]) -> pd.Series:
        declared = self._study.variables
        alone = declared.model_copy(update={"transform": source[0], "declared": {name: declared.declared[name]}})
        return declared_variables(self._data, alone, self._panel)[name].reset_index(drop=True)

    def _index(self, name: str, source: tuple[object, ...]) -> pd.Series:
        volume_basis, weighting, ddof, reading = source
        # Volume and substitution are always made together; `mixed` is the one that may be undefined.
        key = (volume_basis, weighting, ddof, reading == "mixed")
        index = self._study.options(index_part.Options).model_copy(
            update={"volume_basis": volume_basis, "ddof": ddof, "utilisation": reading}
        )
        made = _remembered(
            self._indices,
            key,
            lambda: self._builder(self._data, index, self._panel, weighting)[0],  # type: ignore[arg-type]
        )
        chosen = made[made["reading"] == reading].set_index(KEYS)[name]
        return pd.Series(chosen.reindex(self._keys).to_numpy(dtype="float64"))


def _remembered(known: dict[Key, T | Exception], key: Key, make: Callable[[], T]) -> T:
    """What `make` returned or refused on the first request."""
    if key not in known:
        try:
            known[key] = make()
        except REFUSALS as error:
            known[key] = error
    made = known[key]
    if isinstance(made, Exception):
        raise made
    return made


def _by_variant(exposures: pd.DataFrame | None, study: Study, panel: Panel) -> dict[tuple[object, ...], pd.Series]:
    """Exposure by entity and year of each combination of its options."""
    if exposures is None:
        raise StudyError(f"the specification curve of {study.id!r} needs the input exposures")
    refuse(
        (lacking(exposures, [*EXPOSURE_CHOICES, *KEYS, EXPOSURE]), "the input exposures lacks the columns {}"),
        error=StudyError,
    )
    if "study" in exposures.columns:
        exposures = exposures[exposures["study"] == study.id]
    twice = exposures[exposures.duplicated([*EXPOSURE_CHOICES, *KEYS])]
    refuse(
        (len(twice), f"the input exposures has a row that occurs twice: {panel.list_rows(twice.head(1))}"),
        error=StudyError,
    )
    of_options = exposures.set_index(KEYS).groupby(list(EXPOSURE_CHOICES), sort=False)
    return {tuple(key): rows for key, rows in of_options[EXPOSURE]}
