"""What must hold for `accessibility`: no doctor within reach is lost or made, and what is missing has its reason.

Belongs here: the checks of that table and the columns they need. Does not belong here: the catchments
(models_py/inequality/access.py) and how checks are run (suite.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete

TABLE = "accessibility"
# Without a list of doctors there is no supply.
MAY_BE_EMPTY = True
_REQUIRED = ("study", "city_code", "resource", "method", "radius_km", "year", "supply", "note_en", "note_zh")
_CATCHMENT = ["resource", "method", "radius_km"]
# Relative; the identity holds exactly in real numbers, and a catchment adds up some hundred cities.
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and given columns are kept.

    Adds required_missing, supply_gap (sum of ratio x demand over a row's catchment, over the supply of the cities
    reached, less 1; NULL where nobody reaches anything) and unexplained (1 where a ratio is missing without a reason,
    or there beside one, else 0). Raises KeyError for an absent column.
    """
    keys = [df[name] for name in _CATCHMENT]
    had = (df["ratio"] * df["demand"]).fillna(0.0).groupby(keys).transform("sum")
    reached = df["supply"].where(df["reached"].fillna(False).astype(bool), 0.0).groupby(keys).transform("sum")
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        supply_gap=((had - reached) / reached.where(reached > 0)).astype(float),
        unexplained=(df["ratio"].isna() == (df["note_en"].fillna("") == "")).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A city has one row for each catchment", "同一城市每种搜寻设定仅一行"),
            _check(
                "resources_known",
                "critical",
                "The supply is all online doctors or those of high quality",
                "供给为全部或高水平在线医生",
                in_set("resource", ["online_all", "online_high_quality"]),
            ),
            _check(
                "methods_known",
                "critical",
                "The method is 2sfca or 2sfca_gaussian",
                "方法为2sfca或2sfca_gaussian",
                in_set("method", ["2sfca", "2sfca_gaussian"]),
            ),
            _check(
                "radius_positive",
                "critical",
                "The radius is above 0",
                "搜寻半径为正",
                between("radius_km", 0, None, above=True),
            ),
            _check("supply_counted", "critical", "Supply is not negative", "供给不为负", between("supply", 0, None)),
            _check(
                "demand_positive",
                "critical",
                "Known demand is above 0",
                "已知需求为正",
                between("demand", 0, None, above=True),
            ),
            _check("ratio_counted", "critical", "No ratio is negative", "可及性不为负", between("ratio", 0, None)),
            _check(
                "supply_kept",
                "critical",
                f"Ratios times demand add up to the supply reached, within {_EXACT:g} of it",
                f"可及性乘以需求之和等于可及的供给，相对误差不超过{_EXACT:g}",
                between("supply_gap", -_EXACT, _EXACT),
            ),
            _check(
                "missing_explained",
                "critical",
                "A ratio is missing exactly where a note says why",
                "缺值均注明原因",
                between("unexplained", None, 0),
            ),
        ],
    )
