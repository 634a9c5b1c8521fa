"""Synthetic indicators of the digital economy and of healthcare, 2012-2023, with a planted coordination degree.

Belongs here: the drivers, the planted D, the 22 indicators made from it, the files that print them, the truth behind
them. Does not belong here: indices and coupling (models_py/indices), which are to find D again, and spatial models.

D follows a spatial Durbin model with both effects on the contiguity of the provinces,

    D = rho W D + X beta + W X theta + province + year + noise,

moved and stretched so that its smallest value is 0 and its largest 1: that leaves rho as it is, divides the slopes, and
province and year effects take up the rest. The indices of the systems are U1 = D^2 h and U2 = D^2 / h, where ln h is
smaller than 1 - D in size, so that both stay in [0, 1] and D = (U1 U2)^(1/4). Every indicator is low + (high - low) U,
or with 1 - U where less is better, plus noise of its own. Without noise every min-max value is U, whatever the weights.

The volume of telecommunication is at constant prices, whose base changes: three editions print it, each at the level of
its own base, one year of every two in both. The planted level is that of the last.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from catalog.provinces import load_adjacency
from medpanel.office.files import text_bytes
from medpanel.sample.outcomes import require_registered
from medpanel.sample.randomness import autoregressive, bounded_normal, normal_scores, random_stream, scores_in_order_of
from medpanel.sample.reference import NOTE

YEARS = tuple(range(2012, 2024))
COUPLING_FILE = "synthetic_数字经济与医疗资源_2012-2023.csv"
ECOMMERCE_FILE = "synthetic_企业电子商务_2013-2023.csv"
RHO = 0.35
# Slopes on the logarithms of the drivers and of their neighbours' mean, before D is stretched.
BETA = {
    "gdp_per_capita_published": 0.10,
    "higher_education_share": 0.05,
    "share_65_plus_published": -0.04,
    "urban_density": 0.01,
    "urban_share": 0.15,
    "report_keyword_share": 0.01,
}
THETA = {
    "gdp_per_capita_published": 0.04,
    "higher_education_share": 0.02,
    "share_65_plus_published": 0.03,
    "urban_density": 0.00,
    "urban_share": -0.05,
    "report_keyword_share": 0.005,
}
# Standard deviation of the noise of D before it is stretched, and of an indicator's noise as a share of its span.
_NOISE, _OWN_NOISE = 0.006, 0.01
# How far the two indices may part: the largest ln h at D = 0.
_APART = 0.8


@dataclass(frozen=True)
class PriceBase:
    """An edition of the volume of telecommunication. `times`: how far above the last base's its level is on average."""

    year: int
    years: tuple[int, int]
    times: float

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"synthetic_电信业务总量_{self.year}年不变价_{self.years[0]}-{self.years[1]}.csv"


TELECOM = "telecom_volume"
# The last one is the base of the planted figures. Overlaps: 2016 and 2020, as the bases change with 2016 and 2021.
PRICE_BASES = (
    PriceBase(2010, (2012, 2016), 5.75),
    PriceBase(2015, (2016, 2020), 2.5),
    PriceBase(2020, (2020, 2023), 1.0),
)
# Standard deviation of the logarithm of a province's own change of level: its mix of services is its own.
_BASE_SPREAD = 0.08
# Not counted before 2013: a file of its own, which begins in that year.
ECOMMERCE = ("ecommerce_sales", "ecommerce_enterprise_share", "websites_per_100_enterprises")
# As in the paper: 湖北 printed neither in 2020.
HUBEI_2020 = (("outpatient_emergency_visits", 420000, 2020), ("hospital_discharges", 420000, 2020))


@dataclass(frozen=True)
class Series:
    """`header`: as printed. `low`, `high`: the indicator where its index is worst and best. `decimals`: printed."""

    header: str
    system: str
    low: float
    high: float
    decimals: int


