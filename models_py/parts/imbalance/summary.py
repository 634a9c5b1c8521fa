"""What is known by type of facility, and what is not, in one sentence.

Belongs here: the sentence. Does not belong here: computing anything (levels.py).
"""

import pandas as pd

from catalog.base import Text
from catalog.parts.imbalance import NATION
from models_py.parts.imbalance.levels import ALL, OCCUPANCY

_WORDS = {
    "visits": Text(en="visits", zh="诊疗人次"),
    OCCUPANCY: Text(en="bed occupancy", zh="病床使用率"),
    "institutions": Text(en="institutions", zh="机构数"),
    "beds": Text(en="beds", zh="床位数"),
    "physicians": Text(en="physicians", zh="医师数"),
}


def known_of(rows: pd.DataFrame) -> Text:
    """What rows of `imbalance` lack by type, first; then what they have, where and for which years."""
    parts = rows[rows["split"] != ALL]
    absent = [text for name, text in _WORDS.items() if parts[name].isna().all()]
    lacking = (", ".join(text.en for text in absent), "、".join(text.zh for text in absent))
    if len(absent) == len(_WORDS):
        return Text(en="no figures by type of facility are in these data", zh="本数据不含按机构类型的数值")
    found = []
    for name, text in _WORDS.items():
        own = parts[parts[name].notna()]
        if len(own):
            provinces = own.loc[own["scope"] != NATION, "scope"].nunique()
            years = sorted({int(own["year"].min()), int(own["year"].max())})
            span = "-".join(map(str, years))
            count = f"{provinces} province{'s' * (provinces != 1)}"
            found.append((f"{text.en} ({count}, {span})", f"{text.zh}（{provinces}个省，{span}年）"))
    without = (
        Text(en=f"not in these data: {lacking[0]}; ", zh=f"本数据缺{lacking[1]}；") if absent else Text(en="", zh="")
    )
    return Text(
        en=f"{without.en}known by type of facility: {', '.join(en for en, _ in found)}",
        zh=f"{without.zh}按机构类型已知：{'、'.join(zh for _, zh in found)}",
    )
