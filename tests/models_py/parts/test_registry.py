"""Parts are found by being there, ordered by what they need, handed that and no more, and their results are named.

Belongs here: the machinery, on toy parts. Does not belong here: any part of the project (their own folders, and
test_study_parts.py, where they run together).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

import catalog.parts
import models_py.parts
from catalog import Study, load_studies, load_study, load_tables
from catalog.base import Text
from catalog.identity import Identity
from catalog.part_options import PartOptions, known_parts
from models_py.panel import province_panel
from models_py.parts import registry
from models_py.parts.frame import INPUTS, VARIABLES, Part, Seen, Show, Tables, Work
from models_py.parts.registry import (
    PartError,
    all_parts,
    compute,
    needs_of,
    offered_of,
    parts_of,
    replicated_of,
    results_before,
    results_of,
    run_study,
    shown_inputs,
    shows_of,
    table_of,
)

YEARS = (2013, 2014)
PANEL = province_panel(YEARS)
SUMMARY = Text(en="toy", zh="例")
FIGURES = pd.DataFrame({"entity_code": [110000, 110000], "year": [2013, 2014], "gdp": [1.0, 2.0]})
Function = Callable[[Work], Tables]


class Toy(PartOptions):
    """Options of every toy part; `id` is that of its part."""

    twice: ClassVar[bool] = True
    id: str
    gives: tuple[str, ...] = ()

    def part(self) -> str:  # type: ignore[override]
        return self.id

    @property
    def offers(self) -> tuple[str, ...]:
        return self.gives


def rows(work: Work, **columns: Any) -> pd.DataFrame:
    """One row with an identity and columns."""
    return pd.DataFrame([{**Identity(work.study.id, "Table 1", "(1)").columns, **columns}])


class Toys:
    """A set of toy parts that takes the place of the project's."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.works: dict[str, Work] = {}

    def add(self, name: str, make: Function | None = None, **part: Any) -> None:
        """A part that fills its tables with one row that names it."""

        def made(work: Work) -> Tables:
            self.works[work.options.name or name] = work
            return (make or (lambda _: {table: rows(work, by=name) for table in self.parts[name].makes}))(work)

        self.parts[name] = Part(**{"needs": (), "makes": (), "compute": made, "summary": SUMMARY, **part})

    def study(self, *parts: str | Toy, **header: Any) -> Study:
        options = tuple(Toy(id=part) if isinstance(part, str) else part for part in parts)
        return Study(
            **{"id": "toys", "title": Text(en="t", zh="t"), "panel": {"years": YEARS}, **header, "parts": options}
        )


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Toys:
    made = Toys()
    monkeypatch.setattr(registry, "all_parts", lambda: made.parts)
    return made


def keys(study: Study) -> list[str]:
    return [one.key for one in parts_of(study)]


def one_of(study: Study, key: str) -> registry.StudyPart:
    return next(one for one in parts_of(study) if one.key == key)


