"""The files of a study: its report of tables and figures, and the replication bundle. They are made by medpanel/."""

import base64
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from catalog import Study
from catalog.base import Text
from dagster_project.assets.studies import (
    BARRED,
    BOUNDARY,
    READING,
    entities_of,
    in_window,
    panel_key,
    part_key,
    read_barred,
    read_given,
    read_panel,
    read_result,
    read_results,
    read_seen,
    read_table,
    results_sha256,
    rows_sha256,
    sources_of,
    window_of,
)
from dagster_project.groups import report_group
from dagster_project.metadata import as_text, unlinked
from dagster_project.writing import filled, needs_and_makes, store_of, tell_done, writing
from medpanel.report.items import Item, item_of, items_of
from medpanel.reuse import Store, code_of, files_sha256, fingerprint
from medpanel.runs.workspace import Workspace
from models_py.parts.frame import Seen
from models_py.parts.registry import (
    StudyPart,
    modules_of,
    needs_of,
    replicated_of,
    results_of,
    seen_together,
    shown_inputs,
    shows_of,
    table_of,
    work_of,
)
from models_py.windows import WINDOW

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.show import Lang
    from models_py.parts.regressions.study_models import StudyModel

# What a bundle says of the files behind it; of what stands in them it has the samples.
_OF_FILES = (dg.AssetKey("source_file"), dg.AssetKey(BARRED))
CITED = ("vintage", "publisher", "licence", "accessed_on", "status")
# The tables of regressions.
REGRESSIONS = ("estimate", "model_fit")
# What Dagster shows of a report's items, kept beside it.
SHOWN = "shown.json"


def file_assets(workspace: Workspace, study: Study) -> list[dg.AssetsDefinition]:
    """The report of a study, and a bundle if it has numbers to replicate."""
    replicated = replicated_of(study)
    bundle = [_replication_asset(workspace, study, replicated)] if replicated else []
    return [_report_asset(workspace, study), *bundle]


def folders_of(study: Study) -> tuple[str, ...]:
    """The folders of files a study has besides its tables."""
    return ("report", "replication") if replicated_of(study) else ("report",)


