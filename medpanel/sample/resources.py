"""Synthetic health resources of the provinces, 2014-2023, each with a Gini coefficient chosen beforehand.

Belongs here: amounts per province and year, the file that prints them, the truth behind them. The Gini is computed here
in a few lines of its own, because it exists to be compared with what the study finds. Does not belong here: measures
(models_py/inequality).

Resource per resident is level x exp(s z): z are fixed normal quantiles over the provinces, in an order that drifts from
year to year, and s is solved for so that the Gini by population is the one planted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog import load_provinces
from medpanel.office.files import text_bytes
from medpanel.sample.randomness import normal_scores, random_stream, scores_in_order_of
from medpanel.sample.reference import NOTE

YEARS = range(2014, 2024)
RESOURCE_FILE = "synthetic_各省卫生资源_2014-2023.csv"


@dataclass(frozen=True)
class Resource:
    """`header`: as printed. `per_1000`: amount per 1,000 residents in the first year; `growth` a year. `gini`: planted
    in the first and the last year, on a straight line between. `order`: resources of one order rank provinces alike.
    """

    header: str
    per_1000: float
    growth: float
    gini: tuple[float, float]
    order: int


# Physicians and nurses rank provinces as all technicians do, so that no province has more of them than of these.
RESOURCES = {
    "institutions": Resource("医疗卫生机构数", 0.72, 0.005, (0.190, 0.165), 0),
    "hospitals": Resource("医院数", 0.019, 0.040, (0.180, 0.150), 0),
    "beds": Resource("医疗卫生机构床位数", 4.8, 0.045, (0.070, 0.085), 1),
    "health_technicians": Resource("卫生技术人员", 5.6, 0.050, (0.075, 0.050), 2),
    "physicians": Resource("执业(助理)医师", 2.1, 0.050, (0.080, 0.065), 2),
    "nurses": Resource("注册护士", 2.2, 0.060, (0.085, 0.045), 2),
}


def simulate_resources(seed: int, province_year: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Amounts by province and year, whole numbers, and the Gini coefficients planted, by resource and year.

    `province_year`: province_code, year, resident_population (万人). Returns province_code, year and a column for each
    of RESOURCES. Rounding to whole numbers moves a Gini by less than 0.0005.
    """
    rng = random_stream(seed, "resources")
    codes = [province.province_code for province in load_provinces()]
    people = province_year.pivot(index="province_code", columns="year", values="resident_population").loc[codes]
    start, drift = normal_scores(rng, (3, len(codes))), normal_scores(rng, (3, len(codes)))
    rows = [
        pd.DataFrame(
            {
                "province_code": codes,
                "year": year,
                **{
                    name: _amounts(
                        one, t, people[year].to_numpy() * 1e4, start[one.order] + 0.06 * t * drift[one.order]
                    )
                    for name, one in RESOURCES.items()
                },
            }
        )
        for t, year in enumerate(YEARS)
    ]
    truth = {name: {str(year): _planted(one, t) for t, year in enumerate(YEARS)} for name, one in RESOURCES.items()}
    return pd.concat(rows, ignore_index=True), truth


def resource_file(amounts: pd.DataFrame, seed: int) -> bytes:
    """The amounts as a CSV file in UTF-8, a line for each province and year, and the note that they are synthetic."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    lines = [",".join(["省份", "代码", "年份", *(one.header for one in RESOURCES.values())])]
    for row in amounts.itertuples(index=False):
        lines.append(",".join([names[int(str(row.province_code))], *map(str, row)]))
    return text_bytes([*lines, NOTE.format(seed=seed)], "utf-8-sig", "\n")


def _planted(one: Resource, t: int) -> float:
    first, last = one.gini
    return round(first + (last - first) * t / (len(YEARS) - 1), 6)


def _amounts(one: Resource, t: int, people: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Whole amounts whose Gini by population is the planted one: the spread s is found by halving an interval."""
    z, low, high = scores_in_order_of(order), 0.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _gini(np.exp(middle * z), people) < _planted(one, t) else (low, middle)
    ratio = np.exp(low * z)
    total = one.per_1000 / 1000 * (1 + one.growth) ** t * people.sum()
    return np.round(total * ratio * people / (ratio * people).sum()).astype("int64")


def _gini(ratio: np.ndarray, people: np.ndarray) -> float:
    """Half the mean absolute difference of all pairs of residents, over the mean."""
    weight = people / people.sum()
    gaps = np.abs(ratio[:, None] - ratio[None, :])
    return float(weight @ gaps @ weight / (2 * weight @ ratio))
