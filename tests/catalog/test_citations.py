"""The registry of works: complete entries, and which study cites which."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from catalog import load_studies
from catalog.citations import Author, Reference, cited_by, load_references
from catalog.parts import few_clusters

PERSON = Author(family="A", given="B")


def test_every_work_is_complete_and_articles_carry_a_doi():
    works = load_references()
    assert list(works) == [work.id for work in works.values()]
    articles = [work for work in works.values() if work.kind == "article"]
    assert len(articles) > 8 and all(work.doi and work.year and work.volume for work in articles)
    dois = [work.doi for work in articles]
    assert len(set(dois)) == len(dois)


def test_methods_are_cited_where_the_study_asks_for_them():
    study = load_studies()["expenditure_gdp"]
    assert study.paper is None and [options.part() for options in study.parts] == ["regressions"]
    plain = {work.id for work in cited_by(study)}
    assert plain == {work.id for work in load_references().values() if work.cite == "always"}
    assert "pyfixest" in plain and "webb_2023" not in plain
    paper = study.model_copy(update={"paper": "MSPI paper"})
    assert next(iter(cited_by(paper))).id == "shao_2026"
    more = (*study.parts, few_clusters.Options())
    other = study.model_copy(update={"paper": "another paper", "parts": more})
    assert {"webb_2023", "roodman_2019"} <= {work.id for work in cited_by(other)}
    assert "shao_2026" not in {work.id for work in cited_by(other)}


def test_every_part_that_is_cited_for_is_a_part_of_some_study():
    had = {options.part() for study in load_studies().values() for options in study.parts}
    assert {work.cite for work in load_references().values()} - {"always", "paper"} <= had


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"kind": "article"}, "needs journal"),
        ({"kind": "report"}, "needs series"),
        ({"kind": "preprint"}, "needs arxiv"),
        ({"kind": "software", "cite": "paper"}, "go together"),
        ({"kind": "software", "paper": "x"}, "go together"),
        ({"kind": "software", "cite": "alchemy"}, "neither always, paper nor a part"),
        ({"kind": "software", "doi": "not a doi"}, "doi"),
        ({"kind": "software", "pages": "1--2"}, "pages"),
        ({"kind": "software", "pagez": "1"}, "pagez"),
    ],
)
def test_an_incomplete_work_is_refused(fields, problem):
    with pytest.raises(ValidationError, match=problem):
        Reference(id="x", authors=(PERSON,), title="t", **fields)


def test_an_author_is_a_person_or_a_body():
    for fields in ({}, {"family": "A", "name": "B"}, {"given": "A"}, {"given": "A", "name": "B"}):
        with pytest.raises(ValidationError, match="either family and given, or name"):
            Author(**fields)
