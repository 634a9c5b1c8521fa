"""The parts of a study: what each needs, which published tables it fills, and the call that computes it.

Belongs here: the one list that Dagster's assets and publishing read. Does not belong here: any computation of its own.
Nothing slow is imported before a part is computed.

A table that several parts fill has one result for each, `estimate` and `estimate__few_clusters`; their rows together
are the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import Study

if TYPE_CHECKING:
    import pandas as pd

    from models_py.econometrics.model_data import ModelData
    from models_py.econometrics.panel_study import StudyResult
    from models_py.econometrics.study_models import ModelMaker, StudyModel

Tables = Mapping[str, "pd.DataFrame"]
# Inputs of the parts; which table each is read from is known to dagster_project alone.
INPUTS = frozenset(
    {"province_year", "province_year_alternative", "exposure_variant", "smart_exposure", "published_figure"}
)


@dataclass(frozen=True)
class Part:
    """Results made in one go.

    `needs`: inputs by name (`INPUTS`), or results of earlier parts by their table's name, those a study lacks left
    out; `tables`: those it fills, in the order they are made; `applies`: to which studies. In a table of `main` the
    part's share has the table's name.
    """

    name: str
    needs: tuple[str, ...]
    tables: tuple[str, ...]
    applies: Callable[[Study], bool]
    compute: Callable[[Study, Tables, str], Tables]
    main: tuple[str, ...] = ()

    def result(self, table: str) -> str:
        """Name of the part's share of a table."""
        return table if table in self.main else f"{table}__{self.name}"


def parts_of(study: Study) -> tuple[Part, ...]:
    """The parts a study has, in the order they can be made."""
    return tuple(part for part in PARTS if part.applies(study))


def results_of(study: Study) -> dict[str, tuple[str, ...]]:
    """The names of a study's results by the table they belong to."""
    names: dict[str, tuple[str, ...]] = {}
    for part in parts_of(study):
        for table in part.tables:
            names[table] = (*names.get(table, ()), part.result(table))
    return names


def needs_of(study: Study, part: Part) -> tuple[str, ...]:
    """What the part needs for this study: nothing of an exposure, an index or a paper it does not have."""
    has = {
        "exposure_variant": study.exposure is not None,
        "smart_exposure": study.exposure is not None,
        "performance_index": study.index is not None,
        "indicator_score": study.index is not None,
        "published_figure": study.paper is not None,
    }
    return tuple(need for need in part.needs if has.get(need, True))


def earlier_results(study: Study, part: Part, table: str) -> tuple[str, ...]:
    """Names of the results of one table that the parts before `part` make. Raises KeyError when none does."""
    names: list[str] = []
    for other in parts_of(study):
        if other.name == part.name:
            break
        if table in other.tables:
            names.append(other.result(table))
    if not names:
        raise KeyError(f"{study.id}: no part before {part.name} makes {table}")
    return tuple(names)


def maker(study: Study, inputs: Tables) -> ModelMaker:
    """What makes the data of the study's models from the inputs."""
    from models_py.econometrics.study_models import ModelMaker

    variants = inputs.get("exposure_variant")
    exposure = None if variants is None else variants[variants["preferred"]]
    return ModelMaker(inputs["province_year"], exposure, inputs.get("performance_index"), study)


def headline_models(study: Study, inputs: Tables) -> list[StudyModel]:
    """The headline model under each of its readings, the study's own first."""
    made = maker(study, inputs)
    spec = study.headline_model
    return [made.make(spec, reading) for reading in made.readings(spec)]


def _index(study: Study, inputs: Tables, data_kind: str) -> Tables:
    from models_py.indices.performance import performance_index

    values, scores = performance_index(inputs["province_year"], study)
    return {"performance_index": values, "indicator_score": scores}


