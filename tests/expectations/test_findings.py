"""The suites of published_comparison and finding: what passes, and that every check can fail."""

import pandas as pd
import pytest

from catalog import load_studies
from expectations import finding, published_comparison
from expectations.finder import TableSuite

MSPI = load_studies()["mspi"]
COMPARISON = TableSuite("published_comparison", published_comparison)
FINDING = TableSuite("finding", finding)


@pytest.fixture
def compared() -> pd.DataFrame:
    rows = [
        ("Table 2", "(1)", 0.182, 0.1, True),
        ("Table 2", "(2)", 0.135, 0.135, True),
        ("Table 5", "(1)", 0.1, None, None),
    ]
    frame = pd.DataFrame(rows, columns=["table_no", "column_no", "published", "estimated", "matches"])
    frame = frame.assign(paper="MSPI paper", term="smart_city_exposure", study="mspi", within_95=frame["matches"])
    return frame.astype({"estimated": float, "matches": "boolean", "within_95": "boolean"})


@pytest.fixture
def synthetic(compared) -> pd.DataFrame:
    return compared.assign(matches=pd.NA, within_95=pd.NA)


@pytest.fixture
def found() -> pd.DataFrame:
    row = {
        "study": "mspi",
        "title_en": "A",
        "title_zh": "甲",
        "published": "1",
        "implied": "2",
        "observed": "3. The sample is synthetic.",
        "observed_zh": "三。样本为合成数据。",
        "verdict": "holds",
    }
    return pd.DataFrame(
        [{"finding_id": "F-M1", **row}, {"finding_id": "F-M2", **row, "published": None, "implied": None}]
    )


def failed(result: pd.DataFrame) -> list[str]:
    return result.loc[~result["passed"], "check_name"].str.removeprefix("mspi_").tolist()


def test_comparisons_pass(compared, synthetic):
    assert failed(COMPARISON.run(compared, MSPI, "real")) == []
    other = synthetic.assign(study="other", published=None, matches=True)
    assert failed(COMPARISON.run(pd.concat([synthetic, other]), MSPI, "synthetic")) == []


@pytest.mark.parametrize(
    ("check", "kind", "changes"),
    [
        ("key_unique", "real", {"column_no": "(1)", "table_no": "Table 2"}),
        ("published_present", "real", {"published": None}),
        ("synthetic_claims_nothing", "synthetic", {"matches": False}),
        ("synthetic_claims_nothing", "synthetic", {"within_95": True}),
        ("real_answered", "real", {"matches": pd.NA}),
        ("counterparts_found", "real", {"estimated": None, "matches": pd.NA}),
    ],
)
def test_comparisons_fail(compared, synthetic, check, kind, changes):
    frame = (synthetic if kind == "synthetic" else compared).assign(**changes)
    assert failed(COMPARISON.run(frame, MSPI, kind)) == [check]


def test_a_study_without_a_paper_has_no_comparison(compared):
    with pytest.raises(ValueError, match="declares no paper"):
        COMPARISON.run(compared, MSPI.model_copy(update={"paper": None}), "real")


def test_findings_pass(found):
    assert failed(FINDING.run(found, MSPI, "synthetic")) == []
    assert failed(FINDING.run(found.assign(observed="3", observed_zh="三"), MSPI, "real")) == []


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("key_unique", {"finding_id": "F-M1"}),
        ("verdicts_known", {"verdict": "perhaps"}),
        ("complete_title_en", {"title_en": None}),
        ("chinese_is_chinese", {"title_zh": "A"}),
        ("synthetic_labelled", {"observed": "3"}),
        ("synthetic_labelled", {"observed_zh": "三"}),
        ("printed_with_paper", {"implied": None}),
    ],
)
def test_findings_fail(found, check, changes):
    assert failed(FINDING.run(found.assign(**changes), MSPI, "synthetic")) == [check]


def test_a_study_without_a_paper_quotes_none(found):
    alone = MSPI.model_copy(update={"paper": None})
    assert failed(FINDING.run(found, alone, "synthetic")) == ["printed_with_paper"]
    assert failed(FINDING.run(found.assign(published=None, implied=None), alone, "synthetic")) == []
