"""The synthetic pilot list against every count known of the real one (domain section 3.1)."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from catalog.parts import exposure
from catalog.provinces import MUNICIPALITIES
from catalog.studies import load_studies
from medpanel.sample import default_exposure, draw_pilots
from medpanel.sample.panel import DEFAULT_KEYS
from medpanel.sample.pilots import GANSU, JIANGSU, N_EXTENSIONS, PILOT_COLUMNS, SHANDONG
from medpanel.sample.reference import DIRECT_COUNTY_PROVINCES, YEARS, division_counts, stable_divisions

SEEDS = range(25)
CODES = {d.name_zh: d.province_code for d in stable_divisions()}


def _list(seed: int) -> pd.DataFrame:
    pilots = draw_pilots(seed)
    pilots["code"] = pilots["province"].map(CODES)
    pilots["unit"] = pilots["county_code"].fillna(pilots["prefecture_code"]).astype(int)
    return pilots


@pytest.mark.parametrize("seed", SEEDS)
def test_batches_have_the_published_sizes_and_levels(seed: int) -> None:
    mohurd = _list(seed).query("programme == 'mohurd'")
    sizes = mohurd.groupby(["batch", "status"]).size().to_dict()
    new, extended = (
        {(1, "new"): 90, (2, "new"): 103, (3, "new"): 84},
        {(2, "extension"): 9, (3, "extension"): 13},
    )
    assert sizes == new | extended
    first = mohurd.query("batch == 1")["level"].value_counts().to_dict()
    assert first["prefecture"] == 37
    assert first["town"] == 3
    assert first["district"] + first["county"] == 50
    second = mohurd.query("batch == 2 and status == 'new'")["level"].value_counts().to_dict()
    assert second["prefecture"] + second["district"] == 83
    assert second.get("county", 0) + second.get("town", 0) == 20
    dates = mohurd.groupby("batch")[["label_year", "announced"]].agg(["min", "max"])
    assert dates.to_numpy().tolist() == [
        [2012, 2012, "2013-01-29", "2013-01-29"],
        [2013, 2013, "2013-08-05", "2013-08-05"],
        [2014, 2014, "2015-04-07", "2015-04-07"],
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_provinces_have_the_published_counts(seed: int) -> None:
    mohurd = _list(seed).query("programme == 'mohurd'")
    early = mohurd.query("batch <= 2")
    for entries in (early, early.query("status == 'new'")):
        counts = entries["code"].value_counts()
        assert counts[SHANDONG] == counts[JIANGSU] == counts.max() == 16
    gansu = early[early["code"] == GANSU]
    assert gansu["batch"].tolist() == [2] * 5
    assert set(gansu["level"]) == {"prefecture"}
    assert gansu["prefecture_code"].between(620100, 621200).all(), "not all are cities"
    assert not MUNICIPALITIES - set(mohurd["code"])
    assert mohurd["unit"].floordiv(100).mod(100).eq(90).any(), "no directly administered county"


@pytest.mark.parametrize("seed", SEEDS)
def test_places_are_synthetic_distinct_and_within_the_divisions_that_exist(seed: int) -> None:
    pilots = _list(seed)
    assert tuple(draw_pilots(seed).columns) == PILOT_COLUMNS
    assert pilots["place"].str.contains("合成").all()
    assert not pilots.duplicated(["programme", "batch", "unit"]).any()
    new = pilots.query("programme == 'mohurd' and status == 'new'")
    assert not new.duplicated("unit").any(), "a new entry repeats a place"
    for batch in N_EXTENSIONS:
        extended = pilots.loc[(pilots["status"] == "extension") & (pilots["batch"] == batch), "unit"]
        earlier = new.loc[new["batch"] < batch, "unit"]
        assert extended.isin(earlier).all(), "an extension of no earlier entry"
    assert (pilots["unit"] // 10000 * 10000 == pilots["code"]).all()
    municipal = pilots["code"].isin(MUNICIPALITIES)
    direct = pilots["code"].isin(DIRECT_COUNTY_PROVINCES) & (pilots["unit"] // 100 % 100 == 90)
    assert (pilots["prefecture_code"].isna() == (municipal | direct)).all()
    assert (pilots["county_code"].isna() == (pilots["level"] == "prefecture")).all()
    for code, group in pilots.groupby("code"):
        for year in YEARS:
            prefectures, _, counties = division_counts()[code, year]
            own = group["prefecture_code"].isna()
            assert group.loc[own, "unit"].nunique() <= counties
            assert group["prefecture_code"].nunique() <= prefectures


def test_second_programme_has_twenty_cities_and_is_off_by_default() -> None:
    second = _list(0).query("programme == 'most_sac'")
    assert len(second) == second["prefecture_code"].nunique() == 20
    assert set(second["announced"]) == {"2013-10-01"}
    without = draw_pilots(0).query("programme == 'mohurd'")
    pd.testing.assert_frame_equal(default_exposure(draw_pilots(0)), default_exposure(without))


def test_same_seed_same_list() -> None:
    pd.testing.assert_frame_equal(draw_pilots(3), draw_pilots(3))
    assert not draw_pilots(3).equals(draw_pilots(4))


def _entry(province: str, announced: str, prefecture: int | None, county: int | None) -> dict[str, object]:
    return {
        "programme": "mohurd", "batch": 1, "label_year": 2012, "announced": announced, "province": province,
        "prefecture": "", "place": "合成", "level": "district", "prefecture_code": prefecture,
        "county_code": county, "status": "new", "source": "",
    }  # fmt: skip


def test_exposure_by_hand() -> None:
    pilots = pd.DataFrame(
        [
            _entry("河北省", "2013-06-30", 130100, None),  # counts from 2013
            _entry("河北省", "2013-01-29", 130100, 130101),  # inside a unit already covered
            _entry("河北省", "2013-07-01", 130200, 130201),  # counts from 2014
            _entry("上海市", "2015-04-07", None, 310101),  # one of 16 districts in 2015, of 17 in 2013
            _entry("河南省", "2013-01-29", None, 419001),  # 17 divisions and 1 county of its own
            _entry("海南省", "2013-01-29", 460100, None),  # 3 + 16 units in 2013, 4 + 15 from 2015
        ]
    )
    exposure = default_exposure(pilots).set_index(["province_code", "year"])
    assert exposure.loc[(130000, 2013), "exposure"] == 1 / 11
    assert exposure.loc[(130000, 2014), "exposure"] == 2 / 11
    assert exposure.loc[(130000, 2024), "exposure"] == 2 / 11
    assert exposure.loc[(310000, 2014)].tolist() == [0, 17, 0.0]
    assert exposure.loc[(310000, 2015)].tolist() == [1, 16, 1 / 16]
    assert exposure.loc[(410000, 2013)].tolist() == [1, 18, 1 / 18]
    assert exposure.loc[(460000, 2013), "total_units"] == exposure.loc[(460000, 2024), "total_units"] == 19
    assert exposure.loc[(110000, 2024), "exposure"] == 0
    assert len(exposure) == 31 * 12


def test_exposure_refuses_a_list_that_does_not_fit() -> None:
    six = [_entry("宁夏回族自治区", "2013-01-29", 640000 + 100 * i, None) for i in range(1, 7)]
    too_many = pd.DataFrame(six)
    with pytest.raises(ValueError, match=r"640000, 2013: 6 pilot units of 5"):
        default_exposure(too_many)
    with pytest.raises(ValueError, match="unknown province '某省'"):
        default_exposure(pd.DataFrame([_entry("某省", "2013-01-29", 130100, None)]))


def test_default_keys_are_those_of_the_study() -> None:
    declared = load_studies()["mspi"].options(exposure.Options)
    assert declared.model_dump(exclude={"name", "map"}) == DEFAULT_KEYS


def test_announcement_dates_are_dates() -> None:
    for text in draw_pilots(0)["announced"].unique():
        assert dt.date.fromisoformat(text).isoformat() == text