def _regressions(study: Study, inputs: Tables, data_kind: str) -> Tables:
    import pandas as pd

    from models_py.econometrics import fit_study, fit_vintages
    from models_py.econometrics.summary import summary_statistics

    made = maker(study, inputs)
    alternatives = {str(vintage): frame for vintage, frame in inputs["province_year_alternative"].groupby("vintage")}
    results: list[StudyResult] = [
        fit_study(made.province_year, made.exposure, made.index, study),
        *fit_vintages(made.province_year, alternatives, made.exposure, study).values(),
    ]
    return {
        "estimate": pd.concat([result.estimate for result in results], ignore_index=True),
        "model_fit": pd.concat([result.model_fit for result in results], ignore_index=True),
        "summary_statistic": summary_statistics(
            made.province_year, made.exposure, made.index, study, study.summary_table
        ),
    }


def _few_clusters(study: Study, inputs: Tables, data_kind: str) -> Tables:
    """Every model that has the headline's term, under every reading."""
    from models_py.econometrics.few_clusters.rows import few_cluster_rows
    from models_py.econometrics.study_models import study_models

    assert study.inference is not None
    term = study.headline.term
    models = [model.data for model in study_models(maker(study, inputs)) if term in model.data.regressors]
    rows = [few_cluster_rows(data, (term,), study.inference, term) for data in models]
    return {"estimate": _joined(row[0] for row in rows), "spec_test": _joined(row[1] for row in rows)}


def _timing(study: Study, inputs: Tables, data_kind: str) -> Tables:
    """Under every reading and threshold; the weights do not depend on the threshold, so they stand once."""
    from dataclasses import replace

    from models_py.econometrics import timing_evidence

    spec = study.timing
    assert spec is not None
    models = [model.data for model in headline_models(study, inputs)]
    made = [timing_evidence(data, spec) for data in models]
    further = [
        timing_evidence(
            replace(data, model=f"{data.model} above {threshold:g}"),
            spec.model_copy(update={"threshold": threshold}),
            weights=False,
        )
        for threshold in spec.further_thresholds
        for data in models
    ]
    return {
        "estimate": _joined(item.estimate for item in [*made, *further]),
        "spec_test": _joined(item.spec_test for item in [*made, *further]),
        "twfe_weight": _joined(item.twfe_weight for item in made),
    }


def _design(study: Study, inputs: Tables, data_kind: str) -> Tables:
    import pandas as pd

    from catalog import load_provinces
    from models_py.econometrics.design_evidence.evidence import fit_evidence
    from models_py.econometrics.design_evidence.exposure_variation import exposure_variation
    from models_py.econometrics.design_evidence.moran import contiguity_weights
    from models_py.econometrics.evidence_rows import as_table, both
    from models_py.econometrics.variables import StudyError

    assert study.design is not None
    rows = [(p.province_code, p.lon, p.lat) for p in load_provinces()]
    places = pd.DataFrame(rows, columns=["province_code", "lon", "lat"])
    made_of = [model.data for model in headline_models(study, inputs)]
    made = [fit_evidence(data, study.headline.term, study.design, contiguity_weights(), places) for data in made_of]
    tests = [item.spec_test for item in made]
    if study.exposure is not None:
        try:
            tests.append(exposure_variation(inputs["smart_exposure"], study).spec_test)
        except StudyError as error:
            data = made_of[0]
            note = both(f"Where exposure varies: not computed, {error}.", "未计算暴露度的变化，原因见前述英文。")
            tests.append(as_table([data.named(test="exposure_variation", note=note)], "spec_test"))
    return {
        "estimate": _joined(item.estimate for item in made),
        "spec_test": _joined(tests),
        "influence": _joined(item.influence for item in made),
    }


def _products(study: Study, inputs: Tables, data_kind: str) -> Tables:
    """Under every reading, by the names of the headline's models."""
    from models_py.econometrics.products.table import product_table

    spec = study.mediation
    assert spec is not None
    made = maker(study, inputs)
    headline = study.headline_model
    controls = [name for name in headline.regressors if name != spec.term]
    rows = []
    for reading in made.readings(headline):

        def model(outcome: str, *regressors: str, reading: str | None = reading) -> ModelData:
            declared = headline.model_copy(
                update={"table_no": spec.table_no, "outcome": outcome, "regressors": (*regressors, *controls)}
            )
            return made.make(declared, reading).data

        first = {mediator: model(mediator, spec.term) for mediator in spec.mediators}
        rows.append(product_table(first, model(spec.outcome, spec.term, *spec.mediators), spec))
    return {name: _joined(getattr(row, name) for row in rows) for name in ("estimate", "spec_test")}


