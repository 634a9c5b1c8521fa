"""A study with a triage scenario, for tests; the one of the catalog may be declared otherwise."""

from __future__ import annotations

from typing import Any

import pandas as pd

from catalog import Study
from catalog.parts.scenario import BASELINE, INPUTS, Options

VALUES = {
    "visits_high": (1000, 990, 1010),
    "visits_primary": (2000, 2000, 2000),
    "occupancy_high": (80, 75, 85),
    "occupancy_primary": (50, 45, 55),
    "routine_share": (0.5, 0.3, 0.8),
    "adoption": (0.4, 0.2, 0.8),
    "acceptance": (0.5, 0.3, 0.7),
    "sensitivity": (0.9, 0.8, 0.97),
    "specificity": (0.95, 0.8, 0.99),
    "serious_share": (0.05, 0.02, 0.1),
    "occupancy_response": (0.3, 0.1, 0.5),
    "returning": (0, 0, 0.5),
}
IMBALANCE = pd.DataFrame(
    [("nation", 2021, "high_tier", 1200.0, 81.5), ("nation", 2021, "primary", 1900.0, 49.5)],
    columns=["scope", "year", "facility_type", "visits", "bed_occupancy"],
)


def inputs(*left_out: str) -> dict[str, Any]:
    return {
        name: {
            "value": value,
            "low": low,
            "high": high,
            "unit": INPUTS[name].unit,
            "source": {"en": f"Why {name}.", "zh": f"{name}之来源。"},
        }
        for name, (value, low, high) in VALUES.items()
        if name not in left_out
    }


def declared(**changes: Any) -> dict[str, Any]:
    """Options as a study file has them."""
    return {
        "scope": "nation",
        "year": 2021,
        "inputs": inputs(*(BASELINE if changes.get("from_table") else ())),
        "target_gap": 29,
        "two_way": [{"adoption": [0, 0.5, 1], "specificity": [0.8, 1]}],
        "draws": 100,
        **changes,
    }


def options(**changes: Any) -> Options:
    return Options.model_validate(declared(**changes))


def study(**changes: Any) -> Study:
    return Study.model_validate(
        {
            "id": "tiers",
            "title": {"en": "Tiers of care", "zh": "医疗层级"},
            "panel": {"unit": "province", "years": [2014, 2023]},
            "parts": [{"scenario": declared(**changes)}],
        }
    )
