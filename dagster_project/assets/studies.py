"""The third layer: statistics, one group per study. Computed in models_py/parts; choices in catalog/studies."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from catalog import Study, load_tables
from catalog.lake import load_lake
from catalog.panels import load_units
from dagster_project.groups import results_group
from dagster_project.metadata import describe, table_metadata
from dagster_project.writing import filled, needs_and_makes, tell_done, writing
from medpanel.reuse import code_of, files_sha256, fingerprint, frame_sha256
from medpanel.runs import run_state
from medpanel.runs.warehouse import connect
from medpanel.runs.workspace import Workspace
from models_py.parts.frame import BY_STUDY, CLOSED, Seen
from models_py.parts.registry import (
    StudyPart,
    compute,
    modules_of,
    needs_of,
    parts_of,
    results_before,
    results_of,
    seen_by,
    set_for_run,
    shown_inputs,
    table_of,
)
from models_py.windows import WINDOW

if TYPE_CHECKING:
    import pandas as pd

    from models_py.panel import Panel

# The code that reads what parts, checks and shows are handed.
READING = __name__
Explain = Callable[[Workspace, Study, ValueError], ValueError]
# Polygons of a map, a table of the lake alone.
BOUNDARY = "boundary"
# What is read with the files stands for the closed tables made then.
_LAKE = dg.AssetKey(["lake", "flow"])
# Figures whose licence bars passing them on.
BARRED = "barred_figure"


def read_table(workspace: Workspace, name: str, study: str | None = None) -> "pd.DataFrame":
    """A dbt table of the working file, restricted to a study if the table has that column; or a closed one of the lake.

    Of the latter there is an empty frame before anything was read.
    """
    if name in CLOSED:
        return _closed(workspace, name)
    with connect(workspace.warehouse) as connection:
        frame = connection.table(f"main.{name}").df()
    if study is None or "study" not in frame.columns:
        return frame
    return frame[frame["study"] == study].reset_index(drop=True)


def _closed(workspace: Workspace, name: str) -> "pd.DataFrame":
    import pandas as pd

    from ingestion.build.private import folder_of

    path = folder_of(name, workspace.lake) / f"{name}.parquet"
    return pd.read_parquet(path) if path.is_file() else pd.DataFrame(columns=list(load_lake()[name].columns))


def rows_sha256(workspace: Workspace, name: str, study: str | None = None) -> str:
    """Hash of the rows `read_table` gives, computed once as long as the warehouse does not change."""
    if name in CLOSED:
        return frame_sha256(read_table(workspace, name))
    key = run_state.warehouse_key(workspace)
    return _rows_sha256(workspace, key, name, study) if key else frame_sha256(read_table(workspace, name, study))


@cache
def _rows_sha256(workspace: Workspace, warehouse_key: str, name: str, study: str | None) -> str:
    return frame_sha256(read_table(workspace, name, study))


def results_sha256(workspace: Workspace, study: str, names: Sequence[str]) -> str:
    """Hash of results of a study."""
    return files_sha256([workspace.results / study / f"{name}.parquet" for name in names])


def read_result(workspace: Workspace, study: str, name: str) -> "pd.DataFrame":
    """A result of a study."""
    import pandas as pd

    return pd.read_parquet(workspace.results / study / f"{name}.parquet")


# A study's years are on record as WINDOW before anything else of it is made (windows.py).
def in_window(workspace: Workspace, study: Study) -> Study:
    """The study with the last year on record for it; itself where the year is declared."""
    return (
        study.until(int(read_result(workspace, study.id, WINDOW)["last_year"].iloc[0])) if study.panel.open else study
    )


def window_of(study: Study) -> list[dg.AssetKey]:
    """The asset a study's last year is read from; none where the year is declared."""
    return [dg.AssetKey([study.id, WINDOW])] if study.panel.open else []


def as_raised(workspace: Workspace, study: Study, error: ValueError) -> ValueError:
    """A part's error as it is."""
    return error


