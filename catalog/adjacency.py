"""Which provinces border on which: the dbt seed, for checking weights matrices. Using contiguity: models_py/."""

import csv
from functools import cache

from catalog.base import PROJECT_DIR

_SEED = PROJECT_DIR / "dbt" / "seeds" / "province_adjacency.csv"


@cache
def load_adjacency() -> frozenset[tuple[int, int]]:
    """(province code, neighbour's code) in both orders, 广东-海南 by convention included."""
    with _SEED.open(encoding="utf-8", newline="") as stream:
        return frozenset((int(row["province_code"]), int(row["neighbour_code"])) for row in csv.DictReader(stream))
