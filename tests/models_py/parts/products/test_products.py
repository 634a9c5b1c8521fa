"""The product-of-coefficients table against explicit resamples, and the identity it must own up to."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import Text
from catalog.parts.products import Options
from models_py.econometrics import EstimationError
from models_py.econometrics.model_data import ModelData
from models_py.parts.products import table as module
from models_py.parts.products.table import entity_counts, product_table
from tests.models_py.few_cluster_panels import panel
from tests.models_py.parts.products.test_cluster_bootstrap import refit, resampled

SPEC = Options(table_no="Table 4b", outcome="y", term="x", mediators=("m1", "m2"), draws=99, seed=3)


def models(
    kind: str = "balanced", identity: bool = False, provinces: int = 9
) -> tuple[dict[str, ModelData], ModelData]:
    base = panel(kind, codes=tuple(range(110000, 110000 + provinces)))
    frame = base.frame.copy()
    rng = np.random.default_rng(6)
    frame["m1"] = 0.5 * frame["x"] + rng.normal(size=len(frame))
    frame["m2"] = -0.3 * frame["x"] + 0.2 * frame["a"] + rng.normal(size=len(frame))
    if identity:
        frame["y"] = (2 * frame["m1"] + 5 * frame["m2"]) / 7
    identity = dataclasses.replace(base.identity, table_no="Table 4b", model="products")
    base = dataclasses.replace(base, frame=frame, identity=identity)
    first = {name: dataclasses.replace(base, outcome=name, regressors=("x", "a", "b")) for name in ("m1", "m2")}
    return first, dataclasses.replace(base, regressors=("x", "m1", "a", "m2", "b"))


def cells(result: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return result["estimate"].set_index(["term", "effect"])


@pytest.mark.parametrize("kind", ["unbalanced", "trends"])
def test_against_explicit_resamples(kind):
    first, second = models(kind)
    result = product_table(first, second, SPEC)
    assert result["estimate"].columns.tolist() == [c for c in load_tables()["estimate"].columns if c != "data_kind"]
    assert not result["estimate"].duplicated(list(load_tables()["estimate"].key)).any()
    found = cells(result)
    total = dataclasses.replace(second, regressors=("x", "a", "b"))

    def effects(counts: np.ndarray) -> dict[tuple[str, str], float]:
        # Every model uses the rows complete in all of them.
        frame = resampled(second, counts).frame.dropna()
        every = (first["m1"], first["m2"], second, total)
        a1, a2, all_, alone = (refit(dataclasses.replace(model, frame=frame)) for model in every)
        return {
            ("m1", "first"): a1[0],
            ("m1", "second"): all_[1],
            ("m1", "product"): a1[0] * all_[1],
            ("m2", "first"): a2[0],
            ("m2", "second"): all_[3],
            ("m2", "product"): a2[0] * all_[3],
            ("x", "direct"): all_[0],
            ("x", "products"): a1[0] * all_[1] + a2[0] * all_[3],
            ("x", "total"): alone[0],
        }

    assert set(found.index) == set(effects(np.ones(9)))
    drawn = pd.DataFrame([effects(counts) for counts in entity_counts(9, 99, seed=3)])
    for cell, value in effects(np.ones(9)).items():
        row, draws = found.loc[cell], np.sort(drawn[cell])
        assert row["estimate"] == pytest.approx(value, rel=1e-8, abs=1e-10)
        assert row["std_error"] == pytest.approx(draws.std(ddof=1), rel=1e-6)
        # (99 + 1) x 2.5 % lies midway between the second and third of the ordered draws.
        assert row["ci_low"] == pytest.approx((draws[1] + draws[2]) / 2, rel=1e-6)
        assert row["ci_high"] == pytest.approx((draws[96] + draws[97]) / 2, rel=1e-6)
        assert row["p_value"] == pytest.approx(min(1, 2 * (1 + min((draws <= 0).sum(), (draws >= 0).sum())) / 100))
        assert row["method"] == "cluster_bootstrap" and np.isnan(row["statistic"]) and np.isnan(row["df"])


def test_parts_add_up_and_the_coefficients_are_the_published_ones():
    first, second = models("unbalanced")
    result = product_table(first, second, SPEC)
    found = cells(result)["estimate"]
    published = second.fit().estimates.set_index("term")["estimate"]
    assert found["x", "direct"] == pytest.approx(published["x"], rel=1e-9)
    assert found["m2", "second"] == pytest.approx(published["m2"], rel=1e-9)
    assert found["m1", "first"] == pytest.approx(
        dataclasses.replace(first["m1"], frame=second.frame.dropna()).fit().estimates["estimate"][0], rel=1e-9
    )
    assert found["x", "total"] == pytest.approx(found["x", "direct"] + found["x", "products"], rel=1e-9)
    tests = result["spec_test"].set_index("test")
    assert abs(tests.loc["product_gap", "statistic"]) < 1e-10
    assert tests.loc["bootstrap_draws", "statistic"] == 99
    assert "60 rows complete in every model, 2 others left out" in tests.loc["bootstrap_draws", "note_en"]
    assert "seed 3" in tests.loc["bootstrap_draws", "note_en"]


def test_each_effect_has_its_unit_and_the_rows_it_rests_on():
    units = {name: Text(en=f"unit of {name}", zh=f"{name}单位") for name in ("x", "y", "m1", "m2")}
    first, second = models("unbalanced")
    first = {name: dataclasses.replace(model, units=units) for name, model in first.items()}
    rows = cells(product_table(first, dataclasses.replace(second, units=units), SPEC))
    assert rows.loc[("m1", "first"), "unit_en"] == "unit of m1 per unit of x"
    assert rows.loc[("m1", "second"), "unit_en"] == "unit of y per unit of m1"
    for cell in (("m2", "product"), ("x", "direct"), ("x", "products"), ("x", "total")):
        assert rows.loc[cell, "unit_en"] == "unit of y per unit of x"
        assert rows.loc[cell, "unit_zh"] == "y单位／x单位"
    assert set(rows["n_obs"]) == {60}


def test_different_specifications_leave_a_gap():
    first, second = models()
    first["m1"] = dataclasses.replace(first["m1"], trends=True)
    tests = product_table(first, second, SPEC)["spec_test"].set_index("test")
    assert abs(tests.loc["product_gap", "statistic"]) > 1e-4


def test_an_identity_is_called_one():
    first, second = models(identity=True)
    result = product_table(first, second, SPEC)
    row = result["spec_test"].set_index("test").loc["identity"]
    assert row["statistic"] < 1e-10
    assert "an identity" in row["note_en"] and "not mediation" in row["note_en"] and "恒等式" in row["note_zh"]
    found = cells(result)
    assert found.loc[("m1", "second"), "estimate"] == pytest.approx(2 / 7, abs=1e-12)
    assert found.loc[("m2", "second"), "estimate"] == pytest.approx(5 / 7, abs=1e-12)
    assert abs(found.loc[("x", "direct"), "estimate"]) < 1e-12
    for cell in (("m1", "second"), ("m2", "second"), ("x", "direct")):
        assert np.isnan(found.loc[cell, "p_value"])
    assert found.loc[("m1", "product"), "p_value"] <= 1


def test_no_identity_is_not_called_one():
    result = product_table(*models(), SPEC)
    row = result["spec_test"].set_index("test").loc["identity"]
    assert 0.01 < row["statistic"] < 1
    assert "no identity" in row["note_en"] and "非恒等式" in row["note_zh"]
    assert cells(result)["p_value"].notna().all()


def test_the_seed_decides():
    first, second = models()
    again = product_table(first, second, SPEC)
    pd.testing.assert_frame_equal(product_table(first, second, SPEC)["estimate"], again["estimate"])
    other = product_table(first, second, SPEC.model_copy(update={"seed": 4}))["estimate"]
    assert (other["std_error"] != again["estimate"]["std_error"]).all()
    assert (other["estimate"] == again["estimate"]["estimate"]).all()


def only_in_one(second: ModelData, name: str, code: int) -> pd.Series:
    frame = second.frame
    return pd.Series(np.where(frame["entity_code"] == code, np.sin(frame["year"] * 2.0 + code), 0.0), frame.index)


def test_unidentified_resamples_are_left_out_and_counted():
    first, second = models()
    frame = second.frame.assign(b=only_in_one(second, "b", 110002))
    change = {name: dataclasses.replace(model, frame=frame) for name, model in first.items()}
    result = product_table(change, dataclasses.replace(second, frame=frame), SPEC)
    usable = result["spec_test"].set_index("test").loc["bootstrap_draws", "statistic"]
    assert usable == (entity_counts(9, 99, seed=3)[:, 2] > 0).sum() < 99
    assert result["estimate"]["ci_low"].notna().all()


def test_too_few_usable_resamples_is_an_error(monkeypatch):
    first, second = models()
    monkeypatch.setattr(module, "entity_counts", lambda n, draws, seed: 9.0 * np.eye(n)[np.zeros(draws, dtype=int)])
    with pytest.raises(EstimationError, match="only 0 of 99 resamples of provinces"):
        product_table(first, second, SPEC)


def test_refusals():
    first, second = models()
    with pytest.raises(EstimationError, match="mediators"):
        product_table({"m1": first["m1"]}, second, SPEC)
    with pytest.raises(EstimationError, match="outcome is 'y', the model's 'm1'"):
        product_table(first, dataclasses.replace(second, outcome="m1"), SPEC)
    with pytest.raises(EstimationError, match="lacks the regressors m2"):
        product_table(first, dataclasses.replace(second, regressors=("x", "m1")), SPEC)
    with pytest.raises(EstimationError, match="'m1' must have it as outcome and 'x'"):
        product_table({**first, "m1": dataclasses.replace(first["m1"], regressors=("a",))}, second, SPEC)
    flat = dataclasses.replace(second, frame=second.frame.assign(x=1.0))
    with pytest.raises(EstimationError, match="constant"):
        product_table({name: dataclasses.replace(m, frame=flat.frame) for name, m in first.items()}, flat, SPEC)
