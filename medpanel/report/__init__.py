"""A study's report: its tables and figures as files for a paper, and a page that shows them.

Belongs here: turning result tables into files. Does not belong here: computing results, drawing (models_py/figures) and
deciding where reports go (dagster_project). Nothing is imported here: items.py is read before anything is drawn.
"""
