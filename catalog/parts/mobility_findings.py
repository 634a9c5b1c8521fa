"""Options of the findings on the mobility paper (domain sections 6.5 and 7)."""

from catalog.base import refuse
from catalog.part_options import PartOptions
from catalog.studies import Study


class Options(PartOptions):
    """None of its own; the findings are about whatever of the paper the study computes."""

    def check(self, study: Study) -> None:
        """The study names a paper, whose printed figures the findings are about."""
        refuse((study.paper is None, "paper: the study names none"))
