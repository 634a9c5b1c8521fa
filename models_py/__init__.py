"""Statistics: DataFrames in, tidy DataFrames out.

Belongs here: indices, regressions and the panel checks they share.
Does not belong here: files, DuckDB, Dagster, reading of sources. Imports only `catalog` and statistics libraries,
the slow ones (pyfixest, scipy) inside functions, so that loading the definitions stays quick.
"""
