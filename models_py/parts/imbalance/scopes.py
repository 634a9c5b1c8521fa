"""How scopes are called and in what order they are shown. Belongs here: only that."""

import pandas as pd

from catalog.base import Text
from catalog.parts.imbalance import NATION, Options
from models_py.panel import Panel

_NATION = Text(en="Nation", zh="全国")


def scope_label(scope: str, panel: Panel) -> Text:
    """The nation, or a province by its short name."""
    if scope == NATION:
        return _NATION
    entity = panel.by_code[int(scope)]
    return Text(en=entity.name_en, zh=entity.short_zh or entity.name_zh)


def compared_rows(rows: pd.DataFrame, options: Options, year: int) -> pd.DataFrame:
    """Rows of one year, of the nation and the compared provinces."""
    wanted = [NATION, *map(str, options.compared)]
    return rows[(rows["year"] == year) & rows["scope"].isin(wanted)] if len(rows) else rows
