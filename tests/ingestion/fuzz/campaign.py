"""Draws mutations and runs them: hypothesis chooses, the oracle judges, and every outcome is counted.

The number of mutations is MEDPANEL_FUZZ (200 unless set); they are shared out over the layouts.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from tests.ingestion.fuzz.families import FAMILIES
from tests.ingestion.fuzz.mutations import LIGHT, MUTATIONS
from tests.ingestion.fuzz.oracle import run

DEFAULT_MUTATIONS = 200
# (layout, mutation, outcome) -> how often
Counts = Counter[tuple[str, str, str]]


def mutations_wanted() -> int:
    """How many mutations to make, from the environment."""
    return int(os.environ.get("MEDPANEL_FUZZ", DEFAULT_MUTATIONS))


def share_of(wanted: int) -> int:
    """How many of the mutations wanted fall to one layout."""
    return -(-wanted // len(FAMILIES))


def property_of(family: str, wanted: int, counts: Counts, number: int | None = None) -> Callable[[], None]:
    """The property for a layout, over at least its share of `wanted` mutations; `number` seeds the choice.

    Without a seed the choice is the same every time. Calling it raises SilentChangeError for the simplest mutation
    that changes a figure without a word.
    """

    @settings(
        max_examples=share_of(wanted),
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(
        kind=st.sampled_from(sorted(MUTATIONS)),
        light=st.lists(st.sampled_from(LIGHT), max_size=1),
        chance=st.integers(0, 2**32 - 1),
    )
    def same_figures_or_a_refusal(kind: str, light: list[str], chance: int) -> None:
        outcome = run(family, [*light, kind], chance)
        assume(outcome is not None)
        counts[family, kind, str(outcome)] += 1

    return seed(number)(same_figures_or_a_refusal) if number is not None else same_figures_or_a_refusal
