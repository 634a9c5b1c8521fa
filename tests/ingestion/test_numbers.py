"""Exact numbers, missing marks, footnotes; anything else is refused."""

from decimal import Decimal

import pytest

from ingestion.vocabulary.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("-0.50", "-0.50"),
        ("12,345.6", "12345.6"),
        ("1,234,567", "1234567"),
        ("12 345.6", "12345.6"),
        ("  7.1①", "7.1"),
        ("88.6*", "88.6"),
        ("１２．５", "12.5"),
        ("3.2\u3000", "3.2"),
        ("4.5E3", "4500"),
        ("1234⑪", "1234"),
        ("1234¹⁰", "1234"),
        ("1234₁", "1234"),
        ("1234⓪", "1234"),
        ("1234㉑", "1234"),
        ("1\u00a0234\u00a0567.8", "1234567.8"),
    ],
)
def test_reads_exactly(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", " ", "-", "—", "…", "...", "空", "\u3000"])
def test_missing_marks(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "abc", "88.6 92.3", "12,34", "1.2.3", "12万", "1/2", "nan", "inf", "12,3456", "①", "5%", "0x10", "1_000",
        "①1234.5", "12①34", "1²3", "1234 567", "99.8 100", "12 34", "1½", "١٢", "1e31", "1e999999999", "9" * 41,
    ],
)  # fmt: skip
def test_refuses_everything_else(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text)


def test_a_percent_sign_only_where_the_column_is_in_percent() -> None:
    assert parse_number("91.47%", percent=True) == Decimal("91.47")
    assert parse_number("９１．５％①", percent=True) == Decimal("91.5")
    for text in ("91.47%%", "%", "91%5"):
        with pytest.raises(ValueError, match="not a number"):
            parse_number(text, percent=True)
