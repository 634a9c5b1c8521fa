"""What must hold for `lorenz`: curves from (0, 0) to (1, 1) that never fall and never flatten.

Belongs here: the checks of that table and the columns they need. Does not belong here: the points of a curve
(models_py/inequality/curves.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "lorenz"
# Without resources in the files there is no curve.
MAY_BE_EMPTY = True
_CURVE = ["resource", "basis", "year"]
_AXES = ["cumulative_basis", "cumulative_resource"]
_REQUIRED = ("study", *_CURVE, "rank", *_AXES)
_EXACT = 1e-12
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df`, rows in any order, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing, unit_wrong (1 where the origin has a unit or another point has none, else 0), rank_gap (rank
    less the points of its curve before it), start and end (the further of both axes from 0 at the first point and from
    1 at the last; NULL elsewhere), step (the smaller of both axes' steps from the point before) and bend (how much
    the slope rises at a point, times both steps along the basis). Raises KeyError for an absent column.
    """
    rows = df.sort_values([*_CURVE, "rank"], kind="stable")
    curve = rows.groupby(_CURVE)
    before = curve.cumcount()
    steps = curve[_AXES].diff()
    earlier = steps.groupby([rows[name] for name in _CURVE]).shift()
    bend = steps["cumulative_resource"] * earlier["cumulative_basis"]
    bend -= earlier["cumulative_resource"] * steps["cumulative_basis"]
    last = before == curve["rank"].transform("size") - 1
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        unit_wrong=((df["rank"] == 0) != df["entity_code"].isna()).astype(int),
        rank_gap=rows["rank"] - before,
        start=rows[_AXES].abs().max(axis=1).where(before == 0),
        end=(rows[_AXES] - 1).abs().max(axis=1).where(last),
        step=steps.min(axis=1),
        bend=bend,
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A rank of a curve has only one point", "同一曲线同一位次仅一点"),
            years_of_study(TABLE, study),
            _check(
                "ranks_complete",
                "critical",
                "Ranks of a curve run 0, 1, 2 without a gap",
                "曲线位次自0起连续",
                between("rank_gap", 0, 0),
            ),
            _check(
                "units_named",
                "critical",
                "Every point but the origin is a unit",
                "除原点外各点均有单位",
                between("unit_wrong", None, 0),
            ),
            _check("starts_at_zero", "critical", "Curves start at (0, 0)", "曲线始于(0, 0)", between("start", 0, 0)),
            _check("ends_at_one", "critical", "Curves end at (1, 1)", "曲线止于(1, 1)", between("end", 0, 0)),
            _check("not_falling", "critical", "No curve falls or turns back", "曲线不下降", between("step", 0, None)),
            _check(
                "convex",
                "critical",
                f"No curve flattens: units stand from the least to the most, within {_EXACT:g}",
                f"曲线下凸：单位按资源由低到高排列，误差不超过{_EXACT:g}",
                between("bend", -_EXACT, None),
            ),
        ],
    )
