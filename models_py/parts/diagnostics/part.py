"""Evidence that needs nothing but the fit, as a part: influence, residual correlation, power, where exposure varies.

Belongs here: what the part takes, makes and shows: the influence of single entities and years. Its tests stand in the
table of evidence on the design, which regressions show. Does not belong here: drawing (figure_influence.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, Identity
from catalog.labels import variable_label
from catalog.parts.diagnostics import Options
from models_py.figures.names import stem_of
from models_py.figures.picture import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work
from models_py.parts.regressions.identities import headline_of, rows_of_part

NAME = "influence"
TITLE = Text(zh="影响分析", en="Influence")


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The figure, with the part's name where it has one."""
    return [(stem_of(NAME, options.name), TITLE)]


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """One figure for each reading of the headline's model."""
    from models_py.parts.diagnostics.figure_influence import influence

    mine, own = rows_of_part(seen.rows("influence"), options.name), seen.study.own_reading
    if mine.empty:
        return
    for key, part in mine.groupby([*COLUMNS, "term"], sort=False):
        identity = Identity(*map(str, key[:-1]))
        term = variable_label(seen.study, str(key[-1]))
        # The study's own reading goes under the bare name.
        words = () if identity.reading == own else (identity.table_no, identity.model, identity.reading)
        drawn = influence(part, term, seen.panel, seen.data_kind, own_reading=own)
        yield Picture(stem_of(NAME, options.name, *words), TITLE, drawn)


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and influence, for the headline's model under every reading."""
    from models_py.parts.diagnostics.evidence import fit_evidence
    from models_py.parts.diagnostics.exposure_variation import variation_rows
    from models_py.parts.regressions.study_models import headline_models
    from models_py.parts.rows import joined

    models = [model.data for model in headline_models(work)]
    made = [fit_evidence(data, headline_of(work.study).term, work.options) for data in models]
    tests = [item.spec_test for item in made]
    if "smart_exposure" in work.tables:
        tests.append(variation_rows(work.tables["smart_exposure"], models[0]))
    return {
        "estimate": joined(item.estimate for item in made),
        "spec_test": joined(tests),
        "influence": joined(item.influence for item in made),
    }


PART = Part(
    summary=Text(
        en="Influence of single entities and years, correlation of residuals, power, where exposure varies",
        zh="影响分析、残差相关、检验功效、暴露度变异",
    ),
    needs=("figures", VARIABLES),
    uses=("smart_exposure",),
    makes=("estimate", "spec_test", "influence"),
    whole=("influence",),
    compute=compute,
    shows=(Show(NAME, "figure", TITLE, figures, titles=titles),),
)
