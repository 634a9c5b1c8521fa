"""Files of data/mobility. Figures typed from the files; counts of rows as the readers must report them."""

from __future__ import annotations

from typing import Any

from tests.ingestion.real.expected import Expected, Spot

BAIDU = "mobility/baidu_a1317934217"
EEID = "mobility/baidu_eeid"
ELDRON = "mobility/baidu_eldron"
MODES = "mobility/modes_20171019_a1317934217"
# Codes by name, so that the figures below can be checked against the files.
BEIJING, TIANJIN, LANGFANG, SHANGHAI, SUZHOU = 110000, 120000, 131000, 310000, 320500
SHENZHEN, DONGGUAN, CHENGDU, LINGSHUI, SANYA = 440300, 441900, 510100, 469028, 460200
XINGAN, TONGLIAO, YUNFU = 152200, 150500, 445300
HARBIN, CANGZHOU, HANGZHOU, CHUZHOU, CHENGDE, BEIHAI = 230100, 130900, 330100, 341100, 130800, 450500


def flow(origin: int, destination: int, value: float, row: int, **more: Any) -> Spot:
    return Spot(
        {"origin_code": origin, "destination_code": destination}, {"flow": value, "first_row": row, **more}, "flow"
    )


def partners(city: int, **what: Any) -> Spot:
    return Spot({"city_code": city}, what, "flow_list")


def refused(reason: str = "not_read") -> Expected:
    return Expected(None, (0, 0, 0, 0), refused=reason)


