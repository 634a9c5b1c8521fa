"""A study's report: its tables and figures as files for a paper, and a page that shows them.

Belongs here: turning result tables into files. Does not belong here: computing results, drawing (models_py/figures) and
deciding where reports go (dagster_project).
"""

from medpanel.report.images import keep_home_clean, png, preview, svg
from medpanel.report.writing import ReportError, ReportFile, write_report

__all__ = ["ReportError", "ReportFile", "keep_home_clean", "png", "preview", "svg", "write_report"]
