"""Which of a study's figures answers to which printed figure: declared, one entry for each paper.

Belongs here: names and units, as data. Does not belong here: any computation (comparison.py).
A printed row that no entry names is an error where it is compared, never a row left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Counterparts:
    """How one paper's tables, columns and rows are called in the study that rebuilds it.

    `models`: (table, column) printed -> (table_no, model). In these, a row is a coefficient (`coefficients`: row ->
    term), a figure of the fit (`fit`: row -> column of model_fit) or a yes-or-no row (`flags`: row -> regular
    expression found in model_fit.formula when the answer is yes).
    `statistics`: the table of summary statistics -> the study's. `statistic_columns`: column -> column of
    summary_statistic; `variables`: row -> variable. `facts`: place -> name of a fact of comparison.py.
    `signed`: (variable, statistic) pairs that can be below zero; only of these, and of coefficients, is a sign worth
    comparing. `level`: the weakest level a star stands for.
    """

    level: float
    models: Mapping[tuple[str, str], tuple[str, str]]
    coefficients: Mapping[str, str]
    fit: Mapping[str, str]
    flags: Mapping[str, str]
    statistics: Mapping[str, str] = field(default_factory=dict)
    statistic_columns: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    signed: frozenset[tuple[str, str]] = frozenset()


MSPI_PAPER = "MSPI paper"

COUNTERPARTS: Mapping[str, Counterparts] = {
    MSPI_PAPER: Counterparts(
        level=0.10,
        models={
            (table, column): (table, column)
            for table, columns in {
                "Table 2": ("(1)", "(2)", "(3)"),
                "Table 3": ("SSI", "QII", "HMI"),
                "Table 4": ("(1)",),
                "Table 5": ("(1)", "(2)", "(3)"),
            }.items()
            for column in columns
        },
        coefficients={
            "smart_city_exposure": "exposure",
            "gdp_per_capita": "gdp_per_capita",
            "urbanization": "urbanization",
            "population_density": "population_density",
            "fiscal_expenditure": "fiscal_expenditure",
            "SSI": "ssi",
            "QII": "qii",
            "HMI": "hmi",
        },
        # The paper does not say which R2 it prints; within province with year dummies is the likeliest
        # (what xtreg, fe prints). The two others stand in model_fit.
        fit={"R2": "r2_within_entity", "observations": "n_obs"},
        flags={
            "province_fe": r"\|.*\bprovince_code\b",
            "year_fe": r"\|.*\b(region_)?year\b",
            "province_specific_trends": r"\+ province_code x \(",
        },
        statistics={"Table 1": "Table 1"},
        statistic_columns={"N": "n", "mean": "mean", "sd": "sd", "min": "min", "max": "max"},
        variables={
            "MSPI": "mspi",
            "smart_city_exposure": "exposure",
            "gdp_per_capita": "gdp_per_capita",
            "urbanization_rate": "urbanization",
            "population_density": "population_density",
            "fiscal_expenditure_per_capita": "fiscal_expenditure",
        },
        facts={
            ("Table 1", "MSPI (derived)", "implied mean pairwise correlation of 7 indicators"): "implied_correlation",
            ("Figure 1", "map", "n_classes"): "n_classes",
            ("design", "panel", "provinces"): "n_provinces",
            ("design", "panel", "first_year"): "first_year",
            ("design", "panel", "last_year"): "last_year",
            ("design", "panel", "n_indicators"): "n_indicators",
        },
        signed=frozenset(("mspi", statistic) for statistic in ("mean", "min", "max")),
    ),
}

# Printed unit -> units a study's figure may be in -> factor to the printed one.
UNITS: Mapping[str, Mapping[str, float]] = {
    "RMB": {"RMB": 1.0, "元/人": 1.0, "元": 1.0},
    "share": {"share": 1.0, "%": 0.01},
    "persons/km2": {"persons/km2": 1.0, "人/平方公里": 1.0},
    "index": {"index": 1.0, "standard deviations": 1.0},
}
# A count of rows: the printed unit of the column N, whatever the variable's own unit.
COUNT_UNIT = "province-years"
