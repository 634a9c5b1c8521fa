"""How old the published data are on the day they are looked at, as a check of the publication in Dagster.

It judges the age of the data, not of the run: a refresh that finds no newer yearbook leaves the data as old as they
were. Its outcome depends on the day, so it stands in Dagster alone, never in check_result.
"""

from typing import TYPE_CHECKING

import dagster as dg

from dagster_project.jobs import PUBLICATION
from medpanel.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

DATA_AGE = "data_age"
# The step that judges it, after publication.
STEP = f"{PUBLICATION}_{DATA_AGE}"
# Yearbooks of a year's health figures are out by the end of the next year. At the end of 2026 those of 2025 are there;
# until then, and all of 2026, those of 2024 are the newest: two years behind. More means that a yearbook was missed.
MOST_YEARS = 2


def data_age_check(workspace: Workspace) -> dg.AssetChecksDefinition:
    """Warns if a study that ends at its latest complete year ends more than MOST_YEARS ago."""

    @dg.asset_check(
        asset=dg.AssetKey(PUBLICATION),
        name=DATA_AGE,
        description=f"Studies that end at `latest` have complete data of {MOST_YEARS} years ago or newer. "
        f"/ 以最近完整年份为末年的研究，其完整数据不早于{MOST_YEARS}年前。",
    )
    def data_age() -> dg.AssetCheckResult:
        from medpanel.published import run_query

        ages = run_query(workspace, "from v_data_age")
        old = too_old(ages)
        said = {
            str(row["study"]): f"{row['last_complete_year']} ({row['age_years']})" for row in ages.to_dict("records")
        }
        return dg.AssetCheckResult(
            passed=old.empty,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"complete up to 数据完整至 (years ago 距今年数)": said, "too old 过旧": list(old["study"])},
        )

    return data_age


def too_old(ages: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of v_data_age of studies that should have newer data; a declared last year is meant to stay."""
    return ages[(ages["declared_last"] == "latest") & (ages["age_years"] > MOST_YEARS)]
