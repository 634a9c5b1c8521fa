"""What the part shows: which figures and tables from which rows, their names, words and room on the page."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies
from catalog.base import Text
from catalog.identity import Identity
from catalog.parts.treatment_timing import Options
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS
from models_py.figures.style import FigureError
from models_py.panel import ENTITY, panel_of
from models_py.parts.frame import Seen
from models_py.parts.treatment_timing import part as shows
from models_py.parts.treatment_timing.evidence import timing_evidence
from models_py.parts.treatment_timing.figure_event_study import FEW, Basis, event_study
from models_py.parts.treatment_timing.figure_weights import twfe_weights
from models_py.parts.treatment_timing.part import PART
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE, caption, drawn_texts
from tests.models_py.staggered_panels import NEVER, PROVINCES, staggered

STUDY = load_studies()["mspi"]
SPEC = Options(
    treatment="exposure", leads=3, lags=4, further_thresholds=(0.2,), relative_magnitudes=(1.0,), smoothness=(0.1,)
)
STARTS = {2013: 3, 2015: 8, 2017: 8, 2019: 6, NEVER: 6}
OUTCOME, TERM = Text(zh="结果", en="Outcome"), Text(zh="暴露度", en="Exposure")


def readings():
    """The headline's model under both readings, of one panel."""
    one = staggered(STARTS)
    other = replace(one, frame=one.frame.assign(outcome=one.frame["outcome"] * -0.5))
    names = {"volume": one, "substitution": other}
    return [replace(data, identity=Identity("mspi", "Table 2", "(2)", reading=name)) for name, data in names.items()]


@pytest.fixture(scope="module")
def seen() -> Seen:
    models = readings()
    made = [timing_evidence(data, SPEC) for data in models]
    further = SPEC.model_copy(update={"threshold": 0.2})
    above = [replace(data, identity=data.identity.varied(threshold=0.2)) for data in models]
    made += [timing_evidence(data, further, weights=False) for data in above]
    exposure = models[0].frame.rename(columns={ENTITY: "province_code"})[["province_code", "year", "exposure"]]
    found = {
        "estimate": pd.concat([one["estimate"] for one in made], ignore_index=True),
        "twfe_weight": pd.concat([one["twfe_weight"] for one in made[:2]], ignore_index=True),
        "spec_test": pd.concat([one["spec_test"] for one in made], ignore_index=True),
        "smart_exposure": exposure,
    }
    return Seen(STUDY, PROVINCES, found, "synthetic")


@pytest.fixture(scope="module")
def pictures(seen):
    made = [picture for make in (shows.event_studies, shows.staggered, shows.weights) for picture in make(seen, SPEC)]
    return {picture.stem: picture for picture in made}


@pytest.fixture(scope="module")
def drawn(pictures):
    """The SVG of every figure, by its stem and language."""
    return {(stem, lang): chart_of(picture.figure, lang).svg for stem, picture in pictures.items() for lang in LANGS}


def test_files_begin_with_the_titles_known_before(seen, pictures):
    assert list(pictures) == [
        "event_study",
        "event_study_above_0_2",
        "staggered_adoption",
        "staggered_adoption_substitution",
        "staggered_adoption_above_0_2",
        "staggered_adoption_substitution_above_0_2",
        "twfe_weights",
        "twfe_weights_table_2_2_substitution",
    ]
    assert pictures["event_study_above_0_2"].title.en == "Event study (exposure above 0.2)"
    assert pictures["staggered_adoption_above_0_2"].title.zh == "分批暴露的估计方法（暴露度高于0.2）"
    titles = {show.kind: [] for show in PART.shows}
    for show in PART.shows:
        titles[show.kind] += [name for name, _ in show.titled(STUDY, SPEC)]
    assert all(any(stem.startswith(name) for name in titles["figure"]) for stem in pictures)
    assert [table.stem for table in shows.tables(seen, SPEC)] == titles["table"]
    assert not set(titles["table"]) & set(pictures)


def test_every_figure_is_legible(pictures, drawn):
    """No text leaves the canvas or lies on another, and each is in the figure's language."""
    for (stem, lang), svg in drawn.items():
        assert faults(svg) == [], (stem, lang)
        assert {"zh": "合成数据", "en": "SYNTHETIC"}[lang] in drawn_texts(svg)
        if lang == "en":
            assert not [text for text in drawn_texts(svg) if CHINESE.search(text)], stem
    for picture in pictures.values():
        assert re.search("N = .*Source: medpanel, table", caption(picture.figure, "en"))


