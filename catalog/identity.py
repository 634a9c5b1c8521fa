"""The identity of a result, in columns of its own.

Belongs here: the first nine columns of every table of results. Does not belong here: putting them into words
(labels.py, `label_of`), and parsing a label, which nothing does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

ALL, TWFE = "all", "twfe"


@dataclass(frozen=True)
class Identity:
    """The identity of one row of results; no column is ever NULL.

    `model`: the name declared in the study file and nothing else. `reading`: coding of an index, '' where none is used.
    `sample`, `estimator`, `weights` (spatial), `vintage`: as named in contract.md. `variant`: whatever else a part
    varies, as key=value sorted by key and joined by ', '; '' is the study's own choice.
    """

    study: str
    table_no: str
    model: str
    reading: str = ""
    sample: str = ALL
    estimator: str = TWFE
    weights: str = ""
    vintage: str = ""
    variant: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """The columns by name, in the order of the tables."""
        return asdict(self)

    @property
    def place(self) -> str:
        """Study, table, model and whatever sets the row apart, for messages."""
        apart = [
            self.reading,
            self.sample if self.sample != ALL else "",
            self.estimator if self.estimator != TWFE else "",
        ]
        words = ", ".join(word for word in (*apart, self.weights, self.vintage, self.variant) if word)
        return f"{self.study}, {self.table_no} {self.model}" + (f" ({words})" if words else "")

    def varied(self, **choices: object) -> Identity:
        """The same with more `variant` choices; a choice already there takes the new value."""
        return replace(self, variant=variant_of(variant_choices(self.variant) | choices))


COLUMNS = tuple(field.name for field in fields(Identity))


def variant_of(choices: dict[str, Any]) -> str:
    """Choices as in the column `variant`: sorted key=value; floats as short as they can be while distinct.

    Raises ValueError for a choice that could not be told from the next one.
    """
    shown = {key: _number(value) if isinstance(value, float) else str(value) for key, value in choices.items()}
    for key, value in shown.items():
        if "=" in key or ", " in f"{key}{value}":
            raise ValueError(f"a variant has no room for {key!r}: {value!r}; '=' in keys and ', ' keep choices apart")
    return ", ".join(f"{key}={shown[key]}" for key in sorted(shown))


def _number(value: float) -> str:
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def variant_choices(variant: str) -> dict[str, str]:
    """The choices of a column `variant`, by key."""
    return dict(item.split("=", 1) for item in variant.split(", ")) if variant else {}