def _report_asset(workspace: Workspace, study: Study) -> dg.AssetsDefinition:
    items = items_of(study)
    deps = [
        *_result_keys(study),
        *entities_of(study),
        dg.AssetKey(BARRED),
        *(_shown_key(study, name) for name in shown_inputs(study)),
    ]
    page = dg.AssetSpec(
        [study.id, "report"],
        deps=deps,
        description="Page of all tables and figures, and an archive of them. / 全部图表页面及其文件包。",
        kinds={"html"},
    )

    @dg.multi_asset(
        name=f"{study.id}__report",
        group_name=report_group(study.id),
        specs=[page, *(_item_spec(study, item) for item in items)],
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with writing(context, workspace, *needs_and_makes(context)):
            kind, settled = workspace.sources()[0].data_kind, in_window(workspace, study)

            def write(folder: Path) -> None:
                seen = read_seen(workspace, settled)
                _write_report(seen, folder, store_of(context, workspace), languages_of(workspace))

            made = filled(context, workspace, "report", _report_key(workspace, settled), write)
            _put_folder(made / "report", workspace.results / study.id / "report")
            shown = json.loads((made / SHOWN).read_text(encoding="utf-8"))
            count = sum(len(item["files"]) for item in shown.values())
            tell_done(context, workspace, f"report of {count} files", f"报告含{count}个文件")
            for name, item in shown.items():
                key = [study.id, "report"] if name == "report" else [study.id, "report", name]
                yield dg.MaterializeResult(key, metadata=_shown(item, kind))

    return report


def _item_spec(study: Study, item: Item) -> dg.AssetSpec:
    # A table or figure whose data a study lacks is skipped; the page itself is always there.
    return dg.AssetSpec(
        [study.id, "report", item.name],
        deps=_item_deps(study, item),
        skippable=True,
        description=as_text(f"{item.title.en} / {item.title.zh}"),
        kinds={item.kind},
    )


def _item_deps(study: Study, item: Item) -> list[dg.AssetKey]:
    """What an item shows: the results of its part, and the other results and inputs it names; the study's years."""
    (one, show), own = item.shown_by, results_of(study)
    results = [one.result(table) for table in one.part.makes]
    results += [name for need in show.needs for name in own.get(need, ())]
    keys = [dg.AssetKey([study.id, name]) for name in dict.fromkeys([*results, WINDOW])]
    others = [need for need in shown_inputs(study) if need in show.needs]
    return [*keys, *(_shown_key(study, need) for need in others)]


def _shown_key(study: Study, name: str) -> dg.AssetKey:
    return dg.AssetKey(["lake", BOUNDARY]) if name == BOUNDARY else dg.AssetKey(table_of(study, name) or name)


def _result_keys(study: Study) -> list[dg.AssetKey]:
    """Everything of the study that its report shows, and its years."""
    names = [name for names in results_of(study).values() for name in names]
    return [dg.AssetKey([study.id, name]) for name in (*names, WINDOW)]


def _report_key(workspace: Workspace, study: Study) -> str:
    """Fingerprint of everything a report is made from."""
    boundary, shown = workspace.lake / f"{BOUNDARY}.parquet", shown_inputs(study)
    inputs = {name: table_of(study, name) or name for name in shown if name != BOUNDARY}
    return fingerprint(
        study=study.content,
        panel=panel_key(workspace, study),
        results={name: results_sha256(workspace, study.id, names) for name, names in results_of(study).items()},
        window=results_sha256(workspace, study.id, [WINDOW]),
        inputs={name: rows_sha256(workspace, table, study.id) for name, table in inputs.items()},
        boundary=files_sha256([boundary]) if BOUNDARY in shown and boundary.is_file() else "",
        data_kind=workspace.sources()[0].data_kind,
        barred=read_barred(workspace, study),
        languages=list(languages_of(workspace)),
        code=code_of(
            READING, "medpanel.report.writing", *(f"models_py.parts.{one.id}.part" for one, _ in shows_of(study))
        ),
    )


def languages_of(workspace: Workspace) -> tuple["Lang", ...]:
    """The languages of tables and figures: the one that is declared, or both."""
    from models_py.figures.show import LANGS

    declared = workspace.sources()[0].language
    return LANGS if declared is None else (declared,)


def _write_report(seen: Seen, folder: Path, store: Store, langs: Sequence["Lang"]) -> None:
    """The report in a folder of its own, and beside it what Dagster shows of each item."""
    from ingestion.build.worker_pool import cores
    from medpanel.report.writing import write_report

    items = items_of(seen.study)
    shown: dict[str, dict[str, Any]] = {"report": {"files": [], "previews": {}}}
    for file in write_report(seen, folder / "report", langs=langs, processes=cores(), store=store):
        item = item_of(file.stem, items)
        of_item = shown.setdefault("report" if item is None else item.name, {"files": [], "previews": {}})
        of_item["files"].append(file.name)
        if file.preview is None:
            continue
        if file.kind == "figure":
            picture = base64.b64encode(file.preview).decode()
            told = as_text(file.title_en)
            of_item["previews"][f"{file.stem} {file.lang}"] = f"![{told}](data:image/png;base64,{picture})"
        else:
            # The UI drops HTML from Markdown, the line breaks within cells too.
            table = file.preview.decode().replace("<br>", " ")
            of_item["previews"][f"{file.stem} {file.lang}"] = unlinked(table)
    (folder / SHOWN).write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")


def _shown(item: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """File names, and the item itself as the UI can show it: pictures of figures, tables as Markdown."""
    return {
        **{f"preview {stem}": dg.MetadataValue.md(text) for stem, text in item["previews"].items()},
        "files": _listed(item["files"]),
        "data_kind": kind,
    }


def _listed(names: Iterable[str]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {as_text(name)}" for name in names))


def _put_folder(folder: Path, target: Path) -> None:
    """Move a folder of files to the study's results."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.replace(target)


def _replication_asset(workspace: Workspace, study: Study, replicated: Sequence[StudyPart]) -> dg.AssetsDefinition:
    results = _replicated_results(study, replicated)
    inputs = [key for one in replicated for need in needs_of(study, one) for key in sources_of(study, one, need)]
    text = Text(
        en="Samples, scripts for Stata, R and Python, and the numbers they must reproduce.",
        zh="样本、Stata/R/Python脚本及应得到的结果。",
    )
    own = [dg.AssetKey([study.id, name]) for name in results]
    spec = dg.AssetSpec(
        [study.id, "replication"],
        deps=list(dict.fromkeys([*inputs, *entities_of(study), *window_of(study), *_OF_FILES, *own])),
        description=f"{text.en} / {text.zh}",
        kinds={"stata", "r", "python"},
    )

    @dg.multi_asset(name=f"{study.id}__replication", group_name=report_group(study.id), specs=[spec])
    def replication(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with writing(context, workspace, *needs_and_makes(context)):
            from medpanel.publishing.withheld import told_sources, without
            from medpanel.replication import citations, scripts_of

            kind, settled = workspace.sources()[0].data_kind, in_window(workspace, study)
            sources = read_table(workspace, "source_file")[list(CITED)].assign(data_kind=kind)
            barred = without(read_barred(workspace, settled), workspace.sources()[0].release)
            scripts = {one.key: scripts_of(one.id) for one in replicated if one.part.replicate is not None}
            key = fingerprint(
                parts=[part_key(workspace, settled, one) for one in replicated],
                study=seen_together(settled, replicated).content,
                # Works are cited for every part of the study, with the versions of the software.
                citations=citations(settled, sources),
                results=results_sha256(workspace, study.id, results),
                sources=sources,
                withheld=barred,
                scripts=scripts,
                code=code_of(
                    READING, "medpanel.replication", *(name for one in replicated for name in modules_of(study, one))
                ),
            )
            target = workspace.results / study.id / "replication"

            def write(folder: Path) -> None:
                _write_replication(workspace, settled, replicated, scripts, sources, told_sources(barred), folder)

            _put_folder(filled(context, workspace, "replication", key, write), target)
            names = sorted(path.name for path in target.iterdir())
            tell_done(context, workspace, f"replication bundle of {len(names)} files", f"复现包含{len(names)}个文件")
            return dg.MaterializeResult(
                [study.id, "replication"],
                metadata={"files": _listed(names), "data_kind": kind},
            )

    return replication


def _replicated_results(study: Study, replicated: Sequence[StudyPart]) -> list[str]:
    """Names of the results whose numbers the scripts must find again: of regressions, and of parts that say so."""
    regressions = [name for table in REGRESSIONS for name in results_of(study).get(table, ())]
    others = [one.result(table) for one in replicated if one.part.replicate is not None for table in one.part.makes]
    fits = any(one.part.models is not None for one in replicated)
    return list(dict.fromkeys([*(regressions if fits else []), *others]))


def _write_replication(
    workspace: Workspace,
    study: Study,
    replicated: Sequence[StudyPart],
    scripts: Mapping[str, Mapping[str, str]],
    sources: "pd.DataFrame",
    withheld: Sequence[Text],
    folder: Path,
) -> None:
    """The bundle of a study: the regressions of its parts, and what else they bring; `scripts` by the part's key."""
    import pandas as pd

    from medpanel.replication import Computed, write_bundle

    kind, panel = workspace.sources()[0].data_kind, read_panel(workspace, study)
    models: list[StudyModel] = []
    computed = []
    for one in replicated:
        work = work_of(one, study, panel, read_given(workspace, study, one), kind)
        if one.part.models is not None:
            models += one.part.models(work)
        if one.part.replicate is not None:
            made = {table: read_result(workspace, study.id, one.result(table)) for table in one.part.makes}
            given = one.part.replicate(work, made)
            computed += [] if given is None else [Computed(one.key, given, scripts[one.key])]
    found = results_of(study)
    estimate, fit = (
        read_results(workspace, study.id, found[table]) if models else pd.DataFrame() for table in REGRESSIONS
    )
    others = computed if scripts else None
    write_bundle(models, estimate, fit, study, kind, folder, sources=sources, computed=others, withheld=withheld)