def test_the_event_study_has_a_reference_binned_ends_and_counts(pictures, drawn):
    figure, shown = pictures["event_study"].figure, drawn_texts(drawn["event_study", "en"])
    # Seen three years before: those that begin in 2017 and 2019.
    for year in ("≤ −314", "−222", "−122", "022", "≥ 422"):
        assert year in ["".join(text.split("\n")) for text in shown], year
    assert "(2)" in shown and any("substitution reading" in text for text in shown)
    assert "Years since first exposure; below: provinces seen" in shown and "Coefficient, SD" in shown
    assert "系数，标准差" in drawn_texts(drawn["event_study", "zh"])
    words = caption(figure, "en")
    assert "around first smart-city exposure" in words and "resting on" not in words
    assert "Model: (2). Reference (hollow, zero by construction): −1 years" in words
    # The event study's own rows, not the headline's.
    assert f"N = {(31 - STARTS[2013]) * 12} province-years" in words


def test_what_series_share_stands_in_the_note_alone(pictures, drawn):
    shown = drawn_texts(drawn["staggered_adoption_substitution_above_0_2", "en"])
    for name in ("two-stage DID (did2s)", "two-stage DID (did2s), controls none", "Sun and Abraham"):
        assert any(text.startswith(f"(2) {name} · ") for text in shown), name
    words = caption(pictures["staggered_adoption_substitution_above_0_2"].figure, "en")
    assert "Model: (2) substitution reading (less use is higher), above 0.2." in words
    assert "−1" not in shown


def test_few_exposed_are_said_and_have_no_bars(seen):
    """The title counts them; the clustered intervals are not drawn, the rows keep them."""
    events = seen.tables["estimate"].query("table_no == 'Event study' and variant == ''")
    few, many = (
        event_study(events, OUTCOME, TERM, PROVINCES.unit, "real", basis=Basis((-3, 4), (-1,), exposed))
        for exposed in (2, FEW)
    )
    assert few.title.en.endswith(", resting on 2 provinces") and few.title.zh.endswith("（仅依据2个省份）")
    assert "No bars: only 2 provinces" in few.notes[0].en and "故不画区间" in few.notes[0].zh
    assert "resting" not in many.title.en and "Bars: 95% intervals" in many.notes[0].en
    bars = [re.findall("mark-rule role-mark .*?</g>", chart_of(figure, "en").svg) for figure in (few, many)]
    assert sum(part.count("<line") for part in bars[0]) < sum(part.count("<line") for part in bars[1])
    assert few.data["ci_low"].notna().any()


def test_the_better_supported_threshold_comes_first(seen):
    """Far fewer provinces rest under the study's own threshold than under the further one."""
    tests = seen.tables["spec_test"]
    exposed = (tests["test"] == "event study exposed") & (tests["variant"] == "")
    poor = replace(
        seen, tables={**seen.tables, "spec_test": tests.assign(statistic=tests["statistic"].mask(exposed, 2.0))}
    )
    first, second = shows.event_studies(poor, SPEC)
    assert (first.stem, second.stem) == ("event_study_above_0_2", "event_study")
    assert "resting on 2 provinces" in second.figure.title.en and "resting" not in first.figure.title.en


def test_another_reference_is_named_and_drawn(seen):
    """As the published tests say, not as one would assume."""
    tests = seen.tables["spec_test"]
    there = tests["test"] == "event study reference"
    moved = replace(
        seen, tables={**seen.tables, "spec_test": tests.assign(statistic=tests["statistic"].mask(there, -3.0))}
    )
    figure = next(iter(shows.event_studies(moved, SPEC))).figure
    assert "Reference (hollow, zero by construction): ≤ −3 years" in figure.notes[0].en
    assert "参照期（空心点，按构造为0）：距首次暴露≤ −3年" in figure.notes[0].zh


def test_counts_follow_the_threshold_and_the_treatment(seen):
    assert shows.event_counts(seen, SPEC) == {-3: 14, -2: 22, -1: 22, 0: 22, 1: 22, 2: 22, 3: 22, 4: 22}
    above = shows.event_counts(seen, SPEC, 0.2)
    shares = seen.tables["smart_exposure"].groupby("province_code")["exposure"].max()
    start = seen.tables["smart_exposure"].query("exposure > 0.2").groupby("province_code")["year"].min()
    assert above is not None and above[0] == (start > 2013).sum() <= (shares > 0.2).sum()
    assert shows.event_counts(seen, SPEC.model_copy(update={"treatment": "urbanization"})) is None
    bare = replace(seen, tables={})
    assert shows.event_counts(bare, SPEC) is None


def test_nothing_to_show(seen):
    bare = replace(seen, tables={name: seen.tables[name] for name in ("smart_exposure",)})
    for show in PART.shows:
        assert list(show.make(bare, SPEC)) == []