# Finding parts


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts the modules of a part where parts are found, as if they lay in the tree."""
    folders = {"options": tmp_path / "options", "parts": tmp_path / "parts"}
    for folder in folders.values():
        folder.mkdir()
    monkeypatch.setattr(catalog.parts, "__path__", [*catalog.parts.__path__, str(folders["options"])])
    monkeypatch.setattr(models_py.parts, "__path__", [*models_py.parts.__path__, str(folders["parts"])])

    def drop(name: str, options: str | None = None, part: str | None = None) -> None:
        if options is not None:
            (folders["options"] / f"{name}.py").write_text(options, encoding="utf-8")
        if part is not None:
            (folders["parts"] / name).mkdir()
            (folders["parts"] / name / "__init__.py").write_text("", encoding="utf-8")
            (folders["parts"] / name / "part.py").write_text(part, encoding="utf-8")
        known_parts.cache_clear()
        all_parts.cache_clear()

    before = set(sys.modules)
    yield drop
    for name in set(sys.modules) - before:
        if name.startswith(("catalog.parts.", "models_py.parts.")):
            del sys.modules[name]
    known_parts.cache_clear()
    all_parts.cache_clear()


OPTIONS = '''"""Options of a count."""
from catalog.part_options import PartOptions
class Options(PartOptions):
    """`above`: figures counted."""
    above: float = 0.0
'''
PART = '''"""A count of figures."""
import pandas as pd
from catalog.base import Text
from catalog.identity import Identity
from models_py.parts.frame import Part
def compute(work):
    figures = work.tables["figures"]
    row = {**Identity(work.study.id, "Counts", "count").columns, "test": "count", "subject": "gdp",
           "statistic": float((figures["gdp"] > work.options.above).sum())}
    return {"spec_test": pd.DataFrame([row])}
PART = Part(needs=("figures",), makes=("spec_test",), compute=compute, summary=Text(en="a count", zh="计数"))
'''
FILE = """id: counted
title: {en: Counted, zh: 计数}
panel: {years: [2013, 2014]}
parts:
  - toy_count: {above: 1.5}
