"""Charts as files and on the page: same bytes in every process, text as text, nothing fetched, pictures first."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import vl_convert
from PIL import Image

from catalog.base import Text
from medpanel.report import page as live
from medpanel.report.charts import PRINT_SCALE, chart_of, few_colours, png, preview
from medpanel.report.page import SHOWN_ROWS, Place, chart_files, figure_place
from models_py.figures.chart_page import chart_page, inline
from models_py.figures.show import LANGS, Figure
from tests.models_py.figures.reading import drawn_texts

PROJECT = Path(__file__).resolve().parents[3]
TEXT = Text(zh="图“一”<b>", en='A "figure" <b>')
RED = (213, 94, 0)


def figure(rows=3, word="x"):
    import altair as alt

    data = pd.DataFrame({"x": range(rows), "word": word})

    def chart_for(lang):
        panel = alt.Chart(inline(data), width=300, height=100).mark_point().encode(x="x:Q", tooltip="word:N")
        return chart_page([panel], lang, "synthetic", width=300)

    return Figure(TEXT, TEXT, (TEXT,), data, chart_for)


@pytest.fixture(scope="module")
def charts():
    return {lang: chart_of(figure(), lang) for lang in LANGS}


def test_svg_holds_text_in_its_language(charts):
    assert "合成数据" in drawn_texts(charts["zh"].svg) and "SYNTHETIC" in drawn_texts(charts["en"].svg)
    assert "Noto Sans SC" in charts["zh"].svg


def test_a_character_that_no_picture_can_hold_does_not_end_the_process():
    """The library ends it, without an error that could be caught: whoever takes the cleaning out loses the test run."""
    import altair as alt

    def chart_for(lang):
        drawn = alt.Chart(inline(pd.DataFrame({"x": [1], "word": "a\x01\x0cb"})), width=300, height=100)
        panel = drawn.mark_text().encode(x="x:Q", text="word:N")
        return chart_page([panel], lang, "synthetic", width=300)

    chart = chart_of(Figure(TEXT, TEXT, (TEXT,), pd.DataFrame({"x": [1]}), chart_for), "en")
    assert "a\ufffd\ufffdb" in drawn_texts(chart.svg)
    assert all(len(content) > 100 for content in chart.files().values())


def test_pictures_are_twice_the_page_and_show_chinese(charts):
    files = charts["zh"].files()
    assert list(files) == ["png", "svg", "pdf"]
    wide = float(re.search(r'<svg[^>]* width="([\d.]+)"', charts["zh"].svg)[1])
    with Image.open(io.BytesIO(files["png"])) as image:
        assert image.width == pytest.approx(2 * wide, abs=2)
        colours = {colour: count for count, colour in image.convert("RGB").getcolors(1_000_000)}
        assert colours[(255, 255, 255)] < image.width * image.height and RED in colours and len(colours) > 20
    # A face without these characters would draw the same box for each of them.
    assert glyphs("合") != glyphs("成") != glyphs("数")
    assert files["pdf"].startswith(b"%PDF") and b"NotoSansSC" in files["pdf"]


def glyphs(character):
    from medpanel.report.charts import png

    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30" font-size="24" '
    return png(f'{svg}font-family="Noto Sans SC">{character}</text></svg>')


def test_preview_is_the_page_s_size_in_few_colours_that_keep_the_legend_s(charts):
    content = charts["zh"].files()["png"]
    small = preview(content)
    assert len(small) < len(content)
    with Image.open(io.BytesIO(small)) as image, Image.open(io.BytesIO(content)) as whole:
        assert image.width == pytest.approx(whole.width / 2, abs=1) and image.mode == "P"
        assert RED in {colour for _, colour in image.convert("RGB").getcolors(1_000_000)}


CODE = """
import hashlib, sys
from medpanel.report.charts import PRINT_SCALE, chart_of, few_colours, libraries, png, preview
from medpanel.report.page import Place, chart_files
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from tests.medpanel.report.fabricated import results, seen, squares
names = ("smart_exposure", "specification", "specification_choice", "spec_test")
own = seen("real", tables={name: results()[name] for name in names})
own = Seen(own.study, own.panel, own.tables, "real", squares())
shown = [made for one, show in shows_of(own.study) if show.kind == "figure" for made in show.make(own, one.options)]
made = [picture.figure for picture in shown]
assert [p.stem for p in shown] == ["figure_1", "figure_1_map", "exposure_over_time", "specification_curve"]
assert len(made) == 4
if len(sys.argv) > 1:
    [chart_of(figure, "zh") for figure in made]
digest, specs = hashlib.sha256(), {}
for i, figure in enumerate(made):
    chart = chart_of(figure, "en")
    specs[str(i)] = chart.spec
    for content in chart.files().values():
        digest.update(content)
    digest.update(preview(chart.files()["png"]))
