"""A synthetic panel with known parameters, in memory and as the files users have.

Belongs here: simulating and writing the sample. Does not belong here: reading files, fitting models, the
command line.
"""

from medpanel.sample.files import DEFAULT_SEED, sample_files, write_sample
from medpanel.sample.panel import SimulatedPanel, default_exposure, simulate_panel
from medpanel.sample.pilots import draw_pilots

__all__ = [
    "DEFAULT_SEED",
    "SimulatedPanel",
    "default_exposure",
    "draw_pilots",
    "sample_files",
    "simulate_panel",
    "write_sample",
]
