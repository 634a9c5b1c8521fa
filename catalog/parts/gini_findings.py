"""Options of the findings on the Gini paper, whose abstract alone is at hand (domain section 8)."""

from typing import ClassVar

from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """`window`: first and last year of the paper's data, between which its directions are looked for."""

    zh: ClassVar[str] = "`window`：论文数据的首末年份，在其间核对论文所述的变化方向。"

    window: tuple[int, int]

    def check(self, study: Study) -> None:
        """The study names a paper, and its panel holds two years of the window."""
        (start, end), years = study.panel.bounds, list(study.panel.years)
        first, last = max(start, self.window[0]), min(end, self.window[1])
        forbid(study.paper is None, "study.no_paper")
        forbid(first >= last, "gini_findings.window", ("window",), window=str(list(self.window)), years=str(years))
