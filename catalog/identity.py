"""What a result belongs to, in columns of their own, and the one place that puts them into words.

Belongs here: the nine columns every table of results begins with, and labels made from them.
Does not belong here: reading a label back. Nothing does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from catalog.base import Text

ALL = "all"


@dataclass(frozen=True)
class Identity:
    """What one row of results belongs to; no column is ever NULL.

    `model`: the name declared in the study file and nothing else. `reading`: coding of an index, '' where none is used.
    `sample`, `estimator`, `weights` (spatial), `vintage`: as named in contract.md. `variant`: whatever else a part
    varies, as key=value sorted by key and joined by ', '; '' is the study's own choice.
    """

    study: str
    table_no: str
    model: str
    reading: str = ""
    sample: str = ALL
    estimator: str = "twfe"
    weights: str = ""
    vintage: str = ""
    variant: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """The columns by name, in the order of the tables."""
        return asdict(self)

    @property
    def place(self) -> str:
        """Study, table and label, for messages."""
        return f"{self.study}, {self.table_no} {self.label.en}"

    def varied(self, **choices: object) -> Identity:
        """The same with more `variant` choices; a choice already there takes the new value."""
        return replace(self, variant=variant_of(variant_choices(self.variant) | choices))

    @property
    def label(self) -> Text:
        """Model and whatever sets the row apart from the study's own, in both languages."""
        return label_of(self.columns)


COLUMNS = tuple(field.name for field in fields(Identity))


def variant_of(choices: dict[str, Any]) -> str:
    """Choices as the column `variant` has them: sorted key=value; floats as short as they can be told apart.

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


def label_of(columns: dict[str, Any], *, own_reading: str | None = None) -> Text:
    """The label of a row with these columns; `own_reading` is left unsaid, as the study's own.

    Words come from labels.yaml, the bare id where it has none.
    """
    from catalog.labels import load_labels

    labels = load_labels()
    parts: list[Text] = []
    reading = columns.get("reading", "")
    if reading and reading != own_reading:
        parts.append(labels.readings.get(reading, _bare(reading)))
    sample = columns.get("sample", ALL)
    if sample not in (ALL, columns["model"]):
        parts += [labels.sample(item) for item in sample.split(", ")]
    estimator = columns.get("estimator", "twfe")
    if estimator != "twfe":
        parts.append(labels.estimators.get(estimator, _bare(estimator)))
    if columns.get("weights"):
        parts.append(labels.weights.get(columns["weights"], _bare(columns["weights"])))
    if columns.get("vintage"):
        parts.append(Text(en=f"vintage {columns['vintage']}", zh=f"版本 {columns['vintage']}"))
    for key, value in variant_choices(columns.get("variant", "")).items():
        name = labels.variants.get(key, _bare(key))
        option = labels.options.get(key, {}).get(value, _bare(value))
        parts.append(Text(en=f"{name.en} {option.en}".strip(), zh=f"{name.zh}{option.zh}"))
    model = str(columns["model"])
    if not parts:
        return _bare(model)
    return Text(
        en=f"{model} {', '.join(part.en for part in parts)}".strip(),
        zh=f"{model} {'，'.join(part.zh for part in parts)}".strip(),
    )


def _bare(name: str) -> Text:
    return Text(en=name, zh=name)
