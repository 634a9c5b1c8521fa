"""The weights of each system's indicators and the index of each system, under every variant of a study's options.

Belongs here: which rows and directions a variant takes, and the shape of the published tables. Does not belong here:
the formulas (models_py/indices/coupling.py) and the balance of the panel (models_py/panel.py).
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from catalog import load_registry, load_tables
from catalog.base import refuse
from catalog.parts.entropy_index import Choice, Options
from models_py.indices.coupling import indicator_weights, system_index, year_ranks
from models_py.indices.standardised import IndexDataError
from models_py.panel import KEYS, Panel, balanced_panel, indicator_label
from models_py.parts.rows import of_entities, typed

DIRECTIONS = {"favourable": 1, "adverse": -1}


def index_tables(figures: pd.DataFrame, options: Options, panel: Panel, study: str) -> dict[str, pd.DataFrame]:
    """Tables entropy_weight and system_index: the study's own choice and every variant.

    `figures`: entity_code, year and the options' indicators in canonical units. Raises PanelError for a gap, and
    IndexDataError for an indicator without a direction and data the weighting is not defined for, naming the variant.
    """
    weights, values = [], []
    for variant in ("", *options.variants):
        choice = options.choice(variant, panel.years)
        try:
            own = _of_choice(figures, options, choice, panel)
        except IndexDataError as error:
            raise IndexDataError(f"{variant}: {error}" if variant else str(error)) from None
        weights += [frame.assign(variant=variant) for frame, _ in own]
        values += [frame.assign(variant=variant) for _, frame in own]
    made = {
        "entropy_weight": typed(pd.concat(weights, ignore_index=True).assign(study=study), "entropy_weight"),
        "system_index": of_entities(pd.concat(values).assign(study=study), "system_index", panel),
    }
    # Indicators stay in the order of the study file.
    order = list(load_tables()["system_index"].key)
    return {**made, "system_index": made["system_index"].sort_values(order, kind="stable", ignore_index=True)}


def directions_of(indicators: Sequence[str]) -> dict[str, int]:
    """+1 or -1 as the registry has them. Raises IndexDataError for a neutral one."""
    registry = load_registry().indicators
    neutral = [indicator_label(name) for name in indicators if registry[name].direction not in DIRECTIONS]
    refuse((neutral, "neutral in the registry, but an index needs favourable or adverse: {}"), error=IndexDataError)
    return {name: DIRECTIONS[registry[name].direction] for name in indicators}


def member_values(
    figures: pd.DataFrame, options: Options, choice: Choice, panel: Panel
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The indicators of a choice over its years without a gap, ranked where it says so, and the cells carried for it.

    Raises PanelError for a gap.
    """
    every = [name for members in choice.members.values() for name in members]
    inside = replace(panel, years=choice.years)
    frame, carried = balanced_panel(figures, every, inside, allow_edge_fill=options.allow_edge_fill)
    return year_ranks(frame, [name for name in every if name in choice.ranked]), carried


def _of_choice(
    figures: pd.DataFrame, options: Options, choice: Choice, panel: Panel
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Weights and index of each system, minima, maxima and entropies over all rows of the choice's own years."""
    frame, carried = member_values(figures, options, choice, panel)
    count = carried["indicator"].value_counts()
    found = []
    for system, members in choice.members.items():
        signs = directions_of(members)
        weights = indicator_weights(frame, signs, choice.weighting, options.shift)
        index = system_index(frame, signs, weights, choice.rescale)
        rows = weights.assign(
            system=system,
            position=range(1, len(weights) + 1),
            direction=[signs[name] for name in weights["indicator"]],
            carried=[int(count.get(name, 0)) for name in weights["indicator"]],
        )
        # Weights add up to 1 but for rounding, so that the best row may reach a hair beyond it.
        found.append((rows, frame[KEYS].assign(system=system, value=index.clip(0, 1))))
    return found
