"""Inputs for tests: round numbers, and any valid ones."""

from __future__ import annotations

from hypothesis import strategies as st

from models_py.scenario import TriageInputs

# In 10^4 visits and %.
PLAIN = TriageInputs(
    visits_high=1000,
    visits_primary=2000,
    routine_share=0.5,
    adoption=0.4,
    acceptance=0.5,
    sensitivity=0.9,
    specificity=0.8,
    serious_share=0.05,
    occupancy_response=0.3,
    occupancy_high=80,
    occupancy_primary=50,
)
_SHARE, _VISITS, _PERCENT = st.floats(0, 1), st.floats(1, 1e6), st.floats(1, 100)
ANY = st.builds(
    TriageInputs,
    visits_high=_VISITS,
    visits_primary=_VISITS,
    routine_share=_SHARE,
    adoption=_SHARE,
    acceptance=_SHARE,
    sensitivity=_SHARE,
    specificity=_SHARE,
    serious_share=_SHARE,
    occupancy_response=_SHARE,
    occupancy_high=_PERCENT,
    occupancy_primary=_PERCENT,
    returning=_SHARE,
)
