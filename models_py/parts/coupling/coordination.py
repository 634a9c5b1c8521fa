"""Coupling and coordination of the two systems, under every form and every variant of their indices.

Belongs here: which indices a variant takes, and the shape of the published table. Does not belong here: the formulas
(models_py/indices/coupling.py).
"""

import warnings

import pandas as pd

from catalog import load_tables
from catalog.base import refuse
from catalog.identity import variant_of
from catalog.parts.coupling import Form, Options
from catalog.parts.entropy_index import SYSTEMS
from models_py.indices.coupling import coupling_coordination
from models_py.indices.standardised import IndexDataError
from models_py.panel import KEYS, Panel
from models_py.parts.rows import of_entities


def coupling_table(index: pd.DataFrame, options: Options, panel: Panel, study: str) -> pd.DataFrame:
    """Table coupling: every variant of the indices in the study's form, and other forms of the study's own indices.

    `index`: rows of system_index. Raises IndexDataError where a system has no value for a place and year another has.
    """
    made = []
    for variant, rows in index.groupby("variant", sort=False):
        both = rows.pivot(index=KEYS, columns="system", values="value").reindex(columns=list(SYSTEMS))
        lacking = [str(place) for place in both.index[both.isna().any(axis=1)][:3]]
        refuse((lacking, "the index of one system is missing for {}"), error=IndexDataError)
        made.append(_coupled(both, options.form, options).assign(variant=variant))
        if variant == "":
            forms = [form for form in options.forms if form != options.form]
            made += [_coupled(both, form, options).assign(variant=variant_of({"form": form})) for form in forms]
    refuse((not made, "there is no index of the two systems"), error=IndexDataError)
    table = of_entities(pd.concat(made).assign(study=study), "coupling", panel)
    return table.sort_values(list(load_tables()["coupling"].key), kind="stable", ignore_index=True)


def _coupled(both: pd.DataFrame, form: Form, options: Options) -> pd.DataFrame:
    first, second = (both[system] for system in SYSTEMS)
    with warnings.catch_warnings():
        # The table says what the form `half` does to D (texts.py).
        warnings.filterwarnings("ignore", message="form 'half'")
        found = coupling_coordination(first, second, form, options.levels)
    return found.assign(**{f"u_{system}": both[system] for system in SYSTEMS}).reset_index()
