"""Albers' equal-area projection of degrees, for maps of China.

Belongs here: the formula. Does not belong here: drawing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Radius of the sphere of equal surface in km; standard parallels and central meridian usual for maps of China.
RADIUS, SOUTH, NORTH, MERIDIAN, ORIGIN = 6371.007, 25.0, 47.0, 105.0, 0.0


def albers(coordinates: Any) -> np.ndarray:
    """(longitude, latitude) rows in degrees to (x, y) rows in km; a third coordinate is left out.

    Spherical form: Snyder 1987, Map Projections: A Working Manual, equations 14-1 to 14-6.
    """
    degrees = np.asarray(coordinates, dtype="float64")[:, :2]
    south, north, origin = np.radians([SOUTH, NORTH, ORIGIN])
    n = (np.sin(south) + np.sin(north)) / 2
    c = np.cos(south) ** 2 + 2 * n * np.sin(south)
    rho = RADIUS / n * np.sqrt(c - 2 * n * np.sin(np.radians(degrees[:, 1])))
    rho_0 = RADIUS / n * np.sqrt(c - 2 * n * np.sin(origin))
    theta = n * np.radians(degrees[:, 0] - MERIDIAN)
    return np.column_stack([rho * np.sin(theta), rho_0 - rho * np.cos(theta)])
