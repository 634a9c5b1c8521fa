"""The third layer: statistics, one group per study. The statistics are models_py/parts; the choices catalog/studies."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study
from catalog.panels import load_units
from dagster_project.metadata import describe, table_metadata
from dagster_project.reusing import filled
from dagster_project.writing import needs_and_makes, writing
from medpanel.reuse import code_of, fingerprint
from medpanel.runs.warehouse import connect
from medpanel.runs.workspace import Workspace
from models_py.parts.frame import Seen
from models_py.parts.registry import (
    StudyPart,
    compute,
    modules_of,
    needs_of,
    parts_of,
    results_before,
    results_of,
    seen_by,
    shown_inputs,
    table_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from models_py.panel import Panel

# Polygons of a map, a table of the lake alone.
BOUNDARY = "boundary"


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
    """One op for each part of the study that makes tables, one asset for each table it fills."""
    return [_part_asset(workspace, study, one) for one in parts_of(study) if one.part.makes]


def _part_asset(workspace: Workspace, study: Study, one: StudyPart) -> dg.AssetsDefinition:
    needs = needs_of(study, one)
    deps = list(dict.fromkeys([*(key for need in needs for key in sources_of(study, one, need)), *entities_of(study)]))
    specs = [
        dg.AssetSpec([study.id, one.result(table)], deps=deps, description=describe(table), kinds={"python", "pandas"})
        for table in one.part.makes
    ]

    @dg.multi_asset(name=f"{study.id}__{one.key}", group_name=study.id, specs=specs)
    def make(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with writing(context, workspace, *needs_and_makes(context)):
            tables = read_given(workspace, study, one)
            kind, panel = workspace.sources()[0].data_kind, read_panel(workspace, study)
            folder = filled(
                context,
                workspace,
                "part",
                part_key(study, one, panel, tables, kind),
                lambda folder: _write(compute(one, study, panel, tables, kind), folder),
            )
            for table in one.part.makes:
                frame = put(folder / f"{table}.parquet", workspace.results / study.id / f"{one.result(table)}.parquet")
                context.log.info(f"{study.id}, {one.key}: {len(frame)} rows of {table}")
                yield dg.MaterializeResult(
                    [study.id, one.result(table)], metadata={**table_metadata(frame, table), "data_kind": kind}
                )

    return make


def part_key(study: Study, one: StudyPart, panel: "Panel", tables: "Mapping[str, pd.DataFrame]", kind: str) -> str:
    """Fingerprint of everything a part's tables are made from."""
    return fingerprint(
        part=one.key,
        study=seen_by(study, one),
        panel=panel_content(panel),
        tables=tables,
        data_kind=kind,
        code=code_of(*modules_of(study, one)),
    )


def panel_content(panel: "Panel") -> str:
    """A panel as text, for a fingerprint."""
    return f"{panel.unit.model_dump_json()} {panel.entities} {panel.years}"


def sources_of(study: Study, one: StudyPart, need: str) -> list[dg.AssetKey]:
    """The assets an input, or another part's table, is read from."""
    table = table_of(study, need)
    if table is not None:
        return [dg.AssetKey(table)]
    return [dg.AssetKey([study.id, name]) for name in results_before(study, one, need)]


def entities_of(study: Study) -> list[dg.AssetKey]:
    """The tables the panel's entities are read from, where the warehouse has them."""
    unit = load_units()[study.panel.unit]
    tables = (unit.entities, None if unit.complete else unit.figures)
    return [dg.AssetKey(table) for table in tables if table is not None]


def read_given(workspace: Workspace, study: Study, one: StudyPart) -> "dict[str, pd.DataFrame]":
    """What a part is handed, by name: inputs of the warehouse, tables of other parts."""
    return {
        need: read_input(workspace, study, need)
        if table_of(study, need) is not None
        else read_results(workspace, study.id, results_before(study, one, need))
        for need in needs_of(study, one)
    }


def read_input(workspace: Workspace, study: Study, need: str) -> "pd.DataFrame":
    """An input of the warehouse, rows of the study where it says so; the panel's entities are entity_code in it.

    Raises KeyError for what is no input of the study's unit.
    """
    table = table_of(study, need)
    if table is None:
        raise KeyError(f"{need} is no input of a panel of {study.panel.unit}")
    frame = read_table(workspace, table)
    if "study" in frame.columns:
        frame = frame[frame["study"] == study.id].reset_index(drop=True)
    return frame.rename(columns={load_units()[study.panel.unit].code_column: "entity_code"})


def read_panel(workspace: Workspace, study: Study) -> "Panel":
    """The study's panel over its years: all entities of its unit, or those with a figure in these years.

    Raises KeyError for a unit whose entities the warehouse does not have.
    """
    from models_py.panel import panel_of

    unit = load_units()[study.panel.unit]
    if unit.entities is None:
        raise KeyError(f"{study.id}: the warehouse has no table of {unit.many.en}; catalog/panel_units.yaml names none")
    entities = read_table(workspace, unit.entities).rename(columns={unit.code_column: "entity_code"})
    if not unit.complete:
        figures = read_input(workspace, study, "figures")
        seen = figures.loc[figures["year"].between(*study.years), "entity_code"]
        entities = entities[entities["entity_code"].isin(seen)]
    return panel_of(unit.id, entities, study.years)


def read_results(workspace: Workspace, study: str, names: Sequence[str]) -> "pd.DataFrame":
    """Results of a study that belong to one table, their rows together."""
    import pandas as pd

    return pd.concat([read_result(workspace, study, name) for name in names], ignore_index=True)


def read_seen(workspace: Workspace, study: Study) -> Seen:
    """What the shows of a study are made from."""
    results = {table: read_results(workspace, study.id, names) for table, names in results_of(study).items()}
    wanted, panel = shown_inputs(study), read_panel(workspace, study)
    inputs = {name: read_input(workspace, study, name) for name in wanted if name != BOUNDARY}
    boundary = _boundary(workspace, panel) if BOUNDARY in wanted else None
    return Seen(study, panel, {**inputs, **results}, workspace.sources()[0].data_kind, boundary)


def _boundary(workspace: Workspace, panel: "Panel") -> "pd.DataFrame | None":
    """Polygons of the one map of all entities that was given; None otherwise: which of several is not guessed."""
    import pandas as pd

    path = workspace.lake / "boundary.parquet"
    if not path.is_file():
        return None
    rows = pd.read_parquet(path)
    maps = [part for _, part in rows.groupby("file_id") if set(panel.codes) <= set(part["code"])]
    return maps[0] if len(maps) == 1 else None


def _write(tables: "Mapping[str, pd.DataFrame]", folder: Path) -> None:
    for table, frame in tables.items():
        frame.to_parquet(folder / f"{table}.parquet", index=False)


def put(file: Path, target: Path) -> "pd.DataFrame":
    """Move a result to where the study's results lie, and read it."""
    import pandas as pd

    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)
    return pd.read_parquet(target)
