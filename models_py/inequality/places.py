"""Where resources are dense for people and for land: HRAD, PAD, HRDI.

Belongs here: the three indices of each unit. Does not belong here: measures of all units together (measures.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def agglomeration(share: pd.Series, area: pd.Series) -> pd.Series:
    """Agglomeration degree of a resource (HRAD) or of people (PAD): (x_i / x) / (a_i / a), amounts x and areas a.

    A unit with the average density of all units has 1; HRAD / PAD above 1 is more than its share of people.
    """
    return (share / share.sum()) / (area / area.sum())


def resource_density(resource: pd.Series, people: pd.Series, area: pd.Series) -> pd.Series:
    """Health Resource Density Index: the geometric mean of resource per 1,000 people and per square kilometre.

    `people` in persons, `area` in square kilometres (Healthcare 2022, 10(8), 1401).
    """
    return np.sqrt((resource / people * 1000) * (resource / area))