SERIES = {
    "internet_penetration": Series("互联网普及率(%)", "digital", 28, 92, 2),
    "telecom_volume": Series("电信业务总量(亿元)", "digital", 300, 3300, 2),
    "broadband_ports": Series("互联网宽带接入端口(万个)", "digital", 300, 3300, 1),
    "software_revenue": Series("软件业务收入(亿元)", "digital", 120, 1500, 2),
    "information_employment": Series("信息传输、软件和信息技术服务业城镇单位就业人员(万人)", "digital", 2, 26, 2),
    "ecommerce_sales": Series("电子商务销售额(亿元)", "digital", 150, 1800, 1),
    "ecommerce_enterprise_share": Series("有电子商务交易活动的企业比重(%)", "digital", 3, 16, 2),
    "websites_per_100_enterprises": Series("每百家企业拥有网站数(个)", "digital", 28, 68, 2),
    "industrial_rd_expenditure": Series("规模以上工业企业R&D经费(亿元)", "digital", 20, 260, 2),
    "patent_grants": Series("国内专利申请授权量(件)", "digital", 3000, 36000, 0),
    "students_per_100000": Series("每十万人口高等学校平均在校生数(人)", "digital", 1300, 5200, 0),
    "institutions_per_10000_published": Series("每万人口医疗卫生机构数(个)", "health", 4, 11, 3),
    "beds_per_1000_published": Series("每千人口医疗卫生机构床位数(张)", "health", 3.4, 8.6, 3),
    "technicians_per_1000_published": Series("每千人口卫生技术人员(人)", "health", 3.6, 12.5, 3),
    "physicians_per_1000_published": Series("每千人口执业(助理)医师(人)", "health", 1.4, 4.6, 3),
    "nurses_per_1000_published": Series("每千人口注册护士(人)", "health", 1.2, 5.6, 3),
    "health_budget_share": Series("卫生健康支出占一般公共预算支出比重(%)", "health", 5, 11, 3),
    "health_expenditure_per_capita": Series("人均卫生总费用(元)", "health", 1500, 12000, 1),
    "outpatient_emergency_visits": Series("医疗卫生机构门急诊人次(万人次)", "health", 3000, 30000, 2),
    "hospital_discharges": Series("医院出院人数(万人)", "health", 80, 700, 2),
    "bed_use_rate": Series("病床使用率(%)", "health", 62, 96, 2),
    # Adverse: the best has the shortest stay.
    "average_stay": Series("出院者平均住院日(日)", "health", 12.4, 7.2, 3),
}
# Drivers, with the counts the last of them is made of in its place.
DRIVERS = {
    "gdp_per_capita_published": ("人均地区生产总值(元)", 0),
    "higher_education_share": ("大专及以上人口占6岁及以上人口比重(%)", 2),
    "share_65_plus_published": ("65岁及以上人口比重(%)", 2),
    "urban_density": ("城市人口密度(人/平方公里)", 0),
    "urban_share": ("年末城镇人口比重(%)", 2),
    "report_keyword_count": ("政府工作报告关键词词频(词)", 0),
    "report_word_count": ("政府工作报告总词数(词)", 0),
}
_N, _T = 31, len(YEARS)


@dataclass(frozen=True)
class SimulatedCoupling:
    """`figures`: province_code, year, drivers and indicators as printed, the volume of telecommunication at the last
    base. `clean`: the indicators without noise and unrounded. `planted`: u_digital, u_health, coordination_degree. All
    of 372 rows in the order of codes and years. `at_base`: province_code, year and the volume of telecommunication as
    the edition of each base prints it.
    """

    figures: pd.DataFrame
    clean: pd.DataFrame
    planted: pd.DataFrame
    truth: dict[str, Any]
    at_base: dict[int, pd.DataFrame]


