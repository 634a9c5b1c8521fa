"""Great Expectations suites, one module per table, found by table (finder.py).

Belongs here: what must hold for a published table, as checks with a severity and a description.
Does not belong here: relationships between dbt models (dbt tests them), reading or writing files, and the
wiring into Dagster. Great Expectations takes seconds to import, so only functions import it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame as Frame
    from pandas import Series
else:
    # Suites are imported by every process of Dagster, most of which judge no table: functions import pandas too.
    Frame = Series = Any
