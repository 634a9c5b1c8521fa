"""Options of the comparison with a paper's printed figures; the study's header names the paper."""

from typing import ClassVar

from catalog.papers import paper_named
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """`tables`: the printed tables and figures this study rebuilds; without them, all of the paper's."""

    zh: ClassVar[str] = "`tables`：本研究重做的论文图表；未给出时为该论文的全部图表。"

    tables: tuple[str, ...] = ()

    def uses(self, study: Study) -> tuple[str, ...]:
        """The tables that facts and cells of the paper are taken from."""
        return () if study.paper is None else paper_named(study.paper).tables

    def consults(self, study: Study) -> tuple[str, ...]:
        """The part that knows the paper's own facts."""
        facts_from = None if study.paper is None else paper_named(study.paper).facts_from
        return () if facts_from is None else (facts_from,)

    def check(self, study: Study) -> None:
        """The study names a paper, and its counterparts are declared."""
        forbid(study.paper is None, "study.no_paper")
        paper_named(study.paper or "")
