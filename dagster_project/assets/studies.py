"""The third layer: statistics, one group per study. The statistics are models_py/; the choices are catalog/studies."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study
from dagster_project.metadata import describe, table_metadata
from dagster_project.writing import needs_and_makes, writing
from medpanel.warehouse import connect
from medpanel.workspace import Workspace
from models_py.study_parts import INPUTS, Part, earlier_results, needs_of, parts_of

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


def study_assets(workspace: Workspace, study: Study) -> list[dg.AssetsDefinition]:
    """One op for each part of the study (models_py/study_parts.py), one asset for each table it fills."""
    return [_part_asset(workspace, study, part) for part in parts_of(study)]


def _part_asset(workspace: Workspace, study: Study, part: Part) -> dg.AssetsDefinition:
    deps = [key for need in needs_of(study, part) for key in _sources(study, part, need)]
    specs = [
        dg.AssetSpec([study.id, part.result(table)], deps=deps, description=describe(table), kinds={"python", "pandas"})
        for table in part.tables
    ]

    @dg.multi_asset(name=f"{study.id}__{part.name}", group_name=study.id, specs=specs)
    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with writing(context, workspace, *needs_and_makes(context)):
            inputs = {need: _read(workspace, study, part, need) for need in needs_of(study, part)}
            kind = workspace.sources()[0].data_kind
            results = part.compute(study, inputs, kind)
            for table in part.tables:
                frame = results[table]
                context.log.info(f"{study.id}, {part.name}: {len(frame)} rows of {table}")
                yield _keep(workspace, study.id, part.result(table), table, frame)

    return compute


def table_of(need: str) -> str:
    """The table of the warehouse an input is read from: of its own name, or an intermediate one."""
    return f"int_{need}" if need in ("province_year_alternative", "exposure_variant") else need


def _sources(study: Study, part: Part, need: str) -> list[dg.AssetKey]:
    """The assets an input is read from."""
    if need in INPUTS:
        return [dg.AssetKey(table_of(need))]
    return [dg.AssetKey([study.id, name]) for name in earlier_results(study, part, need)]


def _read(workspace: Workspace, study: Study, part: Part, need: str) -> "pd.DataFrame":
    if need in INPUTS:
        return read_input(workspace, study, need)
    return read_results(workspace, study.id, earlier_results(study, part, need))


def read_input(workspace: Workspace, study: Study, need: str) -> "pd.DataFrame":
    """An input of the warehouse (`INPUTS`), restricted to the study where it says so."""
    frame = read_table(workspace, table_of(need))
    return frame[frame["study"] == study.id].reset_index(drop=True) if "study" in frame.columns else frame


def read_results(workspace: Workspace, study: str, names: Sequence[str]) -> "pd.DataFrame":
    """Results of a study that belong to one table, their rows together."""
    import pandas as pd

    return pd.concat([read_result(workspace, study, name) for name in names], ignore_index=True)


def _keep(workspace: Workspace, study: str, name: str, table: str, frame: "pd.DataFrame") -> dg.MaterializeResult:
    folder = workspace.results / study
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    kind = workspace.sources()[0].data_kind
    return dg.MaterializeResult([study, name], metadata={**table_metadata(frame, table), "data_kind": kind})
