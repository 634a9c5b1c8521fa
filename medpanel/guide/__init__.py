"""The guide to input files, docs/input-files.md: each layout with a picture, its entry, what it yields, its refusals.

Belongs here: making the page out of examples and readers. The examples: medpanel/guide/examples.
"""

from medpanel.guide.rendering import PAGE, guide_files, render

__all__ = ["PAGE", "guide_files", "render"]
