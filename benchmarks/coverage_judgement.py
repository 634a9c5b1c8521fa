"""When an observed coverage agrees with a documented one (design rule "Coverage").

Belongs here: the interval and the verdict, pure. Does not belong here: simulating or fitting anything.
"""

from __future__ import annotations

from dataclasses import dataclass

# CR1 with 31 clusters: the t(30) interval covers about 0.93, not 0.95.
DOCUMENTED_CR1 = 0.93
NOMINAL = 0.95
# The jackknife and the bootstrap are made to hold the nominal level, and no other figure is documented for them
# (Cameron, Gelbach and Miller 2008; Djogbenou, MacKinnon and Nielsen 2019; MacKinnon, Nielsen and Webb 2023).
DOCUMENTED = {"cr1": DOCUMENTED_CR1, "cr3": NOMINAL, "wild_cluster": NOMINAL}
LEVEL = 0.999


@dataclass(frozen=True)
class Verdict:
    """Observed coverage of one cell, its interval (shares), the documented coverage it is held against."""

    covered: int
    panels: int
    low: float
    high: float
    documented: float

    @property
    def share(self) -> float:
        """Observed coverage."""
        return self.covered / self.panels

    @property
    def passed(self) -> bool:
        """The documented coverage lies in the interval."""
        return self.low <= self.documented <= self.high


def clopper_pearson(covered: int, panels: int, level: float) -> tuple[float, float]:
    """Exact binomial interval at `level` around covered / panels. Raises ValueError for impossible counts."""
    from scipy.special import betaincinv

    if not 0 <= covered <= panels or panels < 1 or not 0 < level < 1:
        raise ValueError(f"impossible: {covered} of {panels} at level {level}")
    tail = (1 - level) / 2
    low = 0.0 if covered == 0 else float(betaincinv(covered, panels - covered + 1, tail))
    high = 1.0 if covered == panels else float(betaincinv(covered + 1, panels - covered, 1 - tail))
    return low, high


def judge(covered: int, panels: int, cells: int, documented: float = DOCUMENTED_CR1) -> Verdict:
    """The verdict on one of `cells` coverages reported together: 99.9 % interval, Bonferroni over them."""
    if cells < 1:
        raise ValueError("cells must be at least 1")
    low, high = clopper_pearson(covered, panels, 1 - (1 - LEVEL) / cells)
    return Verdict(covered, panels, low, high, documented)
