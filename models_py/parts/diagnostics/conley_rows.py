"""Conley standard errors of a model's term as published rows, with what they allow for in words.

Belongs here: rows of `estimate` and `spec_test`. Does not belong here: the covariance (models_py/spatial/conley.py).
"""

from typing import Any, get_args

import pandas as pd

from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.panel import Panel
from models_py.parts.rows import as_table, note, of_model, typed
from models_py.spatial.conley import Kernel, NotPositiveError, conley, pair_distances

_NOT_AVAILABLE = "conley_not_available"


def conley_rows(data: ModelData, term: str, cutoff_km: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate`, one for each kernel, and of `spec_test`.

    Coordinates are those of the panel. Where a kernel gives a variance that is not positive its row of `estimate` is
    absent; where an entity of the sample has no coordinates all are; `conley_not_available` then says why.

    Raises EstimationError when the model cannot be estimated and for a term it does not have.
    """
    places = _places(data.panel)
    unknown = places.loc[places[["lon", "lat"]].isna().any(axis=1), ENTITY]
    used = data.frame.dropna(subset=[data.outcome, *data.regressors])[ENTITY]
    if unknown.isin(used).any():
        return as_table([], "estimate"), as_table([_no_places(data, unknown[unknown.isin(used)])], "spec_test")
    tests = [_pairs(data, places, cutoff_km)]
    estimates = []
    for kernel in get_args(Kernel):
        try:
            made = conley(data, places, cutoff_km, kernel, [term])
        except NotPositiveError as error:
            why = note(f"No standard error: {error}.", f"无标准误：{error}。")
            tests.append(data.named(test=_NOT_AVAILABLE, subject=kernel, **why))
            continue
        estimates.append(of_model(typed(made.assign(**data.identity.columns), "estimate"), data))
    found = pd.concat(estimates, ignore_index=True) if estimates else as_table([], "estimate")
    return found, as_table(tests, "spec_test")


def _places(panel: Panel) -> pd.DataFrame:
    rows = [(entity.code, entity.lon, entity.lat) for entity in panel.entities]
    return pd.DataFrame(rows, columns=[ENTITY, "lon", "lat"])


def _no_places(data: ModelData, unknown: pd.Series) -> dict[str, Any]:
    who = data.panel.named(unknown)
    return data.named(
        test=_NOT_AVAILABLE,
        subject="",
        **note(
            f"No Conley standard error: the panel gives no coordinates of {who}.",
            f"未计算Conley标准误：面板未提供以下{data.panel.unit.one.zh}的坐标：{who}。",
        ),
    )


def _pairs(data: ModelData, places: pd.DataFrame, cutoff_km: float) -> dict[str, Any]:
    """Row `conley_pairs`: pairs of entities nearer than the cutoff, and the convention of the standard errors."""
    distances = pair_distances(data, places)
    one, many, zh = data.panel.unit.one.en, data.panel.unit.many.en, data.panel.unit.many.zh
    words = note(
        f"Pairs of {many}, of {len(distances)}, whose coordinates (columns lon and lat of their table) lie less than "
        f"{cutoff_km:g} km apart (great circle). The conley_* standard errors allow for correlation between them "
        f"within a year, weighted by 1 - d/cutoff (bartlett) or 1 (uniform), and for any correlation within a {one} "
        "over the years; small-sample factor of CR1; t with G - 1 degrees of freedom; no random numbers.",
        f"共{len(distances)}对{zh}中，坐标（表中lon、lat）的大圆距离小于{cutoff_km:g}公里的对数。conley_*标准误允许同年内"
        f"这些{zh}相关（bartlett权重1－d/阈值，uniform权重1），并允许同一{zh}任意跨年相关；采用CR1小样本系数，"
        "t分布自由度G－1；不含随机数。",
    )
    return data.named(test="conley_pairs", subject="", statistic=int((distances < cutoff_km).sum()), **words)
