"""What must hold for `inequality_place`: densities that are none below zero and agree with each other.

Belongs here: the checks of that table and the columns they need. Does not belong here: the indices
(models_py/inequality/places.py).
"""

from catalog.provinces import load_provinces
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "inequality_place"
# A study of one basis, or without resources in the files, has no density for people and for land.
MAY_BE_EMPTY = True
_DENSITIES = ["per_1000", "per_km2", "hrdi"]
_REQUIRED = ("study", "resource", "year", "entity_code", "entity_level", *_DENSITIES, "pad")
_EXACT = 1e-12
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing, density_lowest (the lowest of per_1000, per_km2 and hrdi), hrdi_gap (hrdi squared over
    per_1000 x per_km2, less 1) and hrad_gap (hrad over per_km2, less its mean in the row's resource and year, over that
    mean: one number turns all densities of a year into hrad); both gaps are NULL where a unit has none. Raises
    KeyError for an absent column.
    """
    product = df["per_1000"] * df["per_km2"]
    scale = df["hrad"] / df["per_km2"].where(df["per_km2"] > 0)
    mean = scale.groupby([df["resource"], df["year"]]).transform("mean")
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        density_lowest=df[_DENSITIES].min(axis=1),
        hrdi_gap=df["hrdi"] ** 2 / product.where(product > 0) - 1,
        hrad_gap=scale / mean - 1,
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    codes = [province.province_code for province in load_provinces()] if study.panel.unit == "province" else []
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A unit has one row per resource and year", "同一资源、年份的同一单位仅一行"),
            years_of_study(TABLE, study),
            _check(
                "entity_level_of_study",
                "critical",
                "Every unit is of the study's panel",
                "单位均属研究面板",
                in_set("entity_level", [study.panel.unit]),
            ),
            *(
                [
                    _check(
                        "entities_known",
                        "critical",
                        f"Every code is one of the {len(codes)} provinces",
                        f"代码均属{len(codes)}个省份",
                        in_set("entity_code", codes),
                    )
                ]
                if codes
                else []
            ),
            _check(
                "densities_not_negative",
                "critical",
                "No density is below zero",
                "密度均不为负",
                between("density_lowest", 0, None),
            ),
            _check("hrad_not_negative", "critical", "hrad is not below zero", "hrad不为负", between("hrad", 0, None)),
            _check("pad_positive", "critical", "pad is above zero", "pad大于零", between("pad", 0, None, above=True)),
            _check(
                "hrdi_is_the_geometric_mean",
                "critical",
                f"hrdi squared = per_1000 x per_km2 in every row, within a share of {_EXACT:g}",
                f"逐行满足 hrdi 的平方等于 per_1000 与 per_km2 之积，相对误差不超过{_EXACT:g}",
                between("hrdi_gap", -_EXACT, _EXACT),
            ),
            _check(
                "hrad_is_relative_density",
                "critical",
                f"hrad is per_km2 over one and the same density in a year, within a share of {_EXACT:g}",
                f"同一年份各单位 hrad 与 per_km2 之比相同，相对误差不超过{_EXACT:g}",
                between("hrad_gap", -_EXACT, _EXACT),
            ),
        ],
    )
