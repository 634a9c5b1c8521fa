"""Dagster wiring: assets, checks and jobs of a few lines each around the packages that do the work.

Does not belong here: reading files, SQL, statistics, writing the publication.
"""
