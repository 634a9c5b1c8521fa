"""The files of a study: its report of tables and figures, and the replication bundle. Making them is medpanel/."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from catalog import Study, load_provinces
from catalog.base import Text
from dagster_project.assets.studies import read_input, read_results, read_table, table_of
from dagster_project.writing import needs_and_makes, writing
from medpanel.report.items import item_of, items_of
from medpanel.workspace import Workspace
from models_py.study_parts import maker, results_of

if TYPE_CHECKING:
    import pandas as pd

    from medpanel.report.writing import ReportFile

_PANEL = ("province_year", "exposure_variant")


def file_assets(workspace: Workspace, study: Study) -> list[dg.AssetsDefinition]:
    """The report and the bundle of a study."""
    return [_report_asset(workspace, study), _replication_asset(workspace, study)]


def _report_asset(workspace: Workspace, study: Study) -> dg.AssetsDefinition:
    items = items_of(study)
    # A table or figure whose data a study lacks is skipped; the page itself is always there.
    exposure = [dg.AssetKey("smart_exposure")] if study.exposure is not None else []
    deps = [*_keys(study), *exposure, *([dg.AssetKey(["lake", "boundary"])] if study.figure_1 is not None else [])]
    specs = [
        dg.AssetSpec(
            [study.id, "report", item.name],
            deps=deps,
            skippable=True,
            description=f"{item.title.en} / {item.title.zh}",
            kinds={item.kind},
        )
        for item in items
    ]
    page = dg.AssetSpec(
        [study.id, "report"], deps=deps, description="Page of all tables and figures. / 全部图表页面。", kinds={"html"}
    )

    @dg.multi_asset(name=f"{study.id}__report", group_name=study.id, specs=[page, *specs])
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        from medpanel.report.writing import write_report

        with writing(context, workspace, *needs_and_makes(context)):
            results = {table: read_results(workspace, study.id, names) for table, names in results_of(study).items()}
            if study.exposure is not None:
                results["smart_exposure"] = read_table(workspace, "smart_exposure", study.id)
            kind = workspace.sources()[0].data_kind
            files = write_report(
                results,
                study,
                kind,
                _fresh(workspace.results / study.id / "report"),
                boundary=_boundary(workspace) if study.figure_1 is not None else None,
            )
            context.log.info(f"{study.id}: report of {len(files)} files")
            by_item: dict[str, list[ReportFile]] = {}
            for file in files:
                item = item_of(file.stem, items)
                by_item.setdefault("report" if item is None else item.name, []).append(file)
            yield dg.MaterializeResult([study.id, "report"], metadata=_shown(by_item.pop("report"), kind))
            for name, shown in by_item.items():
                yield dg.MaterializeResult([study.id, "report", name], metadata=_shown(shown, kind))

    return report


def _shown(files: "list[ReportFile]", kind: str) -> dict[str, Any]:
    """File names, and the item itself as the UI can show it: pictures of figures, tables as Markdown."""
    shown: dict[str, Any] = {
        "files": dg.MetadataValue.md("\n".join(f"- {file.path.name}" for file in files)),
        "data_kind": kind,
    }
    for file in files:
        if file.preview is not None:
            picture = base64.b64encode(file.preview).decode()
            shown[f"preview {file.stem}"] = dg.MetadataValue.md(f"![{file.title_en}](data:image/png;base64,{picture})")
        elif file.path.suffix == ".md":
            # The UI drops HTML from Markdown, the line breaks within cells too.
            text = file.path.read_text(encoding="utf-8").replace("<br>", " ")
            shown[f"preview {file.stem}"] = dg.MetadataValue.md(text)
    return shown


def _boundary(workspace: Workspace) -> "pd.DataFrame | None":
    """Polygons of the one map of the 31 provinces that was given; None otherwise: which of several is not guessed."""
    import pandas as pd

    path = workspace.lake / "boundary.parquet"
    if not path.is_file():
        return None
    rows = pd.read_parquet(path)
    codes = {province.province_code for province in load_provinces()}
    maps = [part for _, part in rows.groupby("file_id") if codes <= set(part["code"])]
    return maps[0] if len(maps) == 1 else None


def _keys(study: Study, tables: tuple[str, ...] | None = None) -> list[dg.AssetKey]:
    found = results_of(study)
    return [dg.AssetKey([study.id, name]) for table in tables or tuple(found) for name in found.get(table, ())]


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _replication_asset(workspace: Workspace, study: Study) -> dg.AssetsDefinition:
    needs = [need for need in _PANEL if need != "exposure_variant" or study.exposure is not None]
    tables = ("estimate", "model_fit", "performance_index")
    deps = [*(dg.AssetKey(table_of(need)) for need in needs), dg.AssetKey("source_file"), *_keys(study, tables)]
    text = Text(
        en="Samples, scripts for Stata, R and Python, and the numbers they must find again.",
        zh="样本、Stata/R/Python脚本及应得到的结果。",
    )
    spec = dg.AssetSpec(
        [study.id, "replication"], deps=deps, description=f"{text.en} / {text.zh}", kinds={"stata", "r", "python"}
    )

    @dg.multi_asset(name=f"{study.id}__replication", group_name=study.id, specs=[spec])
    def replication(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from medpanel.replication import write_bundle
        from models_py.parts.regressions.study_models import study_models

        with writing(context, workspace, *needs_and_makes(context)):
            inputs = {need: read_input(workspace, study, need) for need in needs}
            found = results_of(study)
            if "performance_index" in found:
                inputs["performance_index"] = read_results(workspace, study.id, found["performance_index"])
            kind = workspace.sources()[0].data_kind
            models = study_models(maker(study, inputs))
            files = write_bundle(
                [model.data for model in models],
                read_results(workspace, study.id, found["estimate"]),
                read_results(workspace, study.id, found["model_fit"]),
                study,
                kind,
                _fresh(workspace.results / study.id / "replication"),
                sources=read_table(workspace, "source_file").assign(data_kind=kind),
                notes={(model.data.table_no, model.data.model): model.notes for model in models},
            )
            context.log.info(f"{study.id}: replication bundle of {len(files)} files, {len(models)} models")
            listing = "\n".join(f"- {path.name}" for path in files)
            return dg.MaterializeResult(
                [study.id, "replication"], metadata={"files": dg.MetadataValue.md(listing), "data_kind": kind}
            )

    return replication
