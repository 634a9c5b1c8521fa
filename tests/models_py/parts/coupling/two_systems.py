"""The sample's figures of two systems and what the parts make of them; no figure is a statistic."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from catalog import Study, load_studies
from catalog.parts.convergence import Options as Convergence
from catalog.parts.coupling import Options as Coupling
from catalog.parts.density import Options as Density
from catalog.parts.entropy_index import Options as Entropy
from medpanel.sample import DEFAULT_SEED, simulate_panel
from medpanel.sample.coupling import SimulatedCoupling, simulate_coupling
from models_py.panel import Panel, province_panel
from models_py.parts.coupling.coordination import coupling_table
from models_py.parts.entropy_index.index import index_tables
from models_py.parts.frame import Seen
from models_py.parts.registry import run_study
from tests.models_py.changing import only_parts

Frames = dict[str, pd.DataFrame]
YEARS = (2012, 2023)
PANEL = province_panel(YEARS)


def study() -> Study:
    """The study of the catalog."""
    return load_studies()["coupling"]


@cache
def simulated(seed: int = DEFAULT_SEED) -> SimulatedCoupling:
    """The sample's figures, before any is left out."""
    return simulate_coupling(seed, simulate_panel(seed).province_year)


def figures(clean: bool = False) -> pd.DataFrame:
    """Drivers and indicators by entity_code and year; `clean`: without noise, unrounded."""
    found = simulated()
    frame = found.figures.assign(
        report_keyword_share=found.figures["report_keyword_count"] / found.figures["report_word_count"] * 1000
    )
    if clean:
        frame = frame.assign(**{name: found.clean[name] for name in found.clean.columns[2:]})
    return frame.rename(columns={"province_code": "entity_code"})


def entropy(**changed: Any) -> Entropy:
    """The study's options of the indices, some changed."""
    return Entropy.model_validate({**study().options(Entropy).model_dump(), **changed})


def coupling(**changed: Any) -> Coupling:
    """The study's options of coupling, some changed."""
    return Coupling.model_validate({**study().options(Coupling).model_dump(), **changed})


def indices(data: pd.DataFrame | None = None, panel: Panel = PANEL, **changed: Any) -> Frames:
    """Tables entropy_weight and system_index."""
    if data is None and panel is PANEL and not changed:
        return {name: frame.copy() for name, frame in _own_indices().items()}
    return index_tables(figures() if data is None else data, entropy(**changed), panel, "coupling")


@cache
def _own_indices() -> Frames:
    return index_tables(figures(), entropy(), PANEL, "coupling")


def coupled(index: pd.DataFrame, panel: Panel = PANEL, **changed: Any) -> pd.DataFrame:
    """Table coupling."""
    return coupling_table(index, coupling(**changed), panel, "coupling")


@cache
def good() -> Frames:
    """Every table of indices, coupling, densities and convergence; to be copied before it is changed."""
    return run_study(
        only_parts(study(), Entropy, Coupling, Density, Convergence), PANEL, {"figures": figures()}, "synthetic"
    )


def seen(tables: Frames, data_kind: str = "synthetic", **changed: Any) -> Seen:
    """What a show is given."""
    return Seen(study(), PANEL, tables, data_kind, **changed)