digest.update((str(chart_files(specs, Place("en", True, "a.zip"))) + libraries()).encode())
print(digest.hexdigest())
"""


def test_same_bytes_in_two_processes_whatever_was_drawn_before():
    found = set()
    for seed, more in (("1", []), ("2", ["again"])):
        command = [sys.executable, "-W", "ignore", "-c", CODE, *more]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
        found.add(done.stdout.strip())
    assert len(found) == 1 and len(found.pop()) == len(hashlib.sha256().hexdigest())


def test_no_address_is_read_while_drawing():
    import altair as alt

    def chart_for(lang):
        return alt.vconcat(alt.Chart("https://example.org/data.csv").mark_point().encode(x="x:Q"))

    with pytest.raises(ValueError, match="example"):
        chart_of(Figure(TEXT, TEXT, (), pd.DataFrame(), chart_for), "en")


PLACE = Place("en", True, "synthetic_s_files.zip")


def place(made, svg="<svg width='1' height='2'></svg>"):
    return figure_place("fig", made, svg, (TEXT,), PLACE, ["estimate"], "en/x.png")


def test_the_page_shows_a_picture_with_its_alternative_and_notes_before_any_script(charts):
    page = place(figure(), charts["en"].svg)
    assert page.count("<img") == 1 and "<script" not in page and "data-press" not in page
    wide, high = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', charts["en"].svg).groups()
    assert f'loading="lazy" src="synthetic_fig.svg" width="{float(wide):.0f}" height="{float(high):.0f}"' in page
    assert 'role="img" aria-label="A &quot;figure&quot; &lt;b&gt;" data-chart="fig" data-src="synthetic_fig.js"' in page
    # Sliders are put beside the picture, where the keyboard reaches them.
    assert '</div>\n<div class="sliders"></div>' in page
    assert '<p class="notes">Notes: A &quot;figure&quot; &lt;b&gt;</p>' in page
    assert '<th scope="col">x</th>' in page and page.count("<tr>") == 4
    links = re.findall(r'href="([^"]+)"', page)
    assert links == ["../../en/table/synthetic_estimate.html", "../synthetic_s_files.zip"]


def test_a_heavy_picture_is_a_png_and_its_chart_waits_to_be_asked_for():
    page = place(figure(), "<svg width='1' height='2'>" + "合" * (live.HEAVY // 3 + 1) + "</svg>")
    assert 'src="synthetic_fig.png"' in page and "data-press" not in page
    page = place(figure(), "<svg width='1' height='2'>" + "x" * live.HOLDING_UP + "</svg>")
    assert 'src="synthetic_fig.png"' in page and 'data-press="Show the interactive chart"' in page


def test_a_long_table_says_what_it_leaves_out():
    page = place(figure(rows=SHOWN_ROWS + 5))
    assert page.count("<tr>") == 1 + SHOWN_ROWS
    assert f"first {SHOWN_ROWS} of {SHOWN_ROWS + 5} rows" in page


def test_empty_cells_and_numbers_in_the_table():
    frame = pd.DataFrame({"a": [0.1234567, float("nan")], "b": [1, 2], "c": ["<i>", None]})
    table = live._table(frame)
    assert "<tr><td>0.123457<td>1<td>&lt;i&gt;\n<tr><td><td>2<td>\n</tbody>" in table


def held_by(script, held):
    """What a script of the page keeps, by name."""
    found = re.fullmatch(rf'\(window\.{held} = window\.{held} \|\| {{}}\)\["([\w-]+)"\] = (.*);\n', script)
    return found[1], json.loads(found[2])


def test_each_chart_has_a_script_and_data_of_several_charts_one_of_their_own(charts):
    zh, en = charts["zh"].spec, charts["en"].spec
    files = chart_files({"a": en, "b": zh}, PLACE)
    common = set(zh["datasets"]) & set(en["datasets"])
    assert common and set(files) == {"synthetic_a.js", "synthetic_b.js"} | {
        f"synthetic_{name.replace('-', '_')}.js" for name in common
    }
    for stem, spec in (("a", en), ("b", zh)):
        name, made = held_by(files[f"synthetic_{stem}.js"], "medpanelCharts")
        assert name == stem and set(made["usermeta"]["shared"]) == common
        whole = dict(made["datasets"])
        for shared, file in made.pop("usermeta")["shared"].items():
            told, rows = held_by(files[file], "medpanelData")
            assert told == shared
            whole[shared] = rows
        # Put together as the page does it, nothing is lost.
        assert {**made, "datasets": whole} == spec
    alone = chart_files({"a": en}, PLACE)
    assert list(alone) == ["synthetic_a.js"] and held_by(alone["synthetic_a.js"], "medpanelCharts") == ("a", en)


def test_a_packed_picture_has_every_pixel_and_few_of_the_bytes() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><circle cx="150" cy="150" r="99"/></svg>'
    raw, packed = vl_convert.svg_to_png(svg, scale=PRINT_SCALE), png(svg)
    with Image.open(io.BytesIO(raw)) as before, Image.open(io.BytesIO(packed)) as after:
        assert (before.size, before.mode, before.tobytes()) == (after.size, after.mode, after.tobytes())
    assert len(packed) < len(raw) / 2
    small = few_colours(packed)
    with Image.open(io.BytesIO(small)) as image:
        assert (image.size, image.mode) == ((600, 600), "P")
