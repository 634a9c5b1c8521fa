"""What medpanel knows by declaration: indicators, units, provinces, studies, tables, sources.

Belongs here: YAML files and the pydantic models that load and validate them.
Does not belong here: anything that reads data files, computes or writes. Imports nothing else from this project.
"""

from catalog.declarations.entry import Source
from catalog.declarations.loading import load_sources
from catalog.declarations.sources import Sources
from catalog.indicators import Indicator, Registry, Unit, load_registry
from catalog.provinces import NATION_CODE, Province, load_provinces
from catalog.studies import Study, load_own_studies, load_studies, load_study
from catalog.tables import Column, Table, load_tables

__all__ = [
    "NATION_CODE",
    "Column",
    "Indicator",
    "Province",
    "Registry",
    "Source",
    "Sources",
    "Study",
    "Table",
    "Unit",
    "load_own_studies",
    "load_provinces",
    "load_registry",
    "load_sources",
    "load_studies",
    "load_study",
    "load_tables",
]