def study_assets(workspace: Workspace, study: Study, explain: Explain = as_raised) -> list[dg.AssetsDefinition]:
    """One op for each part of the study that makes tables, and one asset for each table it fills.

    `explain`: puts the cause before what a failing part says. It is handed over, since no result depends on it.
    """
    return [_part_asset(workspace, study, one, explain) for one in parts_of(study) if one.part.makes]


def _part_asset(workspace: Workspace, study: Study, one: StudyPart, explain: Explain) -> dg.AssetsDefinition:
    needs = needs_of(study, one)
    deps = list(
        dict.fromkeys(
            [*(key for need in needs for key in sources_of(study, one, need)), *entities_of(study), *window_of(study)]
        )
    )
    specs = [
        dg.AssetSpec(
            [study.id, one.result(table)],
            deps=deps,
            description=describe(table),
            kinds={"python", "pandas"},
            tags={"part": one.key},
        )
        for table in one.part.makes
    ]

    @dg.multi_asset(
        name=f"{study.id}__{one.key}",
        group_name=results_group(study.id),
        specs=specs,
        config_schema=settings_schema(one),
    )
    def make(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        config = context.op_execution_context.op_config or {}
        declared, mine = set_for_run(study, one, config)
        said = {"set_for_this_run": changed} if (changed := one.options.changed_by(config)) else {}
        with writing(context, workspace, *needs_and_makes(context)):
            kind, asked = workspace.sources()[0].data_kind, in_window(workspace, declared)

            def write(folder: Path) -> None:
                tables = read_given(workspace, asked, mine)
                try:
                    made = compute(mine, asked, read_panel(workspace, asked), tables, kind)
                except ValueError as error:
                    told = explain(workspace, asked, error)
                    if told is error:
                        raise
                    raise told from None
                for table, frame in made.items():
                    frame.to_parquet(folder / f"{table}.parquet", index=False)

            folder = filled(context, workspace, "part", part_key(workspace, asked, mine), write)
            rows: dict[str, int] = {}
            for table in one.part.makes:
                frame = put(folder / f"{table}.parquet", workspace.results / study.id / f"{one.result(table)}.parquet")
                rows[table] = len(frame)
                # The preview of an internal table is empty: nobody sees its rows.
                preview = table_metadata(frame.head(0) if load_tables()[table].internal else frame, table, len(frame))
                yield dg.MaterializeResult(
                    [study.id, one.result(table)], metadata={**preview, "data_kind": kind, **said}
                )
            counts = ", ".join(f"{table} {count}" for table, count in rows.items())
            tell_done(context, workspace, f"rows: {counts}", f"行数：{counts}")

    return make


def settings_schema(one: StudyPart) -> dict[str, dg.Field] | None:
    """What of a part may be set for one run, as the launchpad offers it: typed, with the study file's values.

    None for a part without settings. Limits are judged when the run reads them (`PartOptions.for_run`).
    """
    return {
        name: dg.Field(
            float if setting.value is not None else dg.Noneable(float),
            default_value=setting.value,
            is_required=False,
            description=setting.text,
        )
        for name, setting in one.options.settings.items()
    } or None


def part_key(workspace: Workspace, study: Study, one: StudyPart) -> str:
    """Fingerprint of everything a part's tables are made from."""
    return fingerprint(
        part=one.key,
        study=seen_by(study, one).content,
        panel=panel_key(workspace, study),
        tables={need: given_key(workspace, study, one, need) for need in needs_of(study, one)},
        data_kind=workspace.sources()[0].data_kind,
        code=code_of(READING, *modules_of(study, one)),
    )


def given_key(workspace: Workspace, study: Study, one: StudyPart, need: str) -> str:
    """Hash of what a part is given under a name."""
    table = table_of(study, need)
    return (
        results_sha256(workspace, study.id, results_before(study, one, need))
        if table is None
        else rows_sha256(workspace, table, study.id)
    )


def panel_key(workspace: Workspace, study: Study) -> list[str]:
    """Hashes of what a study's panel is read from."""
    return [rows_sha256(workspace, key.path[-1], study.id) for key in entities_of(study)]


def sources_of(study: Study, one: StudyPart, need: str) -> list[dg.AssetKey]:
    """The assets an input, or another part's table, is read from."""
    table = table_of(study, need)
    if table is not None:
        # A closed table is no asset; it is made with those of the lake.
        return [_LAKE if table in CLOSED else dg.AssetKey(table)]
    return [dg.AssetKey([study.id, name]) for name in results_before(study, one, need)]


def entities_of(study: Study) -> list[dg.AssetKey]:
    """The tables the panel's entities are read from, if the warehouse has them."""
    unit = load_units()[study.panel.unit]
    tables = (unit.entities, None if unit.complete else unit.figures)
    return [dg.AssetKey(table) for table in tables if table is not None]


def read_given(workspace: Workspace, study: Study, one: StudyPart) -> "dict[str, pd.DataFrame]":
    """What a part is given, by name: inputs from the warehouse, tables of other parts."""
    return {
        need: read_input(workspace, study, need)
        if table_of(study, need) is not None
        else read_results(workspace, study.id, results_before(study, one, need))
        for need in needs_of(study, one)
    }


def read_input(workspace: Workspace, study: Study, need: str) -> "pd.DataFrame":
    """An input from the warehouse, only the study's rows if it is by study; entity_code has the panel's entities.

    What is by study and year ends with the study: the warehouse is built before the last year of an open one is known.

    Raises KeyError for anything that is not an input of the study's unit.
    """
    table = table_of(study, need)
    if table is None:
        raise KeyError(f"{need} is not an input of a panel of {study.panel.unit}")
    frame = read_table(workspace, table, study.id)
    if need in BY_STUDY:
        frame = frame[frame["year"] <= study.panel.bounds[1]].reset_index(drop=True)
    return frame.rename(columns={load_units()[study.panel.unit].code_column: "entity_code"})


def read_panel(workspace: Workspace, study: Study) -> "Panel":
    """The study's panel over its years: all entities of its unit, or those with a figure in these years.

    Raises KeyError for a unit whose entities are not in the warehouse.
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
    """All rows of a study's results that belong to one table."""
    import pandas as pd

    return pd.concat([read_result(workspace, study, name) for name in names], ignore_index=True)


def read_seen(workspace: Workspace, study: Study) -> Seen:
    """What the shows of a study are made from."""
    from medpanel.publishing.withheld import remarks

    found = {table: names for table, names in results_of(study).items() if not load_tables()[table].internal}
    results = {name: read_result(workspace, study.id, name) for names in found.values() for name in names}
    results |= {table: read_results(workspace, study.id, names) for table, names in found.items()}
    results[WINDOW] = read_result(workspace, study.id, WINDOW)
    wanted, panel = shown_inputs(study), read_panel(workspace, study)
    inputs = {name: read_input(workspace, study, name) for name in wanted if name != BOUNDARY}
    boundary = _boundary(workspace, panel) if BOUNDARY in wanted else None
    told = remarks(read_barred(workspace, study))
    return Seen(study, panel, {**inputs, **results}, workspace.sources()[0].data_kind, boundary, told)


def read_barred(workspace: Workspace, study: Study) -> "pd.DataFrame":
    """The figures a study rests on whose licence bars passing them on."""
    from medpanel.publishing.withheld import rests_on

    return rests_on(study, read_table(workspace, BARRED))


def _boundary(workspace: Workspace, panel: "Panel") -> "pd.DataFrame | None":
    """Polygons of the map of all entities, if exactly one was given; else None: there is no guessing among several."""
    import pandas as pd

    path = workspace.lake / "boundary.parquet"
    if not path.is_file():
        return None
    rows = pd.read_parquet(path)
    maps = [part for _, part in rows.groupby("file_id") if set(panel.codes) <= set(part["code"])]
    return maps[0] if len(maps) == 1 else None


def put(file: Path, target: Path) -> "pd.DataFrame":
    """Move a result to the study's results, and read it."""
    import pandas as pd

    target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)
    return pd.read_parquet(target)
