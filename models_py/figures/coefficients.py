"""What coefficients are called where they are drawn or listed: with their unit.

Belongs here: the unit rows of `estimate` share, in words. Does not belong here: working units out (catalog/labels.py).
"""

from typing import TYPE_CHECKING

from catalog.base import Text

if TYPE_CHECKING:
    import pandas as pd

COEFFICIENT = Text(zh="系数", en="Coefficient")


def unit_of(rows: "pd.DataFrame") -> Text | None:
    """The unit of all rows of `estimate` (unit_zh, unit_en); None if it is not known, or not the same in all."""
    if not {"unit_zh", "unit_en"} <= set(rows.columns):
        return None
    units = rows[["unit_zh", "unit_en"]].drop_duplicates()
    if len(units) != 1 or units.isna().any(axis=None):
        return None
    zh, en = map(str, units.iloc[0])
    return Text(zh=zh.removeprefix("个"), en=en)


def with_unit(name: Text, unit: Text | None) -> Text:
    """A name and its unit, which may have brackets of its own."""
    return name if unit is None else Text(zh=f"{name.zh}，{unit.zh}", en=f"{name.en}, {unit.en}")


def coefficient_axis(rows: "pd.DataFrame") -> Text:
    """The title of an axis of coefficients, with their unit if all rows share one."""
    return with_unit(COEFFICIENT, unit_of(rows))
