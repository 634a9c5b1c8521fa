"""Somebody hears how a run ended: the page LAST_RUN.md, and the hooks declared in sources.yaml.

Belongs here: what is said and to whom. Does not belong here: how a run ended (dagster_project/reporting.py).
"""
