"""The model names used before results had an identity in columns, kept for one release.

Belongs here: the table model_name_before. Does not belong here: labels people read (catalog/labels.py).
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from catalog import Study
from catalog.identity import ALL, COLUMNS, variant_choices

# The curve's tests were named after the model it varies, its table included.
CURVE = "Specification curve"


def name_before(identity: Mapping[str, str], own_reading: str, declared_sample: str = ALL) -> str:
    """The old name of a model: its own, then whatever set the row apart, separated by spaces.

    `own_reading` and `declared_sample`: those of the study and of the model's declaration, which were left unsaid.
    """
    choices = variant_choices(identity["variant"])
    estimator = identity["estimator"] + ("_no_controls" if choices.get("controls") == "none" else "")
    words = [
        identity["model"],
        identity["reading"] if identity["reading"] != own_reading else "",
        "pooled" if choices.get("standardised") == "pooled" else "",
        f"vintage {identity['vintage']}" if identity["vintage"] else "",
        # A model that leaves places out said so in its declaration alone; years left out were said.
        identity["sample"].removeprefix(declared_sample).removeprefix(ALL).removeprefix(", "),
        f"above {choices['threshold']}" if "threshold" in choices else "",
        estimator if estimator != "twfe" else "",
    ]
    return " ".join(word for word in words if word)


def names_before(identities: pd.DataFrame, studies: Iterable[Study]) -> pd.DataFrame:
    """Rows of model_name_before: the old name of every identity published, each once.

    `identities`: the nine columns of every table of results.
    """
    from catalog.parts import regressions, specification_curve
    from models_py.parts.regressions.identities import sample_of

    readings = {study.id: study.own_reading for study in studies}
    models = [(study.id, options) for study in studies for options in study.all(regressions.Options)]
    samples = {(study, *spec.key): sample_of(spec) for study, options in models for spec in options.models}
    # Results of other parts stand under numbers of their own; they are about the headline's model.
    headlines = {(study, o.headline.model): sample_of(o.headline_model) for study, o in reversed(models)}
    rows = identities[list(COLUMNS)].drop_duplicates().sort_values(list(COLUMNS), ignore_index=True)
    curves = {study.id: options for study in studies for options in study.all(specification_curve.Options)}
    names = [
        (f"{curves[row['study']].table_no} " if row["table_no"] == CURVE and row["study"] in curves else "")
        + name_before(
            {str(key): str(value) for key, value in row.items()},
            readings.get(row["study"], ""),
            samples.get(
                (row["study"], row["table_no"], row["model"]), headlines.get((row["study"], row["model"]), ALL)
            ),
        )
        for row in rows.to_dict("records")
    ]
    return rows.assign(name_before=names)[[*COLUMNS, "name_before"]]
