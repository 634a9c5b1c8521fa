"""Evidence that needs nothing but the fit, as a part: influence, residual correlation, power, where exposure varies.

Belongs here: what the part takes, makes and shows: the influence of single entities and years. Its tests are in the
table of evidence on the design, which regressions show. Does not belong here: drawing (figure_influence.py).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, Identity
from catalog.labels import of_reading, variable_label
from catalog.parts import regressions
from catalog.parts.diagnostics import Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work, joined
from models_py.parts.regressions.identities import rows_of, rows_of_part

if TYPE_CHECKING:
    from models_py.econometrics.model_data import ModelData

PERMUTATIONS = 999
NAME = "influence"
TITLE = Text(zh="影响分析", en="Influence")


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The figure, with the part's name if it has one."""
    return [(stem_of(NAME, options.name), TITLE)]


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """One figure for each reading of the headline's model."""
    from models_py.figures.coefficients import unit_of
    from models_py.parts.diagnostics.figure_influence import influence
    from models_py.parts.regressions.described import model_label

    mine, own = rows_of_part(seen.rows("influence"), options.name), seen.study.own_reading
    if mine.empty:
        return
    for key, part in mine.groupby([*COLUMNS, "term"], sort=False):
        identity = Identity(*map(str, key[:-1]))
        term = variable_label(seen.study, str(key[-1]))
        # The study's own reading goes under the bare name.
        words = () if identity.reading == own else (identity.table_no, identity.model, identity.reading)
        of_term = rows_of(seen.rows("estimate"), identity)
        unit = None if of_term.empty else unit_of(of_term[(of_term["term"] == key[-1]) & (of_term["effect"] == "coef")])
        figure = influence(part, term, seen.panel, seen.data_kind, label=partial(model_label, seen.study), unit=unit)
        yield Picture(
            stem_of(NAME, options.name, *words),
            TITLE,
            replace(figure, title=of_reading(figure.title, "" if identity.reading == own else identity.reading)),
        )


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and influence, for the headline's model under every reading."""
    from models_py.parts.diagnostics.exposure_variation import variation_rows
    from models_py.parts.regressions.study_models import headline_models

    models = [model.data for model in headline_models(work)]
    term = work.study.options(regressions.Options).headline.term
    made = [fit_evidence(data, term, work.options) for data in models]
    tables = {name: [item[name] for item in made] for name in ("estimate", "spec_test", "influence")}
    if "smart_exposure" in work.tables:
        tables["spec_test"].append(variation_rows(work.tables["smart_exposure"], models[0]))
    return {name: joined(frames) for name, frames in tables.items()}


def fit_evidence(data: "ModelData", term: str, options: Options, seed: int = 0) -> Tables:
    """Influence, residual correlation, Conley standard errors and power of `term`; `seed`: of the permutations.

    Rows of the tables `estimate` (Conley), `spec_test` and `influence`, all columns but data_kind. Coordinates are
    those of the panel, neighbours those of its unit where they are declared; what lacks either stands as a row of
    `spec_test` with the reason.

    Raises EstimationError when the model cannot be estimated and for a term it does not have.
    """
    from models_py.parts.diagnostics.influence import influence, influence_tests
    from models_py.parts.diagnostics.power import power
    from models_py.parts.diagnostics.residual_correlation import conley_rows, contiguity_weights, residual_correlation

    rows = influence(data, term)
    estimates, spatial = conley_rows(data, term, options.cutoff_km)
    tests = [
        influence_tests(data, term, rows),
        residual_correlation(data, contiguity_weights(data.panel), PERMUTATIONS, seed),
        spatial,
        power(data, term, options.power),
    ]
    return {"estimate": estimates, "spec_test": joined(tests), "influence": rows}


PART = Part(
    summary=Text(
        en="Influence of single entities and years, correlation of residuals, power, where exposure varies",
        zh="影响分析、残差相关、检验功效、暴露度变异",
    ),
    needs=("figures", VARIABLES),
    uses=("smart_exposure",),
    consults=("regressions",),
    makes=("estimate", "spec_test", "influence"),
    whole=("influence",),
    compute=compute,
    shows=(Show(NAME, "figure", TITLE, figures, titles=titles),),
)
