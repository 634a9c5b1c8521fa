"""The models of a study made ready from what a part is given; other parts that look at them begin here.

Belongs here: the way from `Work` to models. Does not belong here: what a model does to its variables (study_models.py).
"""

from __future__ import annotations

from catalog import Study
from catalog.identity import Identity
from catalog.parts import regressions
from catalog.parts.regressions import Headline, ModelSpec
from models_py.parts.frame import Work
from models_py.parts.regressions.identities import identity_of, readings_of
from models_py.parts.regressions.study_models import ModelMaker, StudyModel


def headline_of(study: Study) -> Headline:
    """The study's headline."""
    return study.options(regressions.Options).headline


def headline_spec(study: Study) -> ModelSpec:
    """The model the headline is taken from."""
    return study.options(regressions.Options).headline_model


def own_identity(study: Study, spec: ModelSpec) -> Identity:
    """What a model's results belong to under the study's own reading and choices."""
    return identity_of(study, spec, readings_of(study, spec)[0])


def maker_of(work: Work) -> ModelMaker:
    """What makes the data of the study's models from what the part is given."""
    scores = work.tables.get("indicator_score")
    return ModelMaker(work.study, work.panel, work.tables["figures"], work.offered, scores)


def headline_models(work: Work) -> list[StudyModel]:
    """The headline's model under each of its readings, the study's own first."""
    made, spec = maker_of(work), headline_spec(work.study)
    return [made.make(spec, reading) for reading in made.readings(spec)]
