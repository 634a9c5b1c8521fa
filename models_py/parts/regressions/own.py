"""Which rows of results are a study's own: its models as the study file declares them.

Belongs here: telling them from the readings and further versions that stand beside them. Does not belong here: making
either.
"""

from __future__ import annotations

import pandas as pd

from catalog import Study
from catalog.identity import COLUMNS
from catalog.parts import regressions
from models_py.parts.regressions.identities import identity_of, readings_of


def own_rows(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of `estimate` or `model_fit` that belong to a model as it is declared, under the study's own reading.

    `rows`: a table with the columns of an identity.
    """
    models = study.options(regressions.Options).models
    own = {tuple(identity_of(study, spec, readings_of(study, spec)[0]).columns.values()) for spec in models}
    found = [key in own for key in zip(*(rows[name] for name in COLUMNS), strict=True)]
    return rows[pd.Series(found, index=rows.index, dtype=bool)]
