"""What the part shows: which figures and tables from which rows, their names, words and room on the page."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies
from catalog.base import Text
from catalog.identity import Identity
from catalog.parts.treatment_timing import Options
from medpanel.report.charts import preview
from medpanel.report.images import keep_home_clean, png

keep_home_clean()

from matplotlib.text import Text as Writing  # noqa: E402

from models_py.figures.style import FigureError, house_style  # noqa: E402
from models_py.panel import ENTITY, panel_of  # noqa: E402
from models_py.parts.frame import Seen  # noqa: E402
from models_py.parts.treatment_timing import part as shows  # noqa: E402
from models_py.parts.treatment_timing.evidence import timing_evidence  # noqa: E402
from models_py.parts.treatment_timing.figure_event_study import event_study  # noqa: E402
from models_py.parts.treatment_timing.figure_weights import twfe_weights  # noqa: E402
from models_py.parts.treatment_timing.part import PART  # noqa: E402
from tests.models_py.staggered_panels import NEVER, PROVINCES, staggered  # noqa: E402

STUDY = load_studies()["mspi"]
SPEC = Options(
    treatment="exposure", leads=3, lags=4, further_thresholds=(0.2,), relative_magnitudes=(1.0,), smoothness=(0.1,)
)
STARTS = {2013: 3, 2015: 8, 2017: 8, 2019: 6, NEVER: 6}
OUTCOME, TERM = Text(zh="结果", en="Outcome"), Text(zh="暴露度", en="Exposure")
GLYPH = ".*missing from font"


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
        "model_fit": pd.DataFrame([{**models[0].identity.columns, "n_obs": 372}]),
        "smart_exposure": exposure,
    }
    return Seen(STUDY, PROVINCES, found, "synthetic")


@pytest.fixture(scope="module")
def pictures(seen):
    made = [picture for make in (shows.event_studies, shows.staggered, shows.weights) for picture in make(seen, SPEC)]
    return {picture.stem: picture for picture in made}


def texts(figure) -> str:
    return "\n".join(item.get_text() for item in figure.findobj(Writing) if item.get_visible()).replace("\n", " ")


def legend(figure) -> list[str]:
    return [item.get_text() for item in figure.axes[0].get_legend().get_texts()]


def ticks(figure) -> list[str]:
    return [tick.get_text() for tick in figure.axes[0].get_xticklabels()]


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


def test_every_figure_is_legible(pictures):
    """No glyph is missing, no text leaves the page, the legend's included, and the notes touch nothing."""
    for picture in pictures.values():
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=GLYPH)
            drawn = png(picture.figure)
        assert drawn[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(drawn[16:20], "big") == 1600
        assert len(preview(drawn)) < 300_000
        written = picture.figure.findobj(Writing)
        assert min(item.get_fontsize() for item in written if item.get_text().strip()) >= 9
        assert re.search("N = .*Source: medpanel, table", texts(picture.figure))
        assert "合成数据 SYNTHETIC" in texts(picture.figure)
        with house_style():
            figure = picture.figure
            renderer = figure.canvas.get_renderer()
            key = figure.axes[0].get_legend()
            for item in [*figure.texts, *(key.get_texts() if key is not None else [])]:
                box = item.get_window_extent(renderer)
                assert box.x0 >= 0 and box.x1 <= figure.bbox.width, (picture.stem, item.get_text())
                assert box.y0 >= 0 and box.y1 <= figure.bbox.height, (picture.stem, item.get_text())
            subtitle = min(t.get_window_extent(renderer).y0 for t in figure.texts if t.get_fontsize() == 12.0)
            assert key is None or key.get_window_extent(renderer).y1 <= subtitle, picture.stem
            notes = max(t.get_window_extent(renderer).y1 for t in figure.texts if t.get_fontsize() == 9.0)
            assert all(axes.get_tightbbox(renderer).y0 >= notes for axes in figure.axes), picture.stem


def test_the_event_study_has_a_reference_binned_ends_and_counts(pictures):
    figure = pictures["event_study"].figure
    assert [label.split("\n")[0] for label in ticks(figure)] == ["≤ −3", "−2", "−1", "0", "1", "2", "3", "≥ 4"]
    # Seen three years before: those that begin in 2017 and 2019.
    assert ticks(figure)[0].endswith("\n14") and ticks(figure)[3].endswith("\n22")
    assert legend(figure)[0] == "(2)"
    assert "substitution reading" in legend(figure)[1]
    written = texts(figure)
    assert "around first smart-city exposure" in written
    assert "Event study (2). Coefficients relative to 1 year" in written
    assert "372 province-years" in written and "below: provinces seen" in written
    assert "Coefficient (SD)" in written and "系数（标准差）" in written


def test_what_series_share_stands_in_the_note_alone(pictures):
    figure = pictures["staggered_adoption_substitution_above_0_2"].figure
    assert [label.split("\n")[1] for label in legend(figure)] == [
        "(2) two-stage DID (did2s)",
        "(2) two-stage DID (did2s), controls none",
        "(2) Sun and Abraham",
        "(2) local projections",
    ]
    assert "Staggered adoption (2) substitution reading (less use is higher), above 0.2." in texts(figure)
    assert "−1" not in ticks(figure)


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
    assert len(study.rows) == (estimate["table_no"] == "Event study").sum()
    assert len(adoption.rows) == (estimate["table_no"] == "Staggered adoption").sum()
    assert study.rows[0].label == "首次暴露后−3年 −3 years since first exposure"
    assert study.rows[0].cells[0] == "(2)"
    assert study.synthetic
    cells = [row.cells[0] for row in adoption.rows]
    assert "(2) 两阶段双重差分，控制变量无\n(2) two-stage DID (did2s), controls none" in cells


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
    written = texts(pictures["twfe_weights"].figure)
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
        assert "SYNTHETIC" not in texts(picture.figure).upper()


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
        event_study(found["estimate"], OUTCOME, TERM, data.panel.unit, "real", n_obs=480),
        twfe_weights(found["twfe_weight"], TERM, data.panel, "real"),
    ]
    for figure in made:
        assert not re.search("provinc|省", texts(figure), re.IGNORECASE)
        png(figure)
    assert "县900001 County 900001" in [tick.get_text() for tick in made[1].axes[0].get_yticklabels()]
    assert np.isfinite(found["estimate"]["estimate"]).all()
