"""The contract is read as it is written: remarks left out, identities written out, phrases kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.promises import Promise, read_contract

TEXT = """\
# A warehouse

## Identity of a result
Every table says what a row belongs to:
`study`, `model` (the name declared; `none` where (rarely) there is none), `sample` (`all`, `east` …).
`sample` is `all` and `model` is named.
"identity" in the list below stands for these nine columns; `estimate`, `influence` carry them. Remarks are `note_en`.

## Tables
| table | grain | columns that must exist |
| --- | --- | --- |
| `city` | city_code (from the file) | level (`prefecture`,`county`), share (÷ (n−1)), one column per thing |
| `estimate` | identity, term | value; p_value (`NULL` if unknown) |

A later one may be absent. Already published and kept: `influence`, `correction`. Views: `v_estimate`.

## Python
| `other` | key | nothing |
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "contract.md").write_text(TEXT, encoding="utf-8")
    return tmp_path / "contract.md"


def test_names_are_told_from_remarks_and_phrases(path: Path) -> None:
    contract = read_contract(path)
    assert contract.identity == ("study", "model", "sample")
    assert contract.carriers == ("estimate", "influence")
    assert contract.kept == ("influence", "correction")
    assert contract.tables == {
        "city": Promise(("city_code",), ("level", "share"), ("one column per thing",)),
        "estimate": Promise(("study", "model", "sample", "term"), ("value", "p_value")),
    }


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("## Tables", "## Lists", "no section 'Tables'"),
        ("Already published and kept", "Also kept", "stands 0 times"),
        ("| `", "| ", "a list of names is empty"),
    ],
)
def test_a_contract_written_otherwise_is_refused(path: Path, was: str, becomes: str, message: str) -> None:
    path.write_text(TEXT.replace(was, becomes), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_contract(path)