def _curve(study: Study, inputs: Tables, data_kind: str) -> Tables:
    from models_py.specification import specification_curve

    assert study.specification_curve is not None
    curve = specification_curve(
        inputs["province_year"], inputs.get("exposure_variant"), study, study.specification_curve
    )
    return {name: getattr(curve, name) for name in ("specification", "specification_choice", "spec_test")}


def _findings(study: Study, inputs: Tables, data_kind: str) -> Tables:
    from models_py.findings import FindingInputs, entries_exposure, study_findings

    made = maker(study, inputs)
    variants = inputs.get("exposure_variant")
    found = FindingInputs(
        study=study,
        data_kind=data_kind,
        index=inputs["performance_index"],
        scores=inputs["indicator_score"],
        variables=made.variables(),
        estimate=inputs["estimate"],
        summary_statistic=inputs["summary_statistic"],
        exposure=inputs.get("smart_exposure"),
        entries=None if variants is None else entries_exposure(variants, study),
        published_figure=inputs.get("published_figure"),
    )
    return {"finding": study_findings(found)}


def _comparison(study: Study, inputs: Tables, data_kind: str) -> Tables:
    from models_py.findings import published_comparison

    exposure, figure = inputs.get("smart_exposure"), study.figure_1
    classes = None
    if exposure is not None and figure is not None:
        from models_py.figures.classes import quantile_classes
        from models_py.parts.exposure.shown import values_of_year

        classes = len(quantile_classes(list(values_of_year(exposure, figure)[0].values()), figure.classes).bounds)
    rows = published_comparison(
        inputs["published_figure"],
        inputs["estimate"],
        inputs["model_fit"],
        inputs["summary_statistic"],
        study,
        data_kind,
        n_classes=classes,
    )
    return {"published_comparison": rows}


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(list(frames), ignore_index=True)


_PANEL = ("province_year", "exposure_variant", "performance_index")
PARTS = (
    Part(
        "index",
        ("province_year",),
        ("performance_index", "indicator_score"),
        lambda s: s.index is not None,
        _index,
        main=("performance_index", "indicator_score"),
    ),
    Part(
        "regressions",
        (*_PANEL, "province_year_alternative"),
        ("estimate", "model_fit", "summary_statistic"),
        lambda s: True,
        _regressions,
        main=("estimate", "model_fit", "summary_statistic"),
    ),
    Part("few_clusters", _PANEL, ("estimate", "spec_test"), lambda s: s.inference is not None, _few_clusters),
    Part(
        "timing",
        _PANEL,
        ("estimate", "spec_test", "twfe_weight"),
        lambda s: s.timing is not None,
        _timing,
        main=("twfe_weight",),
    ),
    Part(
        "design",
        (*_PANEL, "smart_exposure"),
        ("estimate", "spec_test", "influence"),
        lambda s: s.design is not None,
        _design,
        main=("influence",),
    ),
    Part("products", _PANEL, ("estimate", "spec_test"), lambda s: s.mediation is not None, _products),
    Part(
        "curve",
        ("province_year", "exposure_variant"),
        ("specification", "specification_choice", "spec_test"),
        lambda s: s.specification_curve is not None,
        _curve,
        main=("specification", "specification_choice"),
    ),
    Part(
        "findings",
        (*_PANEL, "smart_exposure", "indicator_score", "published_figure", "estimate", "summary_statistic"),
        ("finding",),
        lambda s: s.index is not None,
        _findings,
        main=("finding",),
    ),
    Part(
        "comparison",
        ("published_figure", "smart_exposure", "estimate", "model_fit", "summary_statistic"),
        ("published_comparison",),
        lambda s: s.paper is not None,
        _comparison,
        main=("published_comparison",),
    ),
)
