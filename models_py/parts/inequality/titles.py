"""Names and titles of the printed tables, apart from what makes them: Dagster asks for them whenever it loads."""

from catalog.base import Text

GINI, THEIL, CHANGE = "gini_coefficients", "theil_parts", "gini_change"
TITLES = {
    GINI: Text(zh="基尼系数", en="Gini coefficients"),
    THEIL: Text(zh="泰尔指数及其构成", en="Theil index and its parts"),
    CHANGE: Text(zh="基尼系数的变化及来源", en="What moved the Gini coefficient"),
}
