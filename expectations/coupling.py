"""What must hold for `coupling`: indices and degrees between 0 and 1, and the identity D = (U1 U2)^(1/4).

Belongs here: the checks of that table and the columns they need. Does not belong here: formulas
(models_py/indices/coupling.py).
"""

from catalog.identity import variant_choices
from catalog.parts import coupling
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "coupling"
BOUNDED = ("u_digital", "u_health", "coupling_degree", "coordination_index", "coordination_degree")
_REQUIRED = ("study", "variant", "entity_code", "entity_level", "year", *BOUNDED, "level")
# The fourth root magnifies rounding near zero.
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame, study: Study) -> Frame:
    """`df`, the rows of one study, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; cells_gap (rows of the row's variant less its places times its years); identity_gap (D less
    the fourth root of U1 U2; NULL under other forms of C than the standard one). Raises KeyError for an absent column.
    """
    form = study.options(coupling.Options).form
    forms = df["variant"].map(lambda variant: variant_choices(variant).get("form", form))
    of = df.groupby("variant")
    cells = of["entity_code"].transform("nunique") * of["year"].transform("nunique")
    rooted = (df["u_digital"].clip(lower=0) * df["u_health"].clip(lower=0)) ** 0.25
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        cells_gap=of["year"].transform("size") - cells,
        identity_gap=(df["coordination_degree"] - rooted).mask(forms != "standard"),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A variant, place and year have only one row", "同一设定、地区与年份仅一行"),
            years_of_study(TABLE, study),
            _check(
                "panel_complete",
                "critical",
                "Every variant has all its places in all its years",
                "各设定的地区与年份齐全",
                between("cells_gap", 0, 0),
            ),
            *[
                _check(
                    "bounded",
                    "critical",
                    f"{name} lies between 0 and 1",
                    f"{name}在0与1之间",
                    between(name, 0, 1),
                    of=name,
                )
                for name in BOUNDED
            ],
            _check(
                "identity",
                "critical",
                f"Under the standard form D is the fourth root of both indices' product, within {_EXACT:g}",
                f"标准形式下D等于两指数乘积的四次方根，误差不超过{_EXACT:g}",
                between("identity_gap", -_EXACT, _EXACT),
            ),
        ],
    )