DAY = {"period_first": "2020-01-15", "period_last": "2020-01-15", "unit": "index", "network": "baidu_20200115"}
EXPECTED: dict[str, Expected] = {
    # 34,317 edges and a header; set aside: the header, lists of provinces and of Taiwan, Hong Kong and Macao.
    f"{BAIDU}/in/20200115.csv": Expected(
        "flow_edges",
        (34318, 34171, 0, 147),
        spots=(
            flow(LANGFANG, BEIJING, 1.592214084, 13561, **DAY, direction="in"),
            flow(BEIJING, LANGFANG, 1.4386663756799996, 6911),
            flow(SANYA, LINGSHUI, 0.08533211328, 2),
            partners(BEIJING, partners=100, censored=True, zeros=0),
        ),
    ),
    f"{BAIDU}/out/20200115.csv": Expected(
        "flow_edges",
        (34618, 34400, 0, 218),
        spots=(
            flow(LANGFANG, BEIJING, 1.59222143232, 30919, **DAY, direction="out"),
            flow(BEIJING, LANGFANG, 1.4375232647999996, 32219),
            flow(LINGSHUI, SANYA, 0.0854493299999999, 15886),
        ),
    ),
    # Clean: 309 places.
    f"{BAIDU}/in/20200415.csv": Expected(
        "flow_edges",
        (28148, 28147, 0, 1),
        spots=(
            flow(LANGFANG, BEIJING, 0.9144067968, 2, network="baidu_20200415", period_first="2020-04-15"),
            flow(BEIJING, LANGFANG, 0.82212899184, 1059),
            flow(HARBIN, CANGZHOU, 0.00293176584, 1000),
        ),
    ),
    f"{BAIDU}/out/20200415.csv": Expected(
        "flow_edges",
        (27969, 27968, 0, 1),
        spots=(
            flow(BEIJING, LANGFANG, 0.82194005124, 2, direction="out"),
            flow(LANGFANG, BEIJING, 0.91447048872, 1060),
            flow(CANGZHOU, HANGZHOU, 0.00302268672, 1000),
        ),
    ),
    # Two lists stand under the name 三亚: 82 partners twice and 22 four times. The list of 三亚 is left out whole but
    # for its two self-loops, which are set aside.
    f"{BAIDU}/in/20210414.csv": Expected(
        "flow_edges",
        (35954, 35463, 250, 241),
        codes={"flow_list_left_out": 250},
        spots=(
            flow(LANGFANG, BEIJING, 1.3827393165600002, 2, network="baidu_20210414"),
            flow(BEIJING, LANGFANG, 1.4042757456, 1102),
            flow(CHUZHOU, CHENGDE, 0.00015633648, 1000),
            partners(SANYA, partners=0, self_loops=2, not_loaded=250),
        ),
    ),
    f"{BAIDU}/out/20210414.csv": Expected(
        "flow_edges",
        (35830, 35260, 234, 336),
        codes={"flow_list_left_out": 234},
        spots=(
            flow(BEIJING, LANGFANG, 1.40441763168, 2),
            flow(LANGFANG, BEIJING, 1.3832910529200002, 1102),
            flow(CHENGDE, BEIHAI, 0.00015725988, 1000),
            partners(SANYA, partners=0, self_loops=2, not_loaded=234),
        ),
    ),
    # As on 2021-04-14: 105 pairs with two or four figures, and two self-loops.
    f"{BAIDU}/in/20210615.csv": Expected(
        "flow_edges",
        (36319, 35242, 222, 855),
        codes={"flow_list_left_out": 222},
        spots=(
            flow(LANGFANG, BEIJING, 3.24555014592, 2),
            flow(BEIJING, LANGFANG, 1.20236167692, 1102),
            partners(YUNFU, zeros=3),
            partners(SANYA, partners=0, self_loops=2, not_loaded=222),
        ),
    ),
    f"{BAIDU}/out/20210615.csv": Expected(
        "flow_edges",
        (36161, 35113, 212, 836),
        codes={"flow_list_left_out": 212},
        spots=(
            flow(BEIJING, LANGFANG, 1.2017154330000002, 2),
            flow(LANGFANG, BEIJING, 3.2465587320000004, 1102),
            partners(SANYA, partners=0, self_loops=2, not_loaded=212),
        ),
    ),
    f"{BAIDU}/ChinaAreaCodes.csv": refused(),
    # 397 rows: the header, 27 provinces, Hong Kong, Macao and 巢湖, which is empty both ways, are set aside.
    f"{EEID}/BaiduNet_in_20200115.csv": Expected(
        "flow_matrix",
        (397, 366, 0, 31),
        spots=(
            flow(TIANJIN, BEIJING, 7.46, 2, unit="percent", direction="in"),
            flow(SUZHOU, SHANGHAI, 20.87, 91),
            flow(TONGLIAO, XINGAN, 13.78, 4),
        ),
    ),
    f"{EEID}/BaiduNet_out_20200115.csv": Expected(
        "flow_matrix",
        (397, 366, 0, 31),
        spots=(
            flow(BEIJING, TIANJIN, 4.56, 2, unit="percent", direction="out"),
            flow(SHANGHAI, SUZHOU, 11.87, 91),
            flow(XINGAN, TONGLIAO, 18.1, 4),
        ),
    ),
    f"{EEID}/README.md": refused(),
    f"{EEID}/LICENSE": refused(),
    # 394 places of 28 days; three of them carry the code of another unit.
    f"{ELDRON}/人口迁入指数.xlsx": Expected(
        "flow_scale",
        (11033, 10192, 84, 757),
        codes={"flow_code_mismatch": 84},
        spots=(
            Spot({"city_code": 110000, "period": "2020-01-15"}, {"value": 8.52363, "row": 1453}, "flow_scale"),
            Spot({"city_code": 350800, "period": "2020-01-11"}, {"value": 0.7503192, "row": 11033}, "flow_scale"),
            # 毕节地区 is the name until 2011.
            Spot({"city_code": 520500, "period": "2020-01-01"}, {"value": 1.368738, "row": 5686}, "flow_scale"),
        ),
    ),
    f"{ELDRON}/城市名称和ID.xlsx": refused(),
    # Names that are no prefecture-level unit (坝州, 云南个旧市, 新疆于田县) are refused, not read as something near.
    f"{MODES}/car_in.csv": Expected(
        "flow_edges",
        (3601, 3556, 20, 25),
        codes={"unknown_place": 20},
        spots=(
            flow(LANGFANG, BEIJING, 34669.0, 2, unit="persons", period_first="2017-10-19", network="modes_car"),
            flow(DONGGUAN, SHENZHEN, 84114.0, 1992),
            flow(SHENZHEN, DONGGUAN, 83747.0, 2142),
            partners(BEIJING, partners=10, censored=True),
        ),
    ),
    f"{MODES}/car_out.csv": Expected(
        "flow_edges",
        (3601, 3556, 19, 26),
        codes={"unknown_place": 19},
        spots=(
            flow(BEIJING, LANGFANG, 41858.0, 2),
            flow(SHENZHEN, DONGGUAN, 83747.0, 1992),
            flow(DONGGUAN, SHENZHEN, 84114.0, 2142),
        ),
    ),
    f"{MODES}/train_in.csv": Expected(
        "flow_edges",
        (3601, 3577, 0, 24),
        spots=(
            flow(LANGFANG, BEIJING, 26595.0, 2),
            flow(DONGGUAN, SHENZHEN, 36589.0, 1992),
            flow(SHANGHAI, CHENGDU, 16797.0, 2524),
        ),
    ),
    f"{MODES}/train_out.csv": Expected(
        "flow_edges",
        (3601, 3576, 1, 24),
        codes={"unknown_place": 1},
        spots=(
            flow(BEIJING, LANGFANG, 32591.0, 2),
            flow(SHENZHEN, DONGGUAN, 36599.0, 1992),
            flow(SHANGHAI, CHENGDU, 16797.0, 724),
        ),
    ),
    f"{MODES}/plane_in.csv": Expected(
        "flow_edges",
        (3601, 3576, 0, 25),
        spots=(
            flow(SHANGHAI, BEIJING, 2482.0, 2),
            flow(SHANGHAI, CHENGDU, 1408.0, 2523),
            partners(429021, zeros=2),
        ),
    ),
    f"{MODES}/plane_out.csv": Expected(
        "flow_edges",
        (3601, 3571, 0, 30),
        spots=(
            flow(BEIJING, SHANGHAI, 3020.0, 2),
            flow(SHANGHAI, CHENGDU, 1408.0, 725),
            partners(429021, zeros=5),
        ),
    ),
    f"{MODES}/all_in_5.csv": Expected("flow_edges", (0, 0, 0, 0), refused="flow_stacked"),
    f"{MODES}/total_3_2.csv": Expected("flow_edges", (0, 0, 0, 0), refused="flow_stacked"),
}
