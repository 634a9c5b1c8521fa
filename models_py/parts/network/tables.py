"""The printed tables of networks: under several thresholds, by what is known of unlisted pairs, beside official lists.

Belongs here: their rows, words and notes, and what thresholds are called. Does not belong here: computing (built.py).
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.parts.network import Options, threshold_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number

_CALLED = {
    "positive_mean": Text(zh="正流量均值", en="Mean of positive flows"),
    "global_mean": Text(zh="全部节点对均值", en="Mean over all pairs"),
    "any": Text(zh="任何流量", en="Any flow"),
    "top_k": Text(zh="每个起点前{}位", en="{} largest of each origin"),
    "quantile": Text(zh="正流量{}分位数", en="Quantile {} of positive flows"),
    "disparity": Text(zh="骨干网络（α={}）", en="Backbone, α = {}"),
}
_ABSENT = ("absent_no_flow", "absent_left_out", "absent_no_figures")
_OWN = Text(zh="本研究所选", en="the study's own")
_LIMIT = Text(
    zh="{network}：模型使用全部单元；受访者少于{n}的单元不发布，其余按5取整。",
    en="Models of {network} use all cells; those of fewer than {n} respondents are not published, others are rounded "
    "to 5.",
)
_ABOVE = Text(zh="各网络的节点说明见阈值表注。", en="Of the nodes of each network the notes on thresholds tell.")
_OFF = Text(
    zh="{network}：发布下限已按设定关闭。", en="{network}: the limit for publication was switched off by its setting."
)


def threshold_name(threshold: str) -> Text:
    """What print calls a threshold."""
    kind, value = threshold_of(threshold)
    shown = "" if value is None else f"{value:g}"
    return Text(zh=_CALLED[kind].zh.format(shown), en=_CALLED[kind].en.format(shown))


def thresholds_table(summary: pd.DataFrame, options: Options, stem: str, title: Text, synthetic: bool) -> ReportTable:
    """A row for each network and threshold. `summary`: rows of network_summary of one study."""
    body = []
    for block, row in _rows(summary):
        name = threshold_name(row["threshold"])
        if row["own"]:
            name = Text(zh=f"{name.zh}（{_OWN.zh}）", en=f"{name.en} ({_OWN.en})")
        cells: tuple[Cell, ...] = (
            name,
            number(row["n_ties"], 0),
            number(row["density"], 4),
            number(row["mean_degree"], 1),
            number(row["isolates"], 0),
            f"{number(100 * row['flow_kept'], 1)}%" if pd.notna(row["flow_kept"]) else NOTHING,
            number(row["unknown"], 0),
        )
        body.append(Row(_title(row, options), cells, block))
    header = (
        Text(zh="阈值", en="Threshold"),
        Text(zh="边数", en="Ties"),
        Text(zh="密度", en="Density"),
        Text(zh="平均度", en="Mean degree"),
        Text(zh="孤立节点", en="Isolates"),
        Text(zh="保留流量", en="Flow kept"),
        Text(zh="未知对数", en="Pairs unknown"),
    )
    said = Text(
        zh="边为达到阈值的有序节点对，自环不计。密度以状态已知的节点对为分母。",
        en="A tie is an ordered pair whose flow reaches the threshold; no self-loops. Density: of pairs whose state is "
        "known.",
    )
    notes = (said, *_notes(summary, options))
    return ReportTable(stem, title, (header,), tuple(body), notes, synthetic, text_columns=(0,))


def unlisted_table(summary: pd.DataFrame, options: Options, stem: str, title: Text, synthetic: bool) -> ReportTable:
    """A row for each network under its own threshold: what is known, and three densities."""
    body = [
        Row(
            _title(row, options),
            (
                *(number(row[name], 0) for name in ("n_nodes", "dyads", "listed", "known_non_ties", "unknown")),
                *(number(row[name], 4) for name in ("density", "density_all_zero", "density_listed_only")),
            ),
            block,
        )
        for block, row in _rows(summary[summary["own"].astype(bool)])
    ]
    header = (
        Text(zh="节点", en="Nodes"),
        Text(zh="有序对", en="Ordered pairs"),
        Text(zh="已列出", en="Listed"),
        Text(zh="未列出、已知不成边", en="Unlisted, no tie"),
        Text(zh="未知", en="Unknown"),
        Text(zh="密度", en="Density"),
        Text(zh="未列出均视为零", en="All unlisted zero"),
        Text(zh="仅限已列出", en="Listed only"),
    )
    said = Text(
        zh="服务商只列出各地最大的往来地；未列出的流量不超过任一端已满名单的最小值，名单未满者为零。"
        "上限低于阈值即已知不成边，否则未知，不作零处理。“仅限已列出”按结果选样，不可用于推断。",
        en="Services list only a place's largest partners; an unlisted flow is at most the smallest entry of either "
        "end's full list, and zero where a list is not full. Below the threshold that is known to be no tie; otherwise "
        "it is unknown, not zero. “Listed only” selects on the outcome and is no basis for inference.",
    )
    return ReportTable(stem, title, (header,), tuple(body), (said, _ABOVE), synthetic)


def official_table(summary: pd.DataFrame, options: Options, stem: str, title: Text, synthetic: bool) -> ReportTable:
    """A row for each network under its own threshold: its nodes and the units of the official list, and what differs.
    `summary`: rows that have an official list.
    """
    names = ("official_year", "official_units", "n_nodes", *_ABSENT, "extra_nodes")
    body = [
        Row(_title(row, options), tuple(str(int(row[name])) for name in names), block) for block, row in _rows(summary)
    ]
    header = (
        Text(zh="年末", en="End of"),
        Text(zh="名单单位数", en="Units in the list"),
        Text(zh="节点", en="Nodes"),
        Text(zh="缺少（无流动）", en="Absent: no flow"),
        Text(zh="缺少（研究剔除）", en="Absent: left out"),
        Text(zh="缺少（无数据）", en="Absent: no figures"),
        Text(zh="名单外节点", en="Nodes not in the list"),
    )
    said = Text(
        zh="官方名单为各级区划年末在册单位，由研究文件选定类别与年份。各单位见 node_list_gap 表。",
        en="The official list: the units that stood at the end of the year, of the kinds the study names. Each that "
        "differs is in the table node_list_gap.",
    )
    return ReportTable(stem, title, (header,), tuple(body), (said, _ABOVE), synthetic)


def _rows(summary: pd.DataFrame) -> list[tuple[int, Mapping[Any, Any]]]:
    """Rows with the number of their network."""
    numbers = pd.factorize(summary["network"])[0]
    return list(zip(map(int, numbers), summary.to_dict("records"), strict=True))


def _title(row: Mapping[Any, Any], options: Options) -> Text:
    return options.networks[row["network"]].title


def _notes(summary: pd.DataFrame, options: Options) -> list[Text]:
    """What must be known of each network, and of its limit for publication."""
    notes = []
    for row in summary[summary["own"].astype(bool)].to_dict("records"):
        title = _title(row, options)
        notes.append(Text(zh=f"{title.zh}：{row['note_zh']}", en=f"{title.en}: {row['note_en']}"))
        if pd.notna(row["small_cells"]):
            limit = int(row["small_cells"])
            text = _LIMIT if limit > 1 else _OFF
            zh, en = text.zh.format(n=limit, network=title.zh), text.en.format(n=limit, network=title.en)
            notes.append(Text(zh=zh, en=en))
    return notes