def test_tables_list_every_estimate(seen):
    study, adoption = shows.tables(seen, SPEC)
    estimate = seen.tables["estimate"]
    # Those without any error, interval and p-value are a sentence.
    bare = estimate[["std_error", "ci_low", "ci_high", "p_value"]].isna().all(axis=1)
    for table, number in ((study, "Event study"), (adoption, "Staggered adoption")):
        own = estimate["table_no"] == number
        assert len(table.rows) == (own & ~bare).sum()
        assert "Without standard error" in table.notes[1].en if (own & bare).any() else len(table.notes) == 1
    first = study.printed("en").rows[0]
    assert first.label == "−3 years since first exposure" and first.cells[0] == "(2)"
    assert study.printed("zh").rows[0].label == "首次暴露后−3年"
    printed = " ".join(row.label for lang in LANGS for row in study.printed(lang).rows)
    assert " | " not in printed and "_" not in printed
    assert study.synthetic
    assert "(2) two-stage DID (did2s), controls none" in [row.cells[0] for row in adoption.printed("en").rows]


def test_a_part_that_stands_twice_shows_its_own_rows(seen):
    again = {name: frame.assign(variant=_named(frame)) for name, frame in seen.tables.items() if "variant" in frame}
    both = {name: pd.concat([seen.tables[name], frame], ignore_index=True) for name, frame in again.items()}
    twice, named = replace(seen, tables={**seen.tables, **both}), SPEC.model_copy(update={"name": "late"})
    stems = [picture.stem for picture in shows.staggered(twice, named)]
    assert stems[:2] == ["staggered_adoption_late", "staggered_adoption_late_substitution"]
    assert [picture.stem for picture in shows.weights(twice, SPEC)] == [
        "twfe_weights",
        "twfe_weights_table_2_2_substitution",
    ]
    assert shows.table_titles(STUDY, named)[0][0] == "event_study_estimates_late"


def _named(frame: pd.DataFrame) -> list[str]:
    return [f"{variant}, part=late" if variant else "part=late" for variant in frame["variant"]]


def test_weights_sum_and_count(seen, pictures):
    rows = seen.tables["twfe_weight"].query("reading == 'volume'")
    weight = rows["weight"]
    written = caption(pictures["twfe_weights"].figure, "en")
    assert f"{(weight < 0).sum()} of {len(weight)} negative" in written
    assert f"{weight[weight < 0].sum():.3f}".replace("-", "−") in written
    with pytest.raises(FigureError, match="no row"):
        twfe_weights(rows.iloc[:0], TERM, PROVINCES, "real")
    with pytest.raises(FigureError, match="more than one model"):
        twfe_weights(seen.tables["twfe_weight"], TERM, PROVINCES, "real")


def test_event_study_refusals(seen):
    events = seen.tables["estimate"].query("table_no == 'Event study'")
    unit = PROVINCES.unit
    with pytest.raises(FigureError, match="no row of an event study"):
        event_study(events.assign(term="exposure"), OUTCOME, TERM, unit, "real")
    many = pd.concat([events.assign(model=f"m{i}", reading="", variant="") for i in range(7)])
    with pytest.raises(FigureError, match="7 series"):
        event_study(many, OUTCOME, TERM, unit, "real")


def test_real_data_carry_no_mark(seen):
    for picture in (
        *shows.event_studies(replace(seen, data_kind="real"), SPEC),
        *shows.weights(replace(seen, data_kind="real"), SPEC),
    ):
        assert "SYNTHETIC" not in drawn_texts(chart_of(picture.figure, "en").svg)


@pytest.fixture(scope="module")
def counties():
    """Forty made-up counties under a model of their own."""
    codes = range(900001, 900041)
    names = pd.DataFrame(
        {ENTITY: codes, "name_zh": [f"县{c}" for c in codes], "name_en": [f"County {c}" for c in codes]}
    )
    panel = panel_of("county", names, (2013, 2024))
    data = staggered({2013: 4, 2015: 12, 2018: 12, NEVER: 12}, panel=panel)
    return data, timing_evidence(data, SPEC)


def test_a_panel_of_counties_is_told_of_counties(counties):
    data, found = counties
    remarks = found["spec_test"][["note_en", "note_zh"]].to_numpy().ravel()
    assert not [text for text in remarks if re.search("provinc|省", text, re.IGNORECASE)]
    tests = found["spec_test"].set_index("test")
    assert "4 counties left out" in tests.at["event study clusters", "note_en"]
    assert tests.at["event study clusters", "statistic"] == 36
    assert set(found["twfe_weight"]["entity_level"]) == {"county"}
    assert found["twfe_weight"]["province_code"].isna().all()
    made = [
        event_study(found["estimate"], OUTCOME, TERM, data.panel.unit, "real"),
        twfe_weights(found["twfe_weight"], TERM, data.panel, "real"),
    ]
    for figure in made:
        shown = [caption(figure, lang) for lang in LANGS] + drawn_texts(chart_of(figure, "en").svg)
        assert not re.search("provinc|省", " ".join(shown), re.IGNORECASE)
    assert "County 900001" in drawn_texts(chart_of(made[1], "en").svg)
    assert "县900001" in drawn_texts(chart_of(made[1], "zh").svg)
    assert np.isfinite(found["estimate"]["estimate"]).all()
