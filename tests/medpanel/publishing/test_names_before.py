"""Names of models as they were: tables of a study's own that are called like one of the project's."""

from __future__ import annotations

import pandas as pd

from catalog.identity import Identity
from medpanel.publishing.names_before import CURVE, names_before
from tests.models_py.parts.made_up import county_study


def test_a_table_called_like_the_curve_of_a_study_without_one_keeps_its_models_names(tmp_path) -> None:
    study = county_study(tmp_path)
    rows = pd.DataFrame([Identity(study.id, CURVE, "(2)").columns])
    assert names_before(rows, [study])["name_before"].tolist() == ["(2)"]
