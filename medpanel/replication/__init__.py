"""A study's replication bundle: samples, scripts for Stata, R and Python, the expected numbers, citations.

Belongs here: the files of the bundle, made from existing models and results, and scripts of parts.
Does not belong here: estimation (models_py) and deciding where a bundle is published.
"""

from medpanel.replication.bibliography import citations
from medpanel.replication.bundle import write_bundle
from medpanel.replication.computed import Computed, scripts_of
from medpanel.replication.samples import BundleError

__all__ = ["BundleError", "Computed", "citations", "scripts_of", "write_bundle"]
