"""What must hold for `online_doctor`: counts that add up, parts no larger than the whole, quotients round 1.

Belongs here: the checks of that table and the columns they need. Does not belong here: counting (the lake) and the
formulas (models_py/parts/online_doctors), and how checks are run (suite.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set
from expectations.suite import Check, checks_of, key_unique, missing, of_study, province_codes_known, required_complete

TABLE = "online_doctor"
# Without a list of doctors there is nothing to count.
MAY_BE_EMPTY = True
_REQUIRED = ("study", "province_code", "entity_code", "entity_level", "year", "doctors", "high_quality")
_QUOTIENTS = {"doctors": "location_quotient", "high_quality": "location_quotient_high_quality"}
_RATES = {"doctors": "doctors_per_10000", "high_quality": "high_quality_per_10000"}
# The identities hold exactly in real numbers; this is the rounding of a few dozen additions near 1.
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and given columns are kept.

    Adds required_missing; <count>_city_gap (doctors of a province less those of its cities; NULL for cities);
    <quotient>_gap (mean of the quotient, weighted by physicians, less 1; NULL without a quotient); <rate>_gap (the rate
    times the population, less the count; NULL without a rate). Raises KeyError for an absent column.
    """
    provinces = df["entity_level"] == "province"
    added = {"required_missing": missing(df, _REQUIRED)}
    for count, quotient in _QUOTIENTS.items():
        of_cities = df[~provinces].groupby("province_code")[count].sum()
        inside = df["province_code"].map(of_cities).fillna(0)
        added[f"{count}_city_gap"] = (df[count] - inside).astype(float).where(provinces)
        weight = df["physicians"].astype(float).where(df[quotient].notna())
        mean = float((df[quotient] * weight).sum() / weight.sum()) if weight.sum() else float("nan")
        added[f"{quotient}_gap"] = (df[quotient] * 0 + mean - 1).astype(float)
        rate = _RATES[count]
        added[f"{rate}_gap"] = (df[rate] * df["population"] - df[count]).astype(float)
    return df.assign(**added, high_quality_over=(df["high_quality"] - df["doctors"]).astype(float))


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A place has only one row", "同一地区仅一行"),
            province_codes_known(TABLE),
            _check(
                "levels_known",
                "critical",
                "Every row is of a province or a city",
                "每行均为省或城市",
                in_set("entity_level", ["province", "city"]),
            ),
            _check(
                "high_quality_within_all",
                "critical",
                "High-quality doctors are at most all doctors",
                "高水平医生数不超过医生总数",
                between("high_quality_over", None, 0),
            ),
            *(check for count in _QUOTIENTS for check in _count_checks(count)),
        ],
    )


def _count_checks(count: str) -> list[Check]:
    quotient, rate = _QUOTIENTS[count], _RATES[count]
    return [
        _check(f"{count}_counted", "critical", f"{count} is not negative", f"{count}不为负", between(count, 0, None)),
        _check(
            f"{count}_of_cities_add_up",
            "critical",
            f"{count} of a province is the sum over its cities",
            f"各省{count}等于所辖城市之和",
            between(f"{count}_city_gap", 0, 0),
        ),
        _check(
            f"{quotient}_mean_one",
            "critical",
            f"The mean of {quotient} weighted by physicians is 1, within {_EXACT:g}",
            f"按线下医师加权的{quotient}均值为1，误差不超过{_EXACT:g}",
            between(f"{quotient}_gap", -_EXACT, _EXACT),
        ),
        _check(
            f"{rate}_of_population",
            "critical",
            f"{rate} times the population is {count}, within {_EXACT:g}",
            f"{rate}乘以人口等于{count}，误差不超过{_EXACT:g}",
            between(f"{rate}_gap", -_EXACT, _EXACT),
        ),
    ]
