"""Publishing: from the private warehouse and the studies' results to a read-only folder analysts open.

Belongs here: collecting the published tables, writing Parquet and the database, switching the link, pruning.
Does not belong here: computing what is published, and the wiring into Dagster.
"""

from medpanel.publishing.folders import prune
from medpanel.publishing.inputs import Publication, PublishError, RunInfo
from medpanel.publishing.links import resolve_current
from medpanel.publishing.publication import publish

__all__ = ["Publication", "PublishError", "RunInfo", "prune", "publish", "resolve_current"]