def simulate_coupling(seed: int, province_year: pd.DataFrame) -> SimulatedCoupling:
    """Simulate 31 provinces, 2012 to 2023. Pure; same seed and panel, same figures.

    `province_year`: province_code, year, gdp_per_capita (yuan) and urbanization_rate (%) from 2013 on, which the
    published series repeat. Raises SampleRangeError if a value would leave its range in the registry.
    """
    rng = random_stream(seed, "coupling")
    codes = [province.province_code for province in load_provinces()]
    drivers = _drivers(rng, province_year, codes)
    degree, slopes = _planted_degree(rng, drivers, codes)
    apart = _APART * np.tanh(0.5 * normal_scores(rng, (_N,))[:, None] + 0.02 * bounded_normal(rng, (_N, _T)))
    ratio = np.exp(apart * (1 - degree))
    index = {"digital": degree**2 * ratio, "health": degree**2 / ratio}
    clean = {name: one.low + (one.high - one.low) * index[one.system] for name, one in SERIES.items()}
    noise = bounded_normal(rng, (len(SERIES), _N, _T))
    printed = {
        name: np.round(clean[name] + _OWN_NOISE * abs(one.high - one.low) * own, one.decimals)
        for (name, one), own in zip(SERIES.items(), noise, strict=True)
    }
    at_base, levels = _at_bases(rng, printed[TELECOM])
    registry = load_registry().indicators
    for name, values in [*{**drivers, **printed}.items(), *((TELECOM, values) for values in at_base.values())]:
        require_registered(name, values, registry[name].range)
    place = {"province_code": np.repeat(codes, _T), "year": np.tile(YEARS, _N)}
    shown = {name: drivers[name] for name in DRIVERS} | printed
    return SimulatedCoupling(
        _frame(place, shown),
        _frame(place, clean),
        _frame(place, {"u_digital": index["digital"], "u_health": index["health"], "coordination_degree": degree}),
        _truth(seed, degree, slopes, codes) | {"price_bases": _bases_truth(levels, codes)},
        {year: _of_edition(_frame(place, {TELECOM: values}), year) for year, values in at_base.items()},
    )


def coupling_files(found: SimulatedCoupling, seed: int) -> dict[str, bytes]:
    """Names and contents of the CSV files in UTF-8, a line for each province and year; e-commerce begins later, and the
    volume of telecommunication has a file for each base of its prices.
    """
    figures = found.figures
    printed = {name: (header, decimals) for name, (header, decimals) in DRIVERS.items()}
    printed |= {name: (one.header, one.decimals) for name, one in SERIES.items()}
    own = {name: how for name, how in printed.items() if name not in (*ECOMMERCE, TELECOM)}
    later = {name: printed[name] for name in ECOMMERCE}
    telecom = {TELECOM: printed[TELECOM]}
    return {
        **{base.file: _file(found.at_base[base.year], telecom, seed) for base in PRICE_BASES},
        COUPLING_FILE: _file(figures, own, seed),
        ECOMMERCE_FILE: _file(figures[figures["year"] > YEARS[0]], later, seed),
    }


def _at_bases(rng: np.random.Generator, volume: np.ndarray) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """The volume as each edition prints it, 31 x 12, and how far above the last base's level each province's is."""
    levels = {
        base.year: base.times * np.exp(_BASE_SPREAD * bounded_normal(rng, (_N,))) if base.times != 1 else np.ones(_N)
        for base in PRICE_BASES
    }
    decimals = SERIES[TELECOM].decimals
    return {year: np.round(volume * level[:, None], decimals) for year, level in levels.items()}, levels


def _of_edition(figures: pd.DataFrame, base: int) -> pd.DataFrame:
    first, last = next(one.years for one in PRICE_BASES if one.year == base)
    return figures[figures["year"].between(first, last)].reset_index(drop=True)


def _bases_truth(levels: dict[int, np.ndarray], codes: list[int]) -> dict[str, Any]:
    """By year of the base: the years of its edition, and by how much it is above the last base, by province."""
    return {
        str(base.year): {
            "years": list(base.years),
            "times": {str(code): round(float(times), 6) for code, times in zip(codes, levels[base.year], strict=True)},
        }
        for base in PRICE_BASES
    }


def contiguity() -> np.ndarray:
    """Row-standardised contiguity of the 31 provinces in the order of their codes."""
    codes = [province.province_code for province in load_provinces()]
    pairs = load_adjacency()
    weights = np.array([[float((a, b) in pairs or (b, a) in pairs) for b in codes] for a in codes])
    return weights / weights.sum(axis=1, keepdims=True)


