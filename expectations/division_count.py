"""Years whose divisions are those of an earlier one, because the record does not reach them: a warning with its remedy.

Does not belong here: whether the counts are right (dbt/tests), and carrying them (dbt/models/marts/division_count.sql).
"""

from expectations.builders import is_null
from expectations.suite import Check, checks_of

TABLE = "division_count"


def checks() -> tuple[Check, ...]:
    """The one check."""
    return (
        checks_of(TABLE)(
            "year_known",
            "warning",
            "Divisions of every year are its own, not those of the year in carried_from. Otherwise add the year-end's "
            "list of divisions to the files, or its changes under `divisions:` in sources.yaml "
            "(`medpanel template divisions`)",
            "各年区划均为当年区划，而非沿用 carried_from 所示年份。否则请补充当年区划代码表，"
            "或在 sources.yaml 的 divisions: 中写明变更（medpanel template divisions）",
            is_null("carried_from"),
        ),
    )
