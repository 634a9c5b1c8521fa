"""The years of each study, settled once the warehouse is built and recorded as `study_window` before anything else of
the study is made: a run of single assets uses the years on record. Judging them: models_py/windows.py.
"""

from pathlib import Path

import dagster as dg

from catalog import Study, load_registry
from catalog.panels import load_units
from dagster_project.assets.studies import put, read_input, read_table
from dagster_project.groups import results_group
from dagster_project.metadata import describe, table_metadata
from dagster_project.writing import filled, needs_and_makes, tell_done, writing
from medpanel.reuse import code_of, fingerprint
from medpanel.runs.warehouse import connect
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import needs_of, parts_of
from models_py.windows import WINDOW, Input, Needs, by_year, reported, settled, window_row

# Figures of the panel's unit that rest on an interpolated one. A constant of the place that was carried is no gap.
_FILLED = """
select figure.entity_code, figure."year", input.indicator
from main.observation as figure
inner join main.indicator_input as input on figure.indicator = input.input_indicator
where figure.chosen and figure.status = 'interpolated' and figure.entity_level = ?
"""


def window_asset(workspace: Workspace, study: Study) -> dg.AssetsDefinition:
    """The study's row of study_window, for which its last year is settled."""
    unit, needs = load_units()[study.panel.unit], _by_year(study)
    tables = [unit.figures, unit.entities, "observation", "indicator_input", *(_TABLES[need] for need in needs)]
    deps = [dg.AssetKey(table) for table in tables if table is not None]
    spec = dg.AssetSpec([study.id, WINDOW], deps=deps, description=describe(WINDOW), kinds={"python", "pandas"})

    @dg.multi_asset(name=f"{study.id}__window", group_name=results_group(study.id), specs=[spec])
    def window(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from models_py.parts.rows import as_table

        with writing(context, workspace, *needs_and_makes(context)):
            found, kind = read_needs(workspace, study), workspace.sources()[0].data_kind

            def write(folder: Path) -> None:
                row = window_row(study, settled(study, found), found)
                as_table([row], WINDOW).to_parquet(folder / f"{WINDOW}.parquet", index=False)

            key = fingerprint(study=study.content, needs=found.content, code=code_of(__name__, "models_py.windows"))
            made = filled(context, workspace, "window", key, write)
            frame = put(made / f"{WINDOW}.parquet", workspace.results / study.id / f"{WINDOW}.parquet")
            row = frame.iloc[0]
            years = f"{row['first_year']}-{row['last_year']}"
            tell_done(context, workspace, f"years {years}", f"年份 {years}")
            return dg.MaterializeResult(
                [study.id, WINDOW], metadata={**table_metadata(frame, WINDOW), "data_kind": kind}
            )

    return window


# Inputs of parts that are by year besides the panel's figures, and where they are read. Not smart_exposure itself: its
# checks wait for the study's years.
_TABLES = {"smart_exposure": "int_exposure_variant", "figures_long": "int_figure_long"}


def _by_year(study: Study) -> list[str]:
    needed = {need for one in parts_of(study) for need in needs_of(study, one)}
    return [name for name in _TABLES if name in needed]


def read_needs(workspace: Workspace, study: Study) -> Needs:
    """What a study needs of each year, and what of it the warehouse has."""
    unit = load_units()[study.panel.unit]
    figures = read_input(workspace, study, "figures")
    with connect(workspace.warehouse) as connection:
        gaps = connection.execute(_FILLED, [unit.id]).df()
    entities = read_table(workspace, unit.entities or "").rename(columns={unit.code_column: "entity_code"})
    if not unit.complete:
        entities = entities[entities["entity_code"].isin(figures["entity_code"])]
    inputs = [
        one if unit.complete else Input(one.name, one.have, whole=False)
        for one in reported(figures, gaps, study.indicators)
    ]
    others = [_other(workspace, study, name) for name in _by_year(study)]
    names = zip(entities["name_zh"], entities["name_en"], entities["entity_code"], strict=True)
    ended = entities.dropna(subset="last_year") if "last_year" in entities else entities[:0].assign(last_year=0)
    return Needs(
        # Without a pilot list nothing is known of exposure, in no year.
        inputs=(*inputs, *(one for one in others if one.have)),
        places={int(code): f"{zh} {en} ({code})" for zh, en, code in sorted(names, key=lambda name: name[2])},
        many=unit.many,
        ended={int(code): int(year) for code, year in zip(ended["entity_code"], ended["last_year"], strict=True)},
    )


def _other(workspace: Workspace, study: Study, name: str) -> Input:
    """An input that is no indicator of the panel. Which types of facility are reported changes from year to year."""
    if name == "smart_exposure":
        rows = read_table(workspace, _TABLES[name], study.id).dropna(subset="exposure")
        rows = rows[rows["preferred"]]
        return Input(name, by_year(zip(rows["province_code"], rows["year"], strict=True)), of_lists=True)
    types = [indicator.id for indicator in load_registry().reported if not indicator.wide]
    rows = read_table(workspace, _TABLES[name])
    rows = rows[rows["indicator"].isin(types)]
    return Input(name, by_year(zip(rows["entity_code"], rows["year"], strict=True)), whole=False)
