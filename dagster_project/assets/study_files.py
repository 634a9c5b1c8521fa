"""The files of a study: its report of tables and figures, and the replication bundle. Making them is medpanel/."""

import base64
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from catalog import Study
from catalog.base import Text
from dagster_project.assets.studies import (
    BOUNDARY,
    entities_of,
    read_need,
    read_panel,
    read_results,
    read_seen,
    read_table,
    sources_of,
)
from dagster_project.writing import needs_and_makes, writing
from medpanel.report.items import Item, item_of, items_of
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import needs_of, replicated_of, results_of, shown_inputs, table_of, work_of

if TYPE_CHECKING:
    from medpanel.report.writing import ReportFile
    from models_py.parts.registry import StudyPart
    from models_py.parts.regressions.study_models import StudyModel


def file_assets(workspace: Workspace, study: Study) -> list[dg.AssetsDefinition]:
    """The report of a study, and a bundle where it has regressions to be replicated."""
    replicated = replicated_of(study)
    bundle = [_replication_asset(workspace, study, replicated)] if replicated else []
    return [_report_asset(workspace, study), *bundle]


def folders_of(study: Study) -> tuple[str, ...]:
    """The folders of files a study has beside its tables."""
    return ("report", "replication") if replicated_of(study) else ("report",)


def _report_asset(workspace: Workspace, study: Study) -> dg.AssetsDefinition:
    items = items_of(study)
    deps = [*_result_keys(study), *entities_of(study), *(_shown_key(study, name) for name in shown_inputs(study))]
    page = dg.AssetSpec(
        [study.id, "report"], deps=deps, description="Page of all tables and figures. / 全部图表页面。", kinds={"html"}
    )

    @dg.multi_asset(
        name=f"{study.id}__report",
        group_name=study.id,
        specs=[page, *(_item_spec(study, item, deps) for item in items)],
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        from ingestion.build.worker_pool import cores
        from medpanel.report.writing import write_report

        with writing(context, workspace, *needs_and_makes(context)):
            seen = read_seen(workspace, study)
            files = write_report(seen, _fresh(workspace.results / study.id / "report"), processes=cores())
            context.log.info(f"{study.id}: report of {len(files)} files")
            by_item: dict[str, list[ReportFile]] = {}
            for file in files:
                item = item_of(file.stem, items)
                by_item.setdefault("report" if item is None else item.name, []).append(file)
            yield dg.MaterializeResult([study.id, "report"], metadata=_shown(by_item.pop("report"), seen.data_kind))
            for name, shown in by_item.items():
                yield dg.MaterializeResult([study.id, "report", name], metadata=_shown(shown, seen.data_kind))

    return report


def _item_spec(study: Study, item: Item, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    # A table or figure whose data a study lacks is skipped; the page itself is always there.
    return dg.AssetSpec(
        [study.id, "report", item.name],
        deps=deps,
        skippable=True,
        description=f"{item.title.en} / {item.title.zh}",
        kinds={item.kind},
    )


def _shown_key(study: Study, name: str) -> dg.AssetKey:
    return dg.AssetKey(["lake", BOUNDARY]) if name == BOUNDARY else dg.AssetKey(table_of(study, name) or name)


def _result_keys(study: Study) -> list[dg.AssetKey]:
    return [dg.AssetKey([study.id, name]) for names in results_of(study).values() for name in names]


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


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _replication_asset(workspace: Workspace, study: Study, replicated: "Sequence[StudyPart]") -> dg.AssetsDefinition:
    found = results_of(study)
    results = [dg.AssetKey([study.id, name]) for table in ("estimate", "model_fit") for name in found[table]]
    inputs = [key for one in replicated for need in needs_of(study, one) for key in sources_of(study, one, need)]
    text = Text(
        en="Samples, scripts for Stata, R and Python, and the numbers they must find again.",
        zh="样本、Stata/R/Python脚本及应得到的结果。",
    )
    spec = dg.AssetSpec(
        [study.id, "replication"],
        deps=list(dict.fromkeys([*inputs, *entities_of(study), dg.AssetKey("source_file"), *results])),
        description=f"{text.en} / {text.zh}",
        kinds={"stata", "r", "python"},
    )

    @dg.multi_asset(name=f"{study.id}__replication", group_name=study.id, specs=[spec])
    def replication(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from medpanel.replication import write_bundle

        with writing(context, workspace, *needs_and_makes(context)):
            kind = workspace.sources()[0].data_kind
            models = [model for one in replicated for model in _models(workspace, study, one, kind)]
            files = write_bundle(
                models,
                read_results(workspace, study.id, found["estimate"]),
                read_results(workspace, study.id, found["model_fit"]),
                study,
                kind,
                _fresh(workspace.results / study.id / "replication"),
                sources=read_table(workspace, "source_file").assign(data_kind=kind),
            )
            context.log.info(f"{study.id}: replication bundle of {len(files)} files, {len(models)} models")
            listing = "\n".join(f"- {path.name}" for path in files)
            return dg.MaterializeResult(
                [study.id, "replication"], metadata={"files": dg.MetadataValue.md(listing), "data_kind": kind}
            )

    return replication


def _models(workspace: Workspace, study: Study, one: "StudyPart", kind: str) -> "Sequence[StudyModel]":
    """The regressions of one part."""
    assert one.part.models is not None
    tables = {need: read_need(workspace, study, one, need) for need in needs_of(study, one)}
    return one.part.models(work_of(one, study, read_panel(workspace, study), tables, kind))
