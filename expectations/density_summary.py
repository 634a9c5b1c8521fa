"""What must hold for `density_summary`: areas of 1 where boundaries are reflected, a reason where there is no density.

Belongs here: the checks of that table and the columns they need. Does not belong here: formulas
(models_py/parts/density).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "density_summary"
_REQUIRED = ("study", "variant", "variable", "region", "year", "n", "kernel", "boundary")
_AREA = 0.01
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df`, rows in any order, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; area_gap (area less 1 of reflected densities, NULL of others); unexplained (1 where there is
    no density and no note, else 0). Raises KeyError for an absent column.
    """
    silent = (df[["note_en", "note_zh"]].fillna("") == "").any(axis=1)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        area_gap=(df["area"] - 1).where(df["boundary"] == "reflect"),
        unexplained=(df["peak_height"].isna() & silent).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A variable, region and year have one density", "同一变量、地区与年份仅一条密度曲线"),
            years_of_study(TABLE, study),
            _check(
                "area_is_one",
                "warning",
                f"The area of a reflected density is 1 within {_AREA:g}; else its bandwidth is too small for the grid",
                f"反射处理后面积为1，误差不超过{_AREA:g}；否则带宽小于网格所能表示",
                between("area_gap", -_AREA, _AREA),
            ),
            _check(
                "peaks_positive",
                "critical",
                "Peaks are above 0",
                "峰高为正",
                between("peak_height", 0, None, above=True),
            ),
            _check(
                "peaks_inside", "critical", "Peaks stand between 0 and 1", "峰位在0与1之间", between("peak_at", 0, 1)
            ),
            _check(
                "modes_counted", "critical", "Every density has a mode", "每条曲线至少一个峰", between("modes", 1, None)
            ),
            _check(
                "missing_explained",
                "critical",
                "Where there is no density, a note in both languages says why",
                "无密度处均有中英文说明",
                between("unexplained", None, 0),
            ),
        ],
    )
