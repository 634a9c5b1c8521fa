"""Options of the findings on the Gini paper, whose abstract alone is at hand (domain section 8)."""

from catalog.base import refuse
from catalog.part_options import PartOptions
from catalog.studies import Study


class Options(PartOptions):
    """`window`: first and last year of the paper's data, between which its directions are looked for."""

    window: tuple[int, int]

    def check(self, study: Study) -> None:
        """The study names a paper, and its panel holds two years of the window."""
        (start, end), years = study.panel.bounds, list(study.panel.years)
        first, last = max(start, self.window[0]), min(end, self.window[1])
        refuse(
            (study.paper is None, "paper: the study names none"),
            (first >= last, f"window {list(self.window)} has fewer than two years of the panel, {years}"),
        )
