"""The first layer: input files to the lake. The reading itself is ingestion/.

Definitions are loaded again and again by Dagster's processes, so nothing heavy is imported before an op runs.
"""

from collections.abc import Iterator

import dagster as dg

from dagster_project.metadata import table_metadata
from medpanel.runs import run_lock, run_state
from medpanel.runs.workspace import Workspace

# The lake tables shown as assets: those of ingestion.schemas.SHOWN.
LAKE_TABLES = {
    "observation": "Every figure read, with file, sheet, cell and raw text. / 读入的全部数值及其单元格。",
    "missing_cell": "Cells that stand empty or hold a missing mark. / 空白或缺失标记单元格。",
    "rejected_row": "Rows and cells refused, with reasons. / 被拒绝的行与单元格及原因。",
    "source_file": "Every file offered and what became of its rows. / 全部输入文件及其行数去向。",
    "correction": "Corrections declared for cells, and whether each was applied. / 更正及其执行情况。",
    "declared_splice": "Vintages declared to make up one series. / 声明可衔接为同一序列的数据版本。",
    "pilot": "Rows of the smart-city pilot lists. / 智慧城市试点名单。",
    "flow": "Movements between places, summed by file, origin and destination. / 地区间流量，按文件与起讫地汇总。",
    "flow_list": "How many partners a place's list names, and whether the list is cut. / 各地流量名单长度及是否截断。",
    "flow_scale": "Migration scale index of cities by period. / 城市迁徙规模指数。",
    "division": "Year-end lists of division codes. / 年末行政区划代码表。",
    "place_dialect": "Dialect of each prefecture-level unit. / 地级单位所属方言。",
    "boundary": "Map polygons. / 地图边界。",
    "spatial_weight": "Spatial weights matrices. / 空间权重矩阵。",
    "place": "Prefecture- and county-level units since 1981 and their changes. / 1981年以来的地级与县级区划及其沿革。",
}


def lake_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """One op that reads every file and yields the lake tables; those of persons (lake/private) are no assets."""

    @dg.multi_asset(
        name="read_files",
        group_name="lake",
        specs=[
            dg.AssetSpec(["lake", name], description=what, kinds={"python", "parquet"}, skippable=False)
            for name, what in LAKE_TABLES.items()
        ],
    )
    def read_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        import pandas as pd

        from ingestion import build_lake

        run_lock.hold(workspace.root, context.log.info)
        config_sha256 = run_state.begin_reading(workspace)
        sources, root = workspace.sources()
        summary = build_lake(root, sources, workspace.lake, context.log.info, corrections=workspace.corrections())
        parts = [f"lake/{name}" for name in LAKE_TABLES]
        run_state.record_reading(workspace, config_sha256, summary.inputs_sha256, summary.timings, parts)
        for name in LAKE_TABLES:
            frame = pd.read_parquet(workspace.lake / f"{name}.parquet")
            extra: dict[str, str] = {"data_kind": sources.data_kind}
            if name == "source_file":
                extra["files_reused"] = f"{summary.reused} of {len(summary.timings)}"
            yield dg.MaterializeResult(["lake", name], metadata=table_metadata(frame) | extra)

    return read_files
