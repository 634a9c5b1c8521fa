"""Names of spatial weights that study files may use, and what each name means.

Belongs here: reading a name, the options of parts that take weights. Does not belong here: making the matrix
(models_py/spatial/weight_types.py) and matrices that users supply: any other name is the name of one
(`weights: {name: ...}` in sources.yaml).

    contiguity                places with a common border; contiguity_2: also neighbours of neighbours
    contiguity_binary         the same, 0 or 1, the only one whose rows are not brought to sum 1
    inverse_distance          1 / d; inverse_distance_2: 1 / d^2; inverse_distance_1000km: 1 / d within 1,000 km
    knn                       the 4 nearest places; knn_6: the 6 nearest
    economic                  1 / difference of a declared series
    nested                    half inverse_distance and half economic; nested_75: 75 % inverse_distance
"""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from catalog.base import repeated
from catalog.known_names import KnownIndicator
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

Kind = Literal["contiguity", "contiguity_binary", "inverse_distance", "knn", "economic", "nested"]
CONTIGUITY = "contiguity"
NAMES = (CONTIGUITY, "contiguity_binary", "inverse_distance", "knn", "economic", "nested")
_NAME = re.compile(
    r"(?P<contiguity>contiguity)(_(?P<order>[23]))?|(?P<contiguity_binary>contiguity_binary)"
    r"|(?P<inverse_distance>inverse_distance)(_(?P<power>[1-9](\.\d+)?))?(_(?P<km>[1-9]\d*)km)?"
    r"|(?P<knn>knn)(_(?P<nearest>[1-9]\d*))?|(?P<economic>economic)|(?P<nested>nested)(_(?P<percent>[1-9]\d?))?"
)


@dataclass(frozen=True)
class WeightsName:
    """What a name asks for; `order` of contiguity, `power` of distance, `km` beyond which a weight is zero, `nearest`
    places, `percent` of inverse distance in nested weights.
    """

    name: str
    kind: Kind
    order: int = 1
    power: float = 1.0
    km: float | None = None
    nearest: int = 4
    percent: int = 50

    @property
    def of_series(self) -> bool:
        """Whether they need a series beside places and borders."""
        return self.kind in ("economic", "nested")


def weights_name(name: str) -> WeightsName | None:
    """What a name means; None for the name of a matrix that a user supplies."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    kind = next(one for one in NAMES if found[one])
    return WeightsName(
        name,
        kind,  # type: ignore[arg-type]
        order=int(found["order"] or 1),
        power=float(found["power"] or 1),
        km=float(found["km"]) if found["km"] else None,
        nearest=int(found["nearest"] or 4),
        percent=int(found["percent"] or 50),
    )


class WeightsOptions(PartOptions):
    """`weights`: by name, the study's own first. `economic_by`: the indicator whose means over the years economic and
    nested weights are made of.
    """

    weights: tuple[str, ...] = Field(default=(CONTIGUITY,), min_length=1)
    economic_by: KnownIndicator = "gdp_per_capita"

    @property
    def supplied(self) -> tuple[str, ...]:
        """The weights that a user supplies."""
        return tuple(name for name in self.weights if weights_name(name) is None)

    def indicators(self, study: Study) -> tuple[str, ...]:
        """What economic and nested weights are made of, if there are any."""
        found = [weights_name(name) for name in self.weights]
        return (self.economic_by,) if any(one is not None and one.of_series for one in found) else ()

    def uses(self, study: Study) -> tuple[str, ...]:
        """The matrices users supply, if one is asked for."""
        return ("spatial_weight",) if self.supplied else ()

    def check(self, study: Study) -> None:
        """Every matrix is asked for once."""
        forbid(repeated(self.weights), "spatial.choice_twice", ("weights",), key="weights")
