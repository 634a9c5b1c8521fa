"""Which entities of a panel are neighbours, as weights.

Belongs here: the units whose neighbours are known. Does not belong here: statistics made with weights
(models_py/spatial).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog import load_provinces
from catalog.adjacency import load_adjacency
from models_py.panel import Panel


def contiguity_weights(panel: Panel) -> pd.DataFrame | None:
    """Row-standardised contiguity of the panel's unit, index and columns entity codes; None where it is not declared.

    Of provinces: all 31, whichever the panel has. Guangdong and Hainan count as neighbours by convention, so every
    row sums to 1.
    """
    if panel.unit.id != "province":
        return None
    codes, pairs = [province.province_code for province in load_provinces()], load_adjacency()
    matrix = np.array([[float((row, column) in pairs) for column in codes] for row in codes])
    return pd.DataFrame(matrix / matrix.sum(axis=1, keepdims=True), index=codes, columns=codes)
