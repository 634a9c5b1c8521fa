"""Options of the findings on the mobility paper (domain sections 6.5 and 7)."""

from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """None of its own; the findings are about whatever of the paper the study computes."""

    def check(self, study: Study) -> None:
        """The study names a paper, whose printed figures the findings are about."""
        forbid(study.paper is None, "study.no_paper")
