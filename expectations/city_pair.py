"""What must hold for `city_pair`: sound flows between different places, each network in one unit, shares of a whole.

Belongs here: the checks of that table and the columns they need.
Does not belong here: choosing between readings (dbt/models/intermediate/int_flow_reading.sql) and reading files.
"""

from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, required_complete, values_known

TABLE = "city_pair"
# Without a file of flows there are no pairs.
MAY_BE_EMPTY = True
UNITS = ("persons", "weighted persons", "index", "percent")
# From Kashgar to Fuyuan it is 5,000 km; islands of the south lie farther.
FARTHEST_KM = 5500.0
# Shares of a list are rounded one by one.
PERCENT = 100.5
# Lists of arrivals and of departures of one day agree to rounding; a tenth is another day or another unit.
GAP = 0.1
GAP_SHARE = 0.05
_REQUIRED = ("network", "origin_code", "destination_code", "flow", "unit", "periods", "rows", "direction", "censored")


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure. Raises KeyError for an absent column.

    Adds required_missing (empty required fields of the row), self_loop (1 where both ends are one place), units (of
    the row's network), list_share (mean over the periods of the sum of shares of the list the row belongs to, percent
    only), gap_share (of the network's flow with two readings, the share whose readings differ by over a tenth; NULL
    where none has two) and flow_spread (largest less smallest flow of the network; NULL for a network of one pair).
    """
    network = df["network"]
    percent = df["unit"] == "percent"
    focal = df["destination_code"].where(df["direction"] == "in", df["origin_code"])
    lists = df["flow"].where(percent).groupby([network, df["direction"], focal]).transform("sum")
    periods = df["periods"].groupby([network, df["direction"], focal]).transform("max")
    gap = df["reading_gap"].astype(float)
    twice = df["flow"].astype(float).where(gap.notna())
    flows = df["flow"].astype(float).groupby(network)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        self_loop=(df["origin_code"] == df["destination_code"]).astype(int),
        units=df["unit"].groupby(network).transform("nunique"),
        list_share=(lists / periods).where(percent),
        # By flow: small shares are printed to a hundredth of a percent, so small flows differ by rounding alone.
        gap_share=twice.where(gap > GAP, 0.0 * twice).groupby(network).transform("sum")
        / twice.groupby(network).transform("sum"),
        flow_spread=(flows.transform("max") - flows.transform("min")).where(flows.transform("size") > 1),
    )


_check = checks_of(TABLE)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in fixed order."""
    return (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "An ordered pair has one row in its network", "同一网络中每个有序起讫对仅一行"),
        _check(
            "ends_differ",
            "critical",
            "No flow goes from a place to itself",
            "没有起讫同地的流量",
            between("self_loop", None, 0),
        ),
        _check("flow_not_negative", "critical", "No flow is negative", "流量不为负", between("flow", 0, None)),
        values_known(TABLE, "units_known", ("unit", "单位"), "unit", UNITS),
        _check(
            "one_unit",
            "critical",
            "A network has one unit",
            "每个网络只有一种单位",
            between("units", None, 1),
        ),
        _check(
            "periods_counted",
            "critical",
            "Every pair is listed in one period or more",
            "每个起讫对至少出现于一个时期",
            between("periods", 1, None),
        ),
        _check(
            "shares_of_a_whole",
            "critical",
            f"The shares of a place's list sum to {PERCENT:g} percent at most",
            f"某地名单各份额之和不超过{PERCENT:g}%",
            between("list_share", None, PERCENT),
        ),
        _check(
            "distance_plausible",
            "critical",
            f"Distances between different places are above 0 and at most {FARTHEST_KM:g} km",
            f"不同地点间距离大于0且不超过{FARTHEST_KM:g}公里",
            between("distance_km", 0, FARTHEST_KM, above=True),
        ),
        _check(
            "readings_agree",
            "warning",
            f"The lists of both directions differ by over {GAP:.0%} in at most {GAP_SHARE:.0%} of a network's flow",
            f"到达与出发名单相差超过{GAP:.0%}的流量不超过网络的{GAP_SHARE:.0%}",
            between("gap_share", None, GAP_SHARE),
        ),
        _check(
            "flow_varies",
            "warning",
            "The flows of a network are not all one and the same number",
            "同一网络的流量并非完全相同",
            between("flow_spread", 0, None, above=True),
        ),
    )
