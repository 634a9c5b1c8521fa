"""Which rows of results are a study's own: its models as the study file declares them.

Belongs here: telling them from the further versions that stand beside them. Does not belong here: making either.
"""

from __future__ import annotations

import pandas as pd

from catalog import Study
from catalog.parts import regressions
from models_py.parts.regressions.identities import sample_of


def own_rows(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of `estimate` or `model_fit` of the study's regressions, each model once.

    Its own reading (the first of its part's, '' where a model has none), the sample the model declares, two-way fixed
    effects, no other vintage and no variant. `rows`: a table with the columns of an identity.
    """
    readings = {"", *(part.readings[0] for part in study.parts if part.readings)}
    samples = {spec.key: sample_of(spec) for spec in study.options(regressions.Options).models}
    asked = [samples.get(key) for key in zip(rows["table_no"], rows["model"], strict=True)]
    own = (
        (rows["study"] == study.id) & rows["reading"].isin(readings) & (rows["sample"] == pd.Series(asked, rows.index))
    )
    own &= rows["estimator"] == "twfe"
    for name in ("weights", "vintage", "variant"):
        own &= rows[name] == ""
    return rows[own]
