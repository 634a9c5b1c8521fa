"""Ranks of places by their coordination when indicators and weights are drawn anew.

Belongs here: which rows, systems and form they are made of, and the shape of the published table. Does not belong here:
drawing (models_py/indices/rank_resampling.py) and formulas (models_py/indices/coupling.py).
"""

import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import pandas as pd

from catalog.identity import variant_of
from catalog.parts import entropy_index
from catalog.parts.coupling import Options
from models_py.indices.coupling import coupling_coordination, indicator_weights, min_max, rescaled
from models_py.indices.rank_resampling import KINDS, drawn_index, rank_range
from models_py.panel import ENTITY, KEYS, Panel
from models_py.parts.coupling.texts import shown_years
from models_py.parts.entropy_index.index import directions_of, member_values
from models_py.parts.rows import of_entities

_NAMES = {"index": "coordination_degree", "index_low": "degree_low", "index_high": "degree_high"}


@dataclass(frozen=True)
class Systems:
    """What an index is made of: `keys` of its rows, and values (rows x indicators) and weights of each system."""

    keys: pd.DataFrame
    values: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]


def rank_table(
    figures: pd.DataFrame, indices: entropy_index.Options, options: Options, panel: Panel, study: str
) -> pd.DataFrame:
    """Table coordination_rank: first, middle and last year, by what is drawn anew.

    `figures`: entity_code, year and the indicators of `indices`. Raises PanelError for a gap.
    """
    systems = _systems(figures, indices, panel)
    made = pd.concat(_ranked(systems, indices, options))
    return of_entities(made.assign(study=study, draws=options.draws, seed=options.seed), "coordination_rank", panel)


def _systems(figures: pd.DataFrame, indices: entropy_index.Options, panel: Panel) -> Systems:
    """The study's own choice of indicators and weights."""
    choice = indices.choice("", panel.years)
    frame, _ = member_values(figures, indices, choice, panel)
    signs = [directions_of(names) for names in choice.members.values()]
    weights = [indicator_weights(frame, one, indices.weighting, indices.shift)["weight"].to_numpy() for one in signs]
    return Systems(frame[KEYS], tuple(min_max(frame, one).to_numpy() for one in signs), tuple(weights))


def _ranked(systems: Systems, indices: entropy_index.Options, options: Options) -> Iterator[pd.DataFrame]:
    degree = partial(_degree, indices, options)
    own = degree(*((x @ w)[:, None] for x, w in zip(systems.values, systems.weights, strict=True)))[:, 0]
    for kind in KINDS:
        drawn = drawn_index(systems.values, systems.weights, degree, kind, options.draws, options.seed)
        for year in shown_years(systems.keys):
            rows = (systems.keys["year"] == year).to_numpy()
            found = pd.DataFrame(asdict(rank_range(own[rows], drawn[rows]))).rename(columns=_NAMES)
            places = systems.keys.loc[rows, ENTITY].to_numpy()
            yield found.assign(entity_code=places, year=year, variant=variant_of({"resampled": kind}))


def _degree(indices: entropy_index.Options, options: Options, *systems: np.ndarray) -> np.ndarray:
    """rows x draws of D from those of both systems."""
    one, other = (pd.Series(rescaled(values, indices.rescale).clip(0, 1).ravel()) for values in systems)
    with warnings.catch_warnings():
        # The printed tables say what the form `half` does to D (texts.py).
        warnings.filterwarnings("ignore", message="form 'half'")
        found = coupling_coordination(one, other, options.form, options.levels)
    return found["coordination_degree"].to_numpy().reshape(systems[0].shape)
