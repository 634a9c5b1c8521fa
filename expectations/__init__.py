"""Great Expectations suites, one module per table, found by table (finder.py).

Belongs here: what must hold of a published table, as checks with a severity and a description.
Does not belong here: relationships between dbt models (dbt tests them), reading or writing files, and the
wiring into Dagster. Great Expectations takes seconds to import, so only functions import it.
"""
