"""What the grid says, as two printed tables: posterior probabilities by weights, and a reading in words.

Belongs here: rows and words. Does not belong here: computing (grid.py), drawing (figure.py).
"""

from __future__ import annotations

import pandas as pd

from catalog.base import Text
from catalog.identity import variant_choices
from catalog.labels import label_of, load_labels, weights_label
from catalog.parts.weights_grid import Options
from models_py.figures.table import NOTHING, ReportTable, Row, number
from models_py.parts.findings import both

TITLE = both("Posterior probabilities of weights and models", "权重与模型的后验概率")
STEM = "weights_grid_table"


def construction_label(variant: str) -> Text:
    """The construction of the index; the study's own by name."""
    if not variant:
        return both("own index", "本研究指数")
    labels = load_labels()
    parts = []
    for key, value in variant_choices(variant).items():
        name = labels.variants.get(key, both(key, key))
        option = labels.options.get(key, {}).get(value, both(value, value))
        parts.append(both(f"{name.en}: {option.en}", f"{name.zh}：{option.zh}"))
    return both(", ".join(one.en for one in parts), "，".join(one.zh for one in parts))


def model_label(model: str) -> Text:
    """The name of a kind of model."""
    return load_labels().estimators[model]


def posterior_table(rows: pd.DataFrame, options: Options, synthetic: bool) -> ReportTable:
    """Weights down, models across, of the study's own construction; then the likeliest of every construction."""
    own = rows[rows["variant"] == ""]
    held = {(row["weights"], row["estimator"]): row for row in own.to_dict("records")}
    body = []
    for name in options.weights:
        cells = [held.get((name, model)) for model in options.models]
        shown = tuple(
            NOTHING
            if one is None or pd.isna(one["posterior"])
            else _percent(one["posterior"]) + ("" if pd.isna(one["rho"]) else f"\n{number(one['rho'])}")
            for one in cells
        )
        body.append(Row(weights_label(name), shown))
    prior = own.dropna(subset=["posterior"]).iloc[0]
    notes = (
        both(
            "Posterior probability among all cells, and below it rho (SEM: lambda). It compares these models alone, "
            "and says nothing of a matrix that is not here.",
            "各格为后验概率，下行为ρ（SEM为λ）。仅在表内模型间比较，不涉及未列权重。",
        ),
        both(f"As of the first cell. {prior['note_en']}", f"以首格为例：{prior['note_zh']}"),
        *summary(rows),
        *remarks(rows),
    )
    header = tuple(model_label(model) for model in options.models)
    return ReportTable(STEM, TITLE, (header,), tuple(body), notes, synthetic)


def _percent(share: float) -> str:
    return "< 0.1%" if share < 0.0005 else f"{number(100 * share, 1)}%"


def at_edge(rows: pd.DataFrame) -> pd.Series:
    """Which estimates lie at an end of the feasible interval, within 2 % of its length."""
    length = rows["interval_high"] - rows["interval_low"]
    return (rows["interval_high"] - rows["rho"]).clip(upper=rows["rho"] - rows["interval_low"]) < 0.02 * length


def remarks(rows: pd.DataFrame) -> list[Text]:
    """Estimates at the edge, and what could not be estimated, with the reason."""
    known = rows.dropna(subset=["rho"])
    edge, lost = int(at_edge(known).sum()), rows[rows["log_marginal"].isna()]
    said = []
    if edge:
        said.append(
            both(
                f"{edge} of {len(known)} estimates lie at an end of the feasible interval: their intervals are not "
                "to be trusted.",
                f"{len(known)}个估计中{edge}个位于可行区间端点，其区间不可信。",
            )
        )
    for name, own in lost.groupby("weights", sort=False):
        label, first = weights_label(str(name)), own.iloc[0]
        said.append(both(f"{label.en}: {first['note_en']}", f"{label.zh}：{first['note_zh']}"))
    return said


def summary(rows: pd.DataFrame) -> list[Text]:
    """One sentence for each construction: range and signs of rho, the likeliest cell and its odds against the next."""
    said = []
    for variant, own in rows.groupby("variant", sort=False):
        known = own.dropna(subset=["rho"])
        told = construction_label(str(variant))
        fine = own.dropna(subset=["posterior"]).sort_values("posterior", ascending=False)
        if known.empty or fine.empty:
            continue
        sure = known[(known["ci_low"] > 0) | (known["ci_high"] < 0)]
        best = {str(name): value for name, value in fine.iloc[0].items()}
        odds = float(fine["log_marginal"].iloc[0] - fine["log_marginal"].iloc[1]) if len(fine) > 1 else 0.0
        label = label_of({**best, "variant": ""}, model=both("", ""))
        positive, n = int((known["rho"] > 0).sum()), len(known)
        low, high = number(known["rho"].min()), number(known["rho"].max())
        said.append(
            both(
                f"{told.en}: rho or lambda between {low} and {high}, positive in {positive} of {n}, interval without "
                f"zero in {len(sure)}; likeliest {label.en} ({100 * best['posterior']:.1f} %, log odds "
                f"{number(odds, 2)} against the next).",
                f"{told.zh}：ρ或λ在{low}至{high}之间，{n}个中{positive}个为正，{len(sure)}个区间不含零；"
                f"后验最大者为{label.zh}（{100 * best['posterior']:.1f}%，对次者的对数优势{number(odds, 2)}）。",
            )
        )
    return said