"""


def test_the_parts_are_those_whose_folders_are_there() -> None:
    folder = Path(models_py.parts.__file__).parent
    assert set(all_parts()) == {path.parent.name for path in folder.glob("*/part.py")}
    for name, part in all_parts().items():
        assert part.summary.en and part.summary.zh and callable(part.compute), name
        assert set(part.whole) <= set(part.makes) <= set(load_tables()), name


def test_a_part_dropped_in_two_places_runs_from_a_study_file(tmp_path: Path, dropped: Callable[..., None]) -> None:
    dropped("toy_count", OPTIONS, PART)
    assert "toy_count" in all_parts() and "regressions" in all_parts()
    path = tmp_path / "counted.yaml"
    path.write_text(FILE, encoding="utf-8")
    study = load_study(path)
    assert results_of(study) == {"spec_test": ("spec_test__toy_count",)}
    made = run_study(study, PANEL, {"figures": FIGURES}, "synthetic")
    assert made["spec_test"][["study", "test", "statistic"]].to_dict("records") == [
        {"study": "counted", "test": "count", "statistic": 1.0}
    ]


@pytest.mark.parametrize("place", ["options", "part"])
def test_a_part_in_only_one_of_the_two_places_is_an_error(dropped: Callable[..., None], place: str) -> None:
    dropped("toy_count", **{place: {"options": OPTIONS, "part": PART}[place]})
    with pytest.raises(PartError, match=r"in both catalog/parts/ and models_py/parts/; toy_count has only one"):
        all_parts()


# Order


@pytest.mark.parametrize(
    "order", [("last", "middle", "first"), ("first", "middle", "last"), ("middle", "last", "first")]
)
def test_parts_come_after_what_they_need_whatever_the_order_of_the_file(toys: Toys, order: tuple[str, ...]) -> None:
    toys.add("first", makes=("model_fit",))
    toys.add("middle", needs=("model_fit",), makes=("estimate",))
    toys.add("last", uses=("estimate",), makes=("finding",))
    assert keys(toys.study(*order)) == ["first", "middle", "last"]


def test_parts_that_need_nothing_of_each_other_keep_the_order_of_the_file(toys: Toys) -> None:
    for name in "abc":
        toys.add(name, needs=("figures",), makes=("estimate",))
    assert keys(toys.study("c", "a", "b")) == ["c", "a", "b"]


def test_whatever_takes_variables_comes_after_every_part_that_offers_some(toys: Toys) -> None:
    toys.add("takes", needs=(VARIABLES,), makes=("estimate",))
    toys.add("makes", makes=("performance_index",), offers=("performance_index",))
    toys.add("passes", needs=("exposure_variant",), offers=("exposure_variant",))
    study = toys.study("takes", "makes", "passes")
    assert keys(study) == ["makes", "passes", "takes"]
    assert offered_of(study) == ("performance_index", "exposure_variant")
    assert needs_of(study, one_of(study, "takes")) == ("performance_index", "exposure_variant")


def test_parts_that_share_a_table_and_do_not_take_it_wait_for_nobody(toys: Toys) -> None:
    toys.add("one", makes=("estimate",), whole=("estimate",))
    toys.add("two", makes=("estimate",))
    toys.add("reader", needs=("estimate",), makes=("finding",))
    study = toys.study("reader", "two", "one")
    assert keys(study) == ["two", "one", "reader"]
    assert results_before(study, one_of(study, "reader"), "estimate") == ("estimate__two", "estimate")


@pytest.mark.parametrize("kind", ["needs", "uses"])
def test_parts_that_wait_for_each_other_are_named(toys: Toys, kind: str) -> None:
    toys.add("egg", **{kind: ("model_fit",)}, makes=("estimate",))
    toys.add("hen", needs=("estimate",), makes=("model_fit",))
    toys.add("other", makes=("finding",))
    with pytest.raises(PartError, match="these parts wait for each other: hen, egg"):
        parts_of(toys.study("hen", "other", "egg"))


# Needs


def test_needs_are_resolved_for_the_study_at_hand(toys: Toys) -> None:
    toys.add("maker", makes=("model_fit",))
    toys.add("taker", needs=("figures", "model_fit"), uses=("figures_alternative", "twfe_weight"), makes=("estimate",))
    study = toys.study("maker", "taker")
    assert needs_of(study, one_of(study, "taker")) == ("figures", "model_fit", "figures_alternative")
    city = toys.study("maker", "taker", panel={"unit": "city", "years": YEARS})
    assert needs_of(city, one_of(city, "taker")) == ("figures", "model_fit")


def test_an_input_counted_for_some_studies_alone_is_there_where_a_part_cannot_do_without_it(toys: Toys) -> None:
    show = Show("map", "figure", SUMMARY, lambda seen, options: (), needs=("smart_exposure", "boundary"))
    toys.add("counted", needs=("smart_exposure",))
    toys.add(
        "taker", needs=("figures",), uses=("smart_exposure", "published_figure"), makes=("estimate",), shows=(show,)
    )
    alone, beside = toys.study("taker"), toys.study("taker", "counted")
    assert needs_of(alone, one_of(alone, "taker")) == ("figures", "published_figure")
    assert needs_of(beside, one_of(beside, "taker")) == ("figures", "smart_exposure", "published_figure")
    assert shown_inputs(alone) == ("boundary",) and shown_inputs(beside) == ("smart_exposure", "boundary")


def test_a_table_nothing_makes_is_an_error_that_names_both(toys: Toys) -> None:
    toys.add("taker", needs=("twfe_weight",), makes=("estimate",))
    study = toys.study("taker")
    with pytest.raises(PartError, match="toys: the part taker needs twfe_weight, which nothing in the study makes"):
        needs_of(study, one_of(study, "taker"))
    with pytest.raises(KeyError, match="toys: no part beside taker makes twfe_weight"):
        results_before(study, one_of(study, "taker"), "twfe_weight")


def test_a_parts_own_table_is_not_what_it_needs(toys: Toys) -> None:
    toys.add("alone", needs=("estimate",), makes=("estimate",))
    study = toys.study("alone")
    with pytest.raises(PartError, match="needs estimate, which nothing in the study makes"):
        needs_of(study, one_of(study, "alone"))


@pytest.mark.parametrize(
    ("unit", "name", "table"),
    [
        ("province", "figures", "province_year"),
        ("province", "figures_alternative", "int_province_year_alternative"),
        ("city", "figures", "city_year"),
        ("city", "figures_alternative", None),
        ("county", "figures", None),
        ("county", "city_pair", "city_pair"),
        ("province", "estimate", None),
    ],
)
def test_inputs_are_read_from_the_tables_of_the_panels_unit(
    toys: Toys, unit: str, name: str, table: str | None
) -> None:
    assert table_of(toys.study(panel={"unit": unit, "years": YEARS}), name) == table


def test_what_the_projects_parts_need_is_an_input_or_made_by_a_part() -> None:
    made = {table for part in all_parts().values() for table in part.makes}
    for name, part in all_parts().items():
        assert {*part.needs, *part.uses} <= {*INPUTS, *made, VARIABLES}, name
        assert set(part.offers) <= {*part.needs, *part.makes}, name


# Running


def test_an_input_that_is_not_given_is_an_error_that_names_it(toys: Toys) -> None:
    toys.add("taker", needs=("figures",), uses=("smart_exposure",), makes=("estimate",))
    with pytest.raises(PartError, match="toys: the part taker needs the input figures, which was not given"):
        run_study(toys.study("taker"), PANEL, {}, "real")
    assert set(run_study(toys.study("taker"), PANEL, {"figures": FIGURES}, "real")) == {"estimate"}


def test_a_part_is_handed_what_it_asks_for_and_nothing_else(toys: Toys) -> None:
    toys.add("maker", needs=("figures",), makes=("estimate", "finding"))
    toys.add("taker", needs=("estimate",), uses=("smart_exposure", "published_figure"), makes=("model_fit",))
    inputs = {"figures": FIGURES, "smart_exposure": FIGURES.head(0), "published_figure": FIGURES, "city_pair": FIGURES}
    made = run_study(toys.study("taker", "maker"), PANEL, inputs, "synthetic")
    assert set(made) == {"estimate", "finding", "model_fit"}
    work = toys.works["taker"]
    # An input without rows of the study counts as absent where the part can do without it.
    assert set(work.tables) == {"estimate", "published_figure"}
    assert work.tables["estimate"]["by"].tolist() == ["maker"]
    assert (work.study.id, work.panel, work.data_kind, work.options.part()) == ("toys", PANEL, "synthetic", "taker")
    assert dict(work.offered) == {}


def test_variables_are_handed_over_by_the_table_they_stand_in(toys: Toys) -> None:
    toys.add("index", needs=("figures",), makes=("performance_index",), offers=("performance_index",))
    toys.add("counted", needs=("exposure_variant",), offers=("exposure_variant",))
    toys.add("taker", needs=("figures", VARIABLES), makes=("estimate",))
    inputs = {"figures": FIGURES, "exposure_variant": FIGURES.head(0)}
    run_study(toys.study("taker", "index", "counted"), PANEL, inputs, "real")
    assert set(toys.works["taker"].offered) == {"performance_index", "exposure_variant"}
    assert toys.works["taker"].offered["performance_index"]["by"].tolist() == ["index"]
    run_study(toys.study("taker"), PANEL, inputs, "real")
    assert dict(toys.works["taker"].offered) == {}


def test_a_table_of_several_parts_is_their_rows_together(toys: Toys) -> None:
    toys.add("one", makes=("estimate",), whole=("estimate",))
    toys.add("two", makes=("estimate",))
    toys.add("reader", needs=("estimate",), makes=("finding",))
    made = run_study(toys.study("reader", "one", "two"), PANEL, {}, "real")
    assert made["estimate"]["by"].tolist() == ["one", "two"]
    assert toys.works["reader"].tables["estimate"]["by"].tolist() == ["one", "two"]


@pytest.mark.parametrize("tables", [(), ("estimate", "model_fit"), ("model_fit",)])
def test_a_part_that_makes_other_tables_than_it_says_is_refused(toys: Toys, tables: tuple[str, ...]) -> None:
    toys.add("liar", lambda work: {table: rows(work) for table in tables}, makes=("estimate",))
    with pytest.raises(
        PartError, match=rf"liar says that it makes \['estimate'\] but made \[{', '.join(map(repr, tables))}"
    ):
        run_study(toys.study("liar"), PANEL, {}, "real")


def test_other_figures_remake_what_rests_on_them_and_nothing_else(toys: Toys) -> None:
    def values(work: Work) -> Tables:
        return {
            "performance_index": work.tables["figures"].assign(study=work.study.id, mspi=work.tables["figures"]["gdp"])
        }

    toys.add("index", values, needs=("figures",), makes=("performance_index",), offers=("performance_index",))
    toys.add("counted", needs=("exposure_variant",), offers=("exposure_variant",))
    toys.add("taker", needs=("figures", VARIABLES), makes=("estimate",))
    inputs = {"figures": FIGURES, "exposure_variant": FIGURES.assign(exposure=0.5)}
    run_study(toys.study("index", "counted", "taker"), PANEL, inputs, "real")
    work = toys.works["taker"]
    again = work.remake(FIGURES.assign(gdp=[3.0, 4.0]))
    assert again["performance_index"]["mspi"].tolist() == [3.0, 4.0]
    assert work.offered["performance_index"]["mspi"].tolist() == [1.0, 2.0]
    pd.testing.assert_frame_equal(again["exposure_variant"], inputs["exposure_variant"])


def test_what_rests_on_remade_variables_is_remade_too(toys: Toys) -> None:
    def scored(work: Work) -> Tables:
        return {"entropy_score": work.tables["figures"].assign(score=work.tables["figures"]["gdp"] * 10)}

    def coupled(work: Work) -> Tables:
        return {"coupling": work.tables["entropy_score"].assign(degree=lambda f: f["score"] + 1)}

    toys.add("coupling", coupled, needs=("entropy_score",), makes=("coupling",), offers=("coupling",))
    toys.add("entropy", scored, needs=("figures",), makes=("entropy_score",), offers=("entropy_score",))
    toys.add("taker", needs=("figures", VARIABLES), makes=("estimate",))
    run_study(toys.study("taker", "coupling", "entropy"), PANEL, {"figures": FIGURES}, "real")
    again = toys.works["taker"].remake(FIGURES.assign(gdp=[3.0, 4.0]))
    assert again["coupling"]["degree"].tolist() == [31.0, 41.0]


def test_what_cannot_be_remade_is_an_error_and_not_left_as_it_was(toys: Toys) -> None:
    toys.add("index", needs=("figures", "city_pair"), makes=("performance_index",), offers=("performance_index",))
    toys.add("taker", needs=("figures", VARIABLES), makes=("estimate",))
    inputs = {"figures": FIGURES, "city_pair": FIGURES}
    run_study(toys.study("index", "taker"), PANEL, inputs, "real")
    with pytest.raises(PartError, match="toys: index cannot be made from other figures without city_pair"):
        toys.works["taker"].remake(FIGURES)


# Names of results


def test_results_are_named_by_table_and_part(toys: Toys) -> None:
    toys.add("one", makes=("estimate", "spec_test"), whole=("estimate",))
    toys.add("two", makes=("estimate",))
    study = toys.study("two", "one", Toy(id="two", name="again"))
    assert results_of(study) == {
        "estimate": ("estimate__two", "estimate", "estimate__two_again"),
        "spec_test": ("spec_test__one",),
    }


def test_two_parts_cannot_both_make_the_whole_of_a_table_under_its_name(toys: Toys) -> None:
    toys.add("one", makes=("finding",), whole=("finding",))
    toys.add("two", makes=("finding",), whole=("finding",))
    with pytest.raises(PartError, match="toys: one and two both make finding; leave one of them out"):
        results_of(toys.study("one", "two"))


def test_a_part_that_stands_twice_says_so_in_its_variants(toys: Toys) -> None:
    def made(work: Work) -> Tables:
        both = [rows(work), rows(work).assign(variant="threshold=0.4")]
        return {"estimate": pd.concat(both), "model_fit": rows(work).head(0)}

    toys.add("one", made, makes=("estimate", "model_fit"), whole=("estimate",))
    study = toys.study("one", Toy(id="one", name="wide"))
    assert results_of(study)["estimate"] == ("estimate", "estimate__one_wide")
    variants = run_study(study, PANEL, {}, "real")["estimate"]["variant"].tolist()
    assert variants == ["", "threshold=0.4", "part=wide", "part=wide, threshold=0.4"]


def test_a_part_whose_table_cannot_tell_it_from_the_first_cannot_stand_twice(toys: Toys) -> None:
    toys.add("one", lambda work: {"finding": pd.DataFrame({"study": [work.study.id]})}, makes=("finding",))
    message = "one cannot occur twice: finding has no column that would tell one_again from the first"
    with pytest.raises(PartError, match=message):
        run_study(toys.study("one", Toy(id="one", name="again")), PANEL, {}, "real")
    assert len(run_study(toys.study("one"), PANEL, {}, "real")["finding"]) == 1


def test_a_computed_part_takes_the_options_it_stands_with(toys: Toys) -> None:
    toys.add("one", makes=("estimate",))
    study = toys.study("one", Toy(id="one", name="wide"))
    for one in parts_of(study):
        compute(one, study, PANEL, {}, "real")
    assert {key: work.options.name for key, work in toys.works.items()} == {"one": "", "wide": "wide"}


def test_the_studies_of_the_project_have_results_of_one_name_each() -> None:
    for study in load_studies().values():
        results = results_of(study)
        names = [name for group in results.values() for name in group]
        assert len(set(names)) == len(names)
        assert set(results) <= set(load_tables())
        seen: set[str] = set()
        for one in parts_of(study):
            for need in needs_of(study, one):
                if need in INPUTS:
                    continue
                # Everything a part takes is made before it, by name and in full.
                assert set(results_before(study, one, need)) == set(results[need]) - {one.result(need)} <= seen
            seen |= {one.result(table) for table in one.part.makes}
        assert seen == set(names)


# Shows and replication


def test_shows_come_part_by_part_in_the_order_of_the_file(toys: Toys) -> None:
    def titles(study: Study, options: Any) -> list[tuple[str, Text]]:
        return [("of_study", Text(en=study.id, zh=options.id))]

    table = Show(
        "plain", "table", SUMMARY, lambda seen, options: [seen.rows("estimate"), options.id], needs=("estimate",)
    )
    figure = Show("drawn", "figure", SUMMARY, lambda seen, options: [], titles, needs=("boundary", "published_figure"))
    toys.add("last", needs=("estimate",), makes=("finding",), shows=(figure,))
    toys.add("first", makes=("estimate",), shows=(table, figure))
    study = toys.study("last", "first")
    found = list(shows_of(study))
    assert [(one.key, show.name) for one, show in found] == [("last", "drawn"), ("first", "plain"), ("first", "drawn")]
    (_, first), (one, second), _ = found
    assert second.titled(study, one.options) == (("plain", SUMMARY),)
    assert first.titled(study, one.options) == [("of_study", Text(en="toys", zh="first"))]
    # Tables of the study itself are no inputs.
    assert shown_inputs(study) == ("boundary", "published_figure")
    seen = Seen(study, PANEL, {}, "synthetic")
    rows_of, name = second.make(seen, one.options)
    assert name == "first" and len(rows_of) == 0
    assert seen.synthetic and not Seen(study, PANEL, {}, "real").synthetic


def test_parts_with_regressions_or_other_numbers_are_replicated(toys: Toys) -> None:
    toys.add("plain", makes=("finding",))
    toys.add("fits", makes=("estimate",), models=lambda work: [work.options.id])
    toys.add("measures", makes=("smart_exposure",), replicate=lambda work, made: made)
    study = toys.study("plain", "fits", "measures")
    assert [one.key for one in replicated_of(study)] == ["fits", "measures"]


def test_every_show_of_the_project_has_a_title_in_both_languages() -> None:
    for study in load_studies().values():
        names = []
        for one, show in shows_of(study):
            for name, title in show.titled(study, one.options):
                assert title.en and title.zh, (one.key, name)
                names.append(name)
        assert len(set(names)) == len(names), study.id
