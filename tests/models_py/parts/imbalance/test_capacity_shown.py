"""Which rows the figure of capacity shows."""

import pandas as pd

from models_py.parts.imbalance.figure_shares import capacity_shown

COLUMNS = ["split", "scope", "year", "facility_type", "institution_share", "bed_share"]


def rows(*found: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=COLUMNS)


def test_a_year_without_beds_of_primary_institutions_is_not_the_last() -> None:
    known = rows(
        ("level", "nation", 2021, "primary_institutions", 0.9, 0.2),
        ("level", "nation", 2021, "hospitals_all", 0.05, 0.7),
        ("level", "330000", 2021, "hospitals_all", 0.05, None),
        # Only hospitals are known later.
        ("level", "nation", 2023, "hospitals_all", 0.04, None),
    )
    shown = capacity_shown(known)
    assert set(shown["year"]) == {2021} and set(shown["scope"]) == {"nation"} and len(shown) == 2


def test_nothing_is_shown_without_beds_of_primary_institutions() -> None:
    assert capacity_shown(rows()).empty
    assert capacity_shown(rows(("level", "nation", 2023, "hospitals_all", 0.04, None))).empty
