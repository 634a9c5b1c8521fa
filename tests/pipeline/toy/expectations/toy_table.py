"""What must hold of `toy_table`: ratios above zero whose mean is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.studies import Study
from expectations.builders import between, not_null
from expectations.suite import Check, of_study

if TYPE_CHECKING:
    import pandas as pd

TABLE = "toy_table"


def checks(study: Study) -> tuple[Check, ...]:
    """All checks, each name beginning with the study's id."""
    present = Text(en="Every ratio is present", zh="比值无缺失")
    mean = Text(en="The mean of every year is 1", zh="各年均值为1")
    found = (
        Check("ratio_present", TABLE, "critical", present, not_null("toy_ratio")),
        Check("mean_one", TABLE, "warning", mean, between("year_mean", 1 - 1e-12, 1 + 1e-12)),
    )
    return of_study(study, found)


def prepare(df: pd.DataFrame) -> pd.DataFrame:
    """Adds year_mean, the mean ratio of the year of each row."""
    return df.assign(year_mean=df.groupby("year")["toy_ratio"].transform("mean"))
