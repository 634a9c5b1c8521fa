"""What must hold for `inequality_measure`: values within their bounds, intervals in order and around what they should.

Belongs here: the checks of that table and the columns they need. A bootstrap interval of percentiles need not hold the
value, so that is not asked. Does not belong here: measures and intervals (models_py/inequality).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "inequality_measure"
# Without resources in the files there is nothing to measure.
MAY_BE_EMPTY = True
# Lowest and highest value; atkinson stands for every aversion.
BOUNDS = {
    "gini": (0.0, 1.0),
    "theil_l": (0.0, float("inf")),
    "theil_t": (0.0, float("inf")),
    "atkinson": (0.0, 1.0),
    "concentration": (-1.0, 1.0),
    "gini_change": (-1.0, 1.0),
    "lorenz_crossings": (0.0, float("inf")),
}
COMPARED = ("gini_change", "lorenz_crossings")
_REQUIRED = ("study", "resource", "basis", "year", "measure", "log_base")
_ENDS = ["low", "high", "low_jackknife", "high_jackknife", "std_error"]
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; kind (the measure, atkinson without its aversion); beyond (how far the value lies outside the
    bounds of its kind); shortest (the shorter of both intervals, high less low); off_centre (the middle of the
    jackknife's interval less the value); settings_missing (of level, draws and seed where there is an end); years_since
    (year less since); since_wrong (1 where a measure of one year has `since` or a comparison has none, else 0);
    base_wrong (1 where a Theil index has no base or another measure has one, else 0) and unexplained (1 where the value
    is missing without a note, else 0). Raises KeyError for an absent column.
    """
    kind = df["measure"].str.replace(r"^atkinson_[\d.e+-]+$", "atkinson", regex=True)
    value = df["value"].astype(float)
    low, high = (kind.map({name: ends[side] for name, ends in BOUNDS.items()}) for side in (0, 1))
    lengths = [df["high"] - df["low"], df["high_jackknife"] - df["low_jackknife"]]
    theil = kind.isin(["theil_l", "theil_t"])
    silent = (df[["note_en", "note_zh"]].fillna("") == "").any(axis=1)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        kind=kind,
        beyond=(low - value).clip(lower=0) + (value - high).clip(lower=0),
        shortest=lengths[0].combine(lengths[1], min),
        off_centre=(df["low_jackknife"] + df["high_jackknife"]) / 2 - value,
        settings_missing=missing(df, ("level", "draws", "seed")).where(df[_ENDS].notna().any(axis=1)),
        years_since=(df["year"] - df["since"]).astype(float),
        since_wrong=(df["since"].notna() != kind.isin(COMPARED)).astype(int),
        base_wrong=(df["log_base"].isin(["e", "10"]) != theil).astype(int),
        unexplained=(value.isna() & silent).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    names = ", ".join(BOUNDS)
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(
                TABLE, "A measure has one row per resource, basis and year", "同一资源、基数、年份的同一指标仅一行"
            ),
            years_of_study(TABLE, study),
            _check(
                "measures_known",
                "critical",
                f"Every measure is one of {names}",
                f"指标均为{names}之一",
                in_set("kind", list(BOUNDS)),
            ),
            _check(
                "values_bounded",
                "critical",
                "Every value lies within the bounds of its measure",
                "数值均在其指标的取值范围内",
                between("beyond", 0, 0),
            ),
            _check(
                "intervals_ordered",
                "critical",
                "No interval ends below where it begins",
                "区间上限不低于下限",
                between("shortest", 0, None),
            ),
            _check(
                "errors_not_negative",
                "critical",
                "No standard error is negative",
                "标准误不为负",
                between("std_error", 0, None),
            ),
            _check(
                "jackknife_around_value",
                "critical",
                "The jackknife's interval lies around the value",
                "刀切法区间以数值为中心",
                between("off_centre", -_EXACT, _EXACT),
            ),
            _check(
                "level_is_a_share",
                "critical",
                "The level of intervals lies between 0 and 1",
                "区间水平在0与1之间",
                between("level", 0, 1, above=True, below=True),
            ),
            _check(
                "intervals_reproducible",
                "critical",
                "An interval states its level, draws and seed",
                "区间均注明水平、抽样次数与随机种子",
                between("settings_missing", None, 0),
            ),
            _check(
                "since_given",
                "critical",
                "Comparisons, and they alone, name the year they are made with",
                "仅对照性指标注明对照年份",
                between("since_wrong", None, 0),
            ),
            _check(
                "since_before",
                "critical",
                "The year compared with is an earlier one",
                "对照年份早于当年",
                between("years_since", 1, None),
            ),
            _check(
                "base_given",
                "critical",
                "Theil indices, and they alone, state the base of their logarithm",
                "仅泰尔指数注明对数底",
                between("base_wrong", None, 0),
            ),
            _check(
                "missing_explained",
                "critical",
                "A value is missing only where a note says why, in both languages",
                "缺值处均有中英文说明",
                between("unexplained", None, 0),
            ),
        ],
    )
