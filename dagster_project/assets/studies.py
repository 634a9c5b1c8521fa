"""The third layer: statistics, one group per study. The statistics are models_py/; the choices are catalog/studies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study
from dagster_project.metadata import describe, table_metadata
from dagster_project.writing import needs_and_makes, writing
from medpanel.warehouse import connect
from medpanel.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


def read_table(workspace: Workspace, name: str, study: str | None = None) -> "pd.DataFrame":
    """A dbt table of the working file, restricted to a study where the table has that column."""
    with connect(workspace.warehouse) as connection:
        frame = connection.table(f"main.{name}").df()
    return frame if study is None else frame[frame["study"] == study].reset_index(drop=True)


def read_result(workspace: Workspace, study: str, name: str) -> "pd.DataFrame":
    """A result of a study."""
    import pandas as pd

    return pd.read_parquet(workspace.results / study / f"{name}.parquet")


def _keep(workspace: Workspace, study: str, name: str, frame: "pd.DataFrame") -> dg.MaterializeResult:
    folder = workspace.results / study
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    kind = workspace.sources()[0].data_kind
    return dg.MaterializeResult([study, name], metadata={**table_metadata(frame, name), "data_kind": kind})


def _specs(study: str, names: tuple[str, ...], deps: list[dg.AssetKey]) -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec([study, name], deps=deps, description=describe(name), kinds={"python", "pandas"}) for name in names
    ]


def study_assets(workspace: Workspace, study: Study) -> list[dg.AssetsDefinition]:
    """The index, where the study has one, and its regressions."""
    assets = []
    deps = [dg.AssetKey("province_year")]
    regression_deps = [dg.AssetKey("int_province_year_alternative")]
    if study.index is not None:
        assets.append(_index_asset(workspace, study, deps.copy()))
        deps.append(dg.AssetKey([study.id, "performance_index"]))
    if study.exposure is not None:
        deps.append(dg.AssetKey("smart_exposure"))
    assets.append(_regression_asset(workspace, study, deps + regression_deps))
    return assets


def _index_asset(workspace: Workspace, study: Study, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{study.id}__index",
        group_name=study.id,
        specs=_specs(study.id, ("performance_index", "indicator_score"), deps),
    )
    def index(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        from models_py.indices.performance import performance_index

        with writing(context, workspace, *needs_and_makes(context)):
            values, scores = performance_index(read_table(workspace, "province_year"), study)
            context.log.info(f"{study.id}: index for {len(values)} province-years and readings")
            yield _keep(workspace, study.id, "performance_index", values)
            yield _keep(workspace, study.id, "indicator_score", scores)

    return index


def _regression_asset(workspace: Workspace, study: Study, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{study.id}__regressions",
        group_name=study.id,
        specs=_specs(study.id, ("estimate", "model_fit"), deps),
    )
    def regressions(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        import pandas as pd

        from models_py.econometrics import fit_study, fit_vintages
        from models_py.econometrics.vintages import figures_lacking

        with writing(context, workspace, *needs_and_makes(context)):
            province_year = read_table(workspace, "province_year")
            exposure = read_table(workspace, "smart_exposure", study.id) if study.exposure is not None else None
            index = read_result(workspace, study.id, "performance_index") if study.index is not None else None
            others = read_table(workspace, "int_province_year_alternative")
            alternatives = {str(vintage): frame for vintage, frame in others.groupby("vintage")}
            for vintage, frame in sorted(alternatives.items()):
                lacking = figures_lacking(province_year, frame, study)
                if lacking:
                    context.log.info(f"{study.id}: not under {vintage}, which lacks {lacking} of the figures it uses")
            results = [
                fit_study(province_year, exposure, index, study),
                *fit_vintages(province_year, alternatives, exposure, study).values(),
            ]
            estimate = pd.concat([result.estimate for result in results], ignore_index=True)
            model_fit = pd.concat([result.model_fit for result in results], ignore_index=True)
            for row in model_fit.to_dict("records"):
                context.log.info(f"{study.id} {row['table_no']} {row['model']}: {row['n_obs']} rows, {row['formula']}")
            yield _keep(workspace, study.id, "estimate", estimate)
            yield _keep(workspace, study.id, "model_fit", model_fit)

    return regressions
