"""What must hold for `pilot` if it claims to be the housing ministry's list: the published counts.

Belongs here: the counts of domain section 3.1, as warnings: a list that misses them is partial or wrong, and exposure
computed from it treats the pilots it omits as untreated places. Other programmes are left out.
Does not belong here: fields and codes of a row (ingestion/readers/pilot_*.py) and what counts as exposure (dbt/).
"""

import math

from expectations import Frame
from expectations.builders import Build, between
from expectations.suite import Check, checks_of

TABLE = "pilot"
# Without a list of this programme there is nothing to hold against its counts.
MAY_BE_EMPTY = True
PROGRAMME = "mohurd"
JIANGSU, SHANDONG, GANSU = 320000, 370000, 620000
# batch -> (new entries, extensions of earlier ones), as announced.
COUNTS = {1: (90, 0), 2: (103, 9), 3: (84, 13)}
# Levels of the 90 entries of batch 1: prefecture-level units, districts and counties, towns.
LEVELS_OF_BATCH_1 = {
    "prefectures": (37, "prefecture-level units", "地级单位"),
    "counties": (50, "districts and counties", "区县"),
    "towns": (3, "towns", "镇"),
}
# Share of all new places below which a list is a part of them: that is said once, not of each count that follows.
NEARLY_ALL = 0.9
MOST_BY_BATCH_2 = 16
GANSU_BATCH_2 = 5


def prepare(df: Frame) -> Frame:
    """The rows of PROGRAMME in `df` with the counts the checks read, the same in every row. Pure.

    Adds new_total and new_N, extensions_N (entries of batch N), prefectures_1, counties_1, towns_1 (levels of batch
    1), shandong_2, jiangsu_2, most_2 (new entries up to batch 2 of these provinces and of the one with most),
    gansu_1, gansu_prefectures_2, and per row repeats (how often the place is new, less one; NULL for an extension)
    and uncovered (for an extension, 1 unless an earlier batch names a place in its unit; NULL for a new entry). Of a
    list of fewer than NEARLY_ALL of the places the announced counts are NULL. Raises KeyError for an absent column.
    """
    rows = df[df["programme"] == PROGRAMME]
    is_new = rows["status"] == "new"
    new, batch, province = rows[is_new], rows["batch"], rows["province_code"]
    early = new[new["batch"] <= 2].groupby("province_code").size()
    level = rows["level"].where(is_new & (batch == 1))
    counts = {
        "new_total": int(is_new.sum()),
        **{f"new_{n}": int((is_new & (batch == n)).sum()) for n in COUNTS},
        **{f"extensions_{n}": int((~is_new & (batch == n)).sum()) for n in COUNTS},
        "other_batches": int((~batch.isin(list(COUNTS))).sum()),
        "prefectures_1": int((level == "prefecture").sum()),
        "counties_1": int(level.isin(["district", "county", "zone"]).sum()),
        "towns_1": int((level == "town").sum()),
        "shandong_2": int(early.get(SHANDONG, 0)),
        "jiangsu_2": int(early.get(JIANGSU, 0)),
        "most_2": int(early.max()) if len(early) else 0,
        "gansu_1": int((is_new & (batch == 1) & (province == GANSU)).sum()),
        "gansu_prefectures_2": int(
            (is_new & (batch == 2) & (province == GANSU) & (rows["level"] == "prefecture")).sum()
        ),
    }
    announced: dict[str, float] = {}
    if counts["new_total"] < NEARLY_ALL * sum(new for new, _ in COUNTS.values()):
        announced = dict.fromkeys((name for name, *_ in _announced()), math.nan)
    unit = rows["city_code"].fillna(rows["unit_code"])
    first = unit[is_new].groupby(unit[is_new]).apply(lambda group: batch[group.index].min())
    # Places no earlier batch names have no first batch; a comparison with nothing must be no.
    covered = unit.map(first).astype(float) < batch.astype(float)
    return rows.assign(
        **(counts | announced),
        repeats=(new.groupby("unit_code")["unit_code"].transform("size") - 1).reindex(rows.index),
        uncovered=(~covered).astype(float).mask(is_new),
    )


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    total = sum(new for new, _ in COUNTS.values())
    return (
        _check(
            "list_complete",
            f"The list of {PROGRAMME} names all {total} new places; exposure from a partial list treats the others as "
            "untreated",
            f"{PROGRAMME}名单包含全部{total}个新增试点；以不完整名单计算暴露度会把其余试点视为未试点",
            between("new_total", total, total),
        ),
        _check(
            "batches_known",
            f"Every entry belongs to batch {', '.join(str(n) for n in COUNTS)}",
            f"批次均为{'、'.join(str(n) for n in COUNTS)}",
            between("other_batches", 0, 0),
        ),
        *(_check(name, en, zh, between(name, number, number)) for name, number, en, zh in _announced()),
        _check(
            "new_once",
            "A place is new in one batch only; listed again, the earliest counts",
            "同一试点仅在一个批次中为新增；重复者以最早批次为准",
            between("repeats", 0, 0),
        ),
        _check(
            "extension_of_earlier",
            "Every extension lies in a unit an earlier batch names: an extension never adds one",
            "扩大范围的试点所在单位均已见于此前批次：扩大范围不新增单位",
            between("uncovered", 0, 0),
        ),
    )


def _announced() -> tuple[tuple[str, int, str, str], ...]:
    """Counts that were announced: the column, the number, and in words."""
    most, few = MOST_BY_BATCH_2, GANSU_BATCH_2
    of_batches = (
        entry
        for batch, (new, more) in COUNTS.items()
        for entry in (
            (f"new_{batch}", new, f"Batch {batch} has {new} new entries", f"第{batch}批新增{new}个"),
            (
                f"extensions_{batch}",
                more,
                f"Batch {batch} extends {more} earlier entries",
                f"第{batch}批扩大范围{more}个",
            ),
        )
    )
    return (
        *of_batches,
        *(
            (f"{name}_1", number, f"Batch 1 has {number} {en}", f"第1批含{number}个{zh}")
            for name, (number, en, zh) in LEVELS_OF_BATCH_1.items()
        ),
        ("shandong_2", most, f"Shandong has {most} new entries after batch 2", f"第2批后山东{most}个"),
        ("jiangsu_2", most, f"Jiangsu has {most} new entries after batch 2", f"第2批后江苏{most}个"),
        ("most_2", most, f"No province has more than {most} after batch 2", f"第2批后各省不超过{most}个"),
        ("gansu_1", 0, "Gansu has no entry in batch 1", "甘肃第1批无试点"),
        (
            "gansu_prefectures_2",
            few,
            f"Gansu has {few} prefecture-level entries in batch 2",
            f"甘肃第2批有{few}个地级试点",
        ),
    )


def _check(name: str, en: str, zh: str, build: Build) -> Check:
    # Warnings throughout: whether a partial list may be used is for the researcher to say, with the numbers at hand.
    return checks_of(TABLE)(f"{PROGRAMME}_{name}", "warning", en, zh, build)
