"""Rows of moran_global and moran_local, each global one with what it says in words.

Belongs here: which years and weights, the columns of both tables, the words. Does not belong here: the statistics
(models_py/spatial), drawing (figure_*.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text, refuse
from catalog.identity import Identity
from catalog.labels import variable_label, weights_label
from catalog.parts.moran import Options
from models_py.figures.table import number, p_number
from models_py.panel import ENTITY, Panel
from models_py.parts.frame import Tables, Work
from models_py.parts.regressions.variables import prepare_variables
from models_py.parts.rows import as_table, note, of_entities
from models_py.parts.spatial_weights import weights_of_study
from models_py.spatial.moran import MoranError, moran, prepared
from models_py.spatial.moran_tables import moran_local

ESTIMATOR, MODEL = "moran", "moran"
LEVEL = 0.05


def moran_tables(work: Work) -> Tables:
    """Tables moran_global and moran_local. Raises MoranError naming a place without a value, WeightsError."""
    options, study, panel = work.options, work.study, work.panel
    frame = prepare_variables(work.tables["figures"], work.offered, study, panel)
    values = frame.pivot(index=ENTITY, columns="year", values=options.variable).reindex(list(panel.codes))
    _refuse_gaps(values, options.variable, panel)
    weights = weights_of_study(work)
    rows = [
        {**identity_of(study, options, name).columns, "variable": options.variable, **row}
        for name, matrix in weights.items()
        for row in _global(values, matrix, options, study, name)
    ]
    own = options.weights[0]
    local = [_local(values[year], weights[own], options, int(year)) for year in local_years(options, panel)]
    found = pd.concat(local, ignore_index=True).assign(
        **identity_of(study, options, own).columns, variable=options.variable
    )
    return {"moran_global": as_table(rows, "moran_global"), "moran_local": of_entities(found, "moran_local", panel)}


def identity_of(study: Study, options: Options, weights: str) -> Identity:
    """The identity of rows under one matrix of weights."""
    return Identity(study.id, options.table_no, MODEL, estimator=ESTIMATOR, weights=weights)


def local_years(options: Options, panel: Panel) -> tuple[int, ...]:
    """Years of the local statistics: those asked for, else the first, middle and last."""
    first, last = panel.years
    return options.local_years or tuple(dict.fromkeys((first, (first + last) // 2, last)))


def _refuse_gaps(values: pd.DataFrame, variable: str, panel: Panel) -> None:
    gaps = values.isna()
    cells = [f"{panel.label(int(code))} {year}" for year in gaps for code in gaps.index[gaps[year]]]
    many = f" ({len(cells)} in all)" if len(cells) > 3 else ""
    refuse(
        (cells[:3], f"Moran's I needs a value of {variable} in every place and year; none of {{}}{many}"),
        error=MoranError,
    )


def _global(
    values: pd.DataFrame, matrix: pd.DataFrame, options: Options, study: Study, name: str
) -> list[dict[str, Any]]:
    rows = []
    for year in values.columns:
        found = moran(values[year], matrix, options.permutations, [options.seed, int(year)])
        said = words(found, study, options.variable, name, int(year))
        rows.append({"year": int(year), **found, "seed": options.seed, "n": len(matrix), **note(said.en, said.zh)})
    return rows


def words(found: Mapping[str, Any], study: Study, variable: str, weights: str, year: int) -> Text:
    """What a value of Moran's I says and does not say."""
    label, matrix = variable_label(study, variable), weights_label(weights)
    above, sure = found["i"] > found["expected_i"], found["p_sim"] <= LEVEL
    like = ("alike", "相似") if above else ("unlike", "相异")
    strength = (
        (f"neighbours are {like[0]} beyond chance", f"相邻地区{like[1]}，超出随机")
        if sure
        else ("no pattern beyond chance", "未见超出随机的空间格局")
    )
    i, expected, p = number(found["i"], 4), number(found["expected_i"], 4), p_number(found["p_sim"])
    return Text(
        en=f"{label.en}, {year}, {matrix.en}: I {i} against {expected} without correlation "
        f"(z {number(found['z_norm'], 2)} under normality, {number(found['z_rand'], 2)} under randomisation; "
        f"permutations p {p}): {strength[0]} at 5 %. It does not say why, nor that one place moves another.",
        zh=f"{year}年{label.zh}（{matrix.zh}）：I＝{i}，无空间相关时为{expected}"
        f"（正态假设z＝{number(found['z_norm'], 2)}，随机化假设z＝{number(found['z_rand'], 2)}，置换p值{p}）；"
        f"5%水平上{strength[1]}。不说明原因，也不表示一地影响另一地。",
    )


def _local(values: pd.Series, matrix: pd.DataFrame, options: Options, year: int) -> pd.DataFrame:
    """The local statistics of one year, with the coordinates of the scatter plot."""
    found = moran_local(values, matrix, options.permutations, [options.seed, year])
    z, w = prepared(values, matrix)
    standard = z / z.std()
    scatter = {"z": standard, "lag": w @ standard}
    return found.assign(**scatter, year=year, **{ENTITY: matrix.index})
