"""Whether a workspace is well: facts with a verdict each, for a command's exit code and for a page people look at.

Belongs here: gathering facts others keep, and judging them. Does not belong here: what they rest on (publishing, runs,
notices), and Dagster's queue, which is handed in.
"""

from medpanel.health.facts import Fact, Queue, facts_of
from medpanel.health.page import PAGE, write_page

__all__ = ["PAGE", "Fact", "Queue", "facts_of", "write_page"]
