"""Online doctors: which places have how many, and every measure by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from catalog.base import Text
from models_py.figures.show import LANGS
from models_py.figures.style import FigureError
from models_py.inequality import gini
from models_py.parts.frame import Seen
from models_py.parts.online_doctors.figure_bubbles import doctor_bubbles
from models_py.parts.online_doctors.part import MADE, PART
from models_py.parts.online_doctors.places import OnlineDoctorError, last_year
from tests.models_py.figures.reading import mark, views
from tests.models_py.figures.reading import rows as drawn_rows
from tests.models_py.parts.online_doctors.made_up_doctors import CODES, PANEL, inputs, made, study


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return made()


def value(tables: dict[str, pd.DataFrame], measure: str, resource: str, scope: str) -> float:
    rows = tables["online_inequality"]
    mine = rows[(rows["measure"] == measure) & (rows["resource"] == resource) & (rows["scope"] == scope)]
    return float(mine["value"].item())


def test_every_place_has_its_doctors(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["online_doctor"].set_index(["entity_level", "entity_code"])
    assert rows.loc[("city", 110000), ["doctors", "high_quality"]].tolist() == [80, 60]
    # A deputy chief counts, an unknown title or a lower grade does not.
    assert rows.loc[("city", 440300), ["doctors", "high_quality"]].tolist() == [40, 30]
    assert rows.loc[("province", 440000), ["doctors", "high_quality"]].tolist() == [60, 40]
    assert rows.loc[("province", 130000), "doctors"] == 0
    # A city with people and no doctor is there too.
    assert rows.loc[("city", 445200), ["doctors", "population"]].tolist() == [0, 500.0]
    assert rows.loc["province"].shape[0] == 31 and rows.loc["city"].shape[0] == 9
    assert rows.loc[("city", 440300), "doctors_per_10000"] == 40 / 800
    # A municipality has its province's people and seat; three of them have no doctor.
    assert rows.loc[("city", 110000), ["population", "lon"]].tolist() == [2000.0, PANEL.by_code[110000].lon]


def test_location_quotients_by_hand(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["online_doctor"].set_index(["entity_level", "entity_code"])
    physicians = 50_000 + 30 * 10_000
    assert rows.at[("province", 110000), "location_quotient"] == pytest.approx((80 / 200) / (50_000 / physicians))
    assert rows.at[("province", 440000), "location_quotient_high_quality"] == pytest.approx(
        (40 / 100) / (10_000 / physicians)
    )
    assert rows.loc["city"]["location_quotient"].isna().all()


def test_ginis_and_gaps(tables: dict[str, pd.DataFrame]) -> None:
    people = pd.Series(1000.0, CODES)
    people[110000] = 2000.0
    online = pd.Series(0.0, CODES)
    online.update(pd.Series({110000: 80.0, 440000: 60.0, 420000: 40.0, 650000: 20.0}))
    expected = gini(online, people)
    assert value(tables, "gini", "online_all", "provinces") == pytest.approx(expected, rel=1e-12)
    physicians = pd.Series(10_000.0, CODES)
    physicians[110000] = 50_000.0
    offline = value(tables, "gini", "offline", "provinces")
    assert offline == pytest.approx(gini(physicians, people), rel=1e-12)
    assert value(tables, "gini_gap", "online_all", "provinces") == offline - value(
        tables, "gini", "online_all", "provinces"
    )
    # One western province of twelve has all.
    assert value(tables, "gini", "online_all", "west") == pytest.approx(1 - 1 / 12)
    # Cities with known people, those without doctors among them.
    known = pd.DataFrame({"n": [80.0, 40, 20, 0, 20, 0, 0, 0], "p": [2000.0, 800, 1200, 500, 10, 1000, 1000, 1000]})
    assert value(tables, "gini", "online_all", "cities") == pytest.approx(gini(known["n"], known["p"]))


def test_first_tier_share(tables: dict[str, pd.DataFrame]) -> None:
    assert value(tables, "first_tier_share", "online_all", "cities") == pytest.approx(140 / 200)
    assert value(tables, "first_tier_share", "online_high_quality", "cities") == pytest.approx(1.0)
    only = made(first_tier=[110000])
    assert value(only, "first_tier_share", "online_all", "cities") == pytest.approx(80 / 200)


def test_counts_by_title_and_grade(tables: dict[str, pd.DataFrame]) -> None:
    assert value(tables, "doctors", "online_all", "title=主任医师") == 80
    assert value(tables, "doctors", "online_all", "title=unknown") == 10
    assert value(tables, "doctors", "online_all", "hospital_grade=一级") == 0
    rows = tables["online_inequality"]
    for kind in ("title", "hospital_grade"):
        own = rows[rows["scope"].str.startswith(f"{kind}=")]
        assert own["value"].sum() == value(tables, "doctors", "online_all", "all") == 200


def test_catchments(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["accessibility"]
    own = rows[(rows["resource"] == "online_all") & (rows["method"] == "2sfca")].set_index("city_code")
    # 深圳 and 广州 reach each other within 150 km, 揭阳 (445200) and 北京 none of them.
    both = 40 / 2000 + 20 / 2000
    assert own.loc[[440100, 440300], "ratio"].tolist() == pytest.approx([both, both])
    # 天津 and 北京 too.
    assert own.loc[[110000, 120000], "ratio"].tolist() == pytest.approx([80 / 3000, 80 / 3000])
    assert own.at[445200, "ratio"] == 0
    assert math.isnan(own.at[429004, "ratio"]) and not own.at[429004, "reached"]
    assert own.at[429004, "note_en"] == "the population of the city is not known"
    assert pd.isna(own.at[659010, "reached"]) and own.at[659010, "note_zh"] == "城市坐标未知"
    assert set(rows["method"]) == {"2sfca", "2sfca_gaussian"}


def test_distances_are_real() -> None:
    far, near = made(radii_km=[90.0], decays=["none"]), made(radii_km=[110.0], decays=["none"])
    ratio = {
        name: tables["accessibility"].set_index(["resource", "city_code"]).at[("online_all", 440300), "ratio"]
        for name, tables in (("far", far), ("near", near))
    }
    # The seats are 105 km apart on the sphere.
    assert ratio["far"] == pytest.approx(40 / 800) and ratio["near"] == pytest.approx(60 / 2000)


def test_what_is_left_out_is_named_and_counted(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["online_inequality"]
    own = rows[(rows["measure"] == "left_out") & (rows["resource"] == "online_all")].set_index("scope")
    assert own.loc["cities_without_population", ["value", "n", "note_en"]].tolist() == [40, 1, "City429004"]
    assert own.loc["cities_without_coordinates", ["value", "n", "note_zh"]].tolist() == [20, 1, "市659010"]
    city = rows[(rows["measure"] == "gini") & (rows["scope"] == "cities")]
    assert set(city["note_en"]) == {"left out for lack of a population: 1 cities with 40 doctors: City429004"}


def test_without_a_list_everything_is_empty_and_the_report_says_so() -> None:
    frames = inputs()
    empty = made({**frames, "doctor_count": frames["doctor_count"].head(0)})
    assert set(empty) == set(MADE) and all(table.empty for table in empty.values())
    seen = Seen(study(), PANEL, {**empty, "city": frames["city"]}, "real")
    shown = [item for show in PART.shows for item in show.make(seen, seen.study.parts[0])]
    assert [item.stem for item in shown] == ["online_inequality"]
    assert any("No list of online doctors was supplied" in note.en for note in shown[0].remarks)


def test_without_physicians_the_offline_side_is_missing_with_its_reason() -> None:
    frames = inputs()
    lone = made({**frames, "figures": frames["figures"].drop(columns="physicians")})
    rows = lone["online_inequality"]
    offline = rows[(rows["resource"] == "offline") | (rows["measure"] == "gini_gap")]
    assert offline["value"].isna().all() and (offline["note_en"] != "").all()
    assert lone["online_doctor"]["location_quotient"].isna().all()
    assert not math.isnan(value(lone, "gini", "online_all", "provinces"))


def test_the_list_is_the_latest_or_the_one_asked_for_and_figures_are_not_younger() -> None:
    frames = inputs()
    older = inputs(2022)["doctor_count"].assign(doctors=1)
    two = {**frames, "doctor_count": pd.concat([frames["doctor_count"], older])}
    assert value(made(two), "doctors", "online_all", "all") == 200
    then = made(two, year=2022)
    assert value(then, "doctors", "online_all", "all") == len(older)
    assert set(then["online_doctor"].loc[lambda d: d["entity_level"] == "province", "base_year"]) == {2022}
    # No city has a population by then, not even as a province.
    assert then["online_doctor"].loc[lambda d: d["entity_level"] == "city", "population"].isna().all()
    assert then["accessibility"]["ratio"].isna().all()
    with pytest.raises(
        OnlineDoctorError, match=r"no list of online doctors shows 2020; there are lists of \[2022, 2023\]"
    ):
        made(two, year=2020)


def test_unknown_cities_and_provinces_are_refused() -> None:
    frames = inputs()
    for column, code in (("city_code", 999900), ("entity_code", 990000)):
        wrong = frames["doctor_count"].copy()
        wrong.loc[1, column] = code
        with pytest.raises(OnlineDoctorError, match=str(code)):
            made({**frames, "doctor_count": wrong})
    with pytest.raises(OnlineDoctorError, match="lack the columns resident_population"):
        last_year(frames["city"].assign(year=2023), "resident_population", 2023)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"radii_km": [0]}, "above 0"),
        ({"radii_km": [5, 5]}, "twice"),
        ({"decays": ["linear"]}, "decays"),
        ({"radii_km": []}, "radii_km"),
    ],
)
def test_options_that_cannot_be(options: dict[str, list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        study(**options)


def test_shows(tables: dict[str, pd.DataFrame]) -> None:
    seen = Seen(study(), PANEL, {**tables, "city": inputs()["city"]}, "synthetic")
    measures, provinces, picture = (item for show in PART.shows for item in show.make(seen, seen.study.parts[0]))
    assert all(len(row.cells) == len(table.header[0]) for table in (measures, provinces) for row in table.rows)
    assert len(provinces.rows) == 31 and measures.synthetic
    assert any("is an effect of digital health" in note.en for note in measures.remarks)
    assert len(picture.figure.data) == 4
    assert any("659010" in note.en for note in picture.figure.notes)


def test_bubbles_share_one_scale(tables: dict[str, pd.DataFrame]) -> None:
    places = tables["online_doctor"]
    figure = doctor_bubbles(places[places["entity_level"] == "city"], {}, Text(en="t", zh="t"), "synthetic")
    for lang in LANGS:
        spec = figure.chart_for(lang).to_dict()
        circles = [drawn_rows(spec, view) for view in views(spec) if mark(view) == "circle"]
        assert [len(drawn) for drawn in circles] == [7, 3]  # 4 cities with doctors, 3 of high quality; the key
        drawn, key = circles
        area = (drawn["size"] / drawn["number"]).tolist()
        assert area == pytest.approx([area[0]] * 7, rel=1e-4)
        assert (key["size"] / key["label"]).tolist() == pytest.approx([area[0]] * 3, rel=1e-4)


def test_labels_do_not_lie_on_each_other(tables: dict[str, pd.DataFrame]) -> None:
    # 广州 and 深圳 are so near each other that their labels would.
    places = tables["online_doctor"]
    spec = (
        doctor_bubbles(places[places["entity_level"] == "city"], {}, Text(en="t", zh="t"), "synthetic")
        .chart_for("zh")
        .to_dict()
    )
    labels = [
        found.drop_duplicates()
        for view in views(spec)
        if mark(view) == "text" and "data" in view and "left" in (found := drawn_rows(spec, view)).columns
    ]
    [found] = labels
    for _, one in found.iterrows():
        near = found[(found["middle"] - one["middle"]).abs().lt(12) & (found["left"] - one["left"]).abs().lt(40)]
        assert len(near) == 1


def test_no_city_that_can_be_drawn_is_an_error(tables: dict[str, pd.DataFrame]) -> None:
    places = tables["online_doctor"]
    lost = places[places["entity_code"] == 659010]
    with pytest.raises(FigureError, match="no city with doctors has coordinates"):
        doctor_bubbles(lost, {}, Text(en="t", zh="t"), "synthetic")