def _drivers(rng: np.random.Generator, province_year: pd.DataFrame, codes: list[int]) -> dict[str, np.ndarray]:
    """The six drivers as printed, and the two counts of the last one."""
    time = np.arange(_T)
    level = normal_scores(rng, (4, _N))[:, :, None]
    slope = normal_scores(rng, (4, _N))[:, :, None]
    noise = autoregressive(rng, (5, _N, _T), rho=0.4, sd=1.0)
    known = {
        name: province_year.pivot(index="province_code", columns="year", values=name).loc[codes, list(YEARS[1:])]
        for name in ("gdp_per_capita", "urbanization_rate")
    }
    gdp, urban = (frame.to_numpy(dtype="float64") for frame in known.values())
    # The year before the panel's first: as much lower as the next is higher.
    gdp = np.column_stack([gdp[:, 0] ** 2 / gdp[:, 1], gdp])
    urban = np.column_stack([2 * urban[:, 0] - urban[:, 1], urban])
    words = np.round(8500 + 120 * time + 700 * level[3] + 250 * noise[3])
    rate = np.exp(-6.6 + 0.11 * time + 0.25 * level[2] + 0.02 * time * slope[3] / 4 + 0.08 * noise[4])
    count = np.round(rate * words)
    return {
        "gdp_per_capita_published": np.round(gdp),
        "higher_education_share": np.round(
            11.5 * np.exp(0.30 * level[0] + (0.035 + 0.005 * slope[0]) * time + 0.02 * noise[0]), 2
        ),
        "share_65_plus_published": np.round(9.3 + 1.3 * level[1] + (0.42 + 0.08 * slope[1]) * time + 0.2 * noise[1], 2),
        "urban_density": np.round(np.exp(7.9 + 0.30 * level[2] + 0.010 * slope[2] * time + 0.03 * noise[2])),
        "urban_share": np.round(urban, 2),
        "report_keyword_count": count,
        "report_word_count": words,
        "report_keyword_share": count / words * 1000,
    }


def _planted_degree(
    rng: np.random.Generator, drivers: dict[str, np.ndarray], codes: list[int]
) -> tuple[np.ndarray, dict[str, dict[str, float]]]:
    """D, 31 x 12, and the slopes it has after stretching."""
    weights = contiguity()
    logs = {name: np.log(drivers[name]) for name in BETA}
    explained = sum(BETA[name] * x + THETA[name] * (weights @ x) for name, x in logs.items())
    own = scores_in_order_of(logs["gdp_per_capita_published"].mean(axis=1) + 0.25 * bounded_normal(rng, (_N,)))
    noise = _NOISE * bounded_normal(rng, (_N, _T))
    rest = 0.055 * own[:, None] + 0.006 * np.arange(_T) + noise
    made = np.linalg.solve(np.eye(_N) - RHO * weights, explained + rest)
    low, span = float(made.min()), float(made.max() - made.min())
    slopes = {
        "beta": {name: value / span for name, value in BETA.items()},
        "theta": {name: value / span for name, value in THETA.items()},
        "noise": {"sd": _NOISE / span},
    }
    return (made - low) / span, slopes


def _truth(seed: int, degree: np.ndarray, slopes: dict[str, dict[str, float]], codes: list[int]) -> dict[str, Any]:
    return {
        "study": "coupling",
        "years": [YEARS[0], YEARS[-1]],
        "note": "D = rho W D + X beta + W X theta + province + year + noise, X in logarithms, W row-standardised "
        "contiguity. Indicators are low + (high - low) U, plus noise. Figures before blemishes.",
        "rho": RHO,
        **slopes,
        "indicators": {
            name: {
                "system": one.system,
                "low": one.low,
                "high": one.high,
                "noise_sd": _OWN_NOISE * abs(one.high - one.low),
            }
            for name, one in SERIES.items()
        },
        "blemishes": [
            *({"indicator": name, "province_code": code, "year": year} for name, code, year in HUBEI_2020),
            *({"indicator": name, "before": YEARS[1]} for name in ECOMMERCE),
        ],
        "coordination_degree": {
            str(code): [round(float(value), 6) for value in row] for code, row in zip(codes, degree, strict=True)
        },
    }


def _file(figures: pd.DataFrame, printed: dict[str, tuple[str, int]], seed: int) -> bytes:
    names = {province.province_code: province.name_zh for province in load_provinces()}
    lines = [",".join(["省份", "代码", "年份", *(header for header, _ in printed.values())])]
    for row in figures.to_dict("records"):
        code, year = int(row["province_code"]), int(row["year"])
        cells = [
            "" if (name, code, year) in HUBEI_2020 else f"{row[name]:.{decimals}f}"
            for name, (_, decimals) in printed.items()
        ]
        lines.append(",".join([names[code], str(code), str(year), *cells]))
    return text_bytes([*lines, NOTE.format(seed=seed)], "utf-8-sig", "\n")


def _frame(place: dict[str, np.ndarray], columns: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame({**place, **{name: values.ravel() for name, values in columns.items()}})
