"""A table ready to be printed: title, header, rows of text, notes in both languages.

Belongs here: the shape every kind of table is brought into, and how numbers are printed. Does not belong here: which
rows a table has (models_py/parts) and file formats, with what each must escape (medpanel/report).
"""

import math
from dataclasses import dataclass

from catalog.base import Text

SYNTHETIC = Text(zh="合成数据", en="SYNTHETIC")
_GENERATED = Text(
    zh="合成数据：由程序生成，不得当作统计数据。",
    en="SYNTHETIC: generated data, never to be read as statistics.",
)
NOTHING = "–"
MINUS = "−"


@dataclass(frozen=True)
class Row:
    """One row: its label, one text per column, and the block it stands in (rules are drawn between blocks)."""

    label: str
    cells: tuple[str, ...]
    block: int = 0


@dataclass(frozen=True)
class ReportTable:
    """A table as text. `stem`: its file name without prefix and suffix; `header`: levels from the top, one text per
    column each; `synthetic`: every rendering is marked; `text_columns`: columns of running text, given more room.
    """

    stem: str
    title: Text
    header: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...]
    synthetic: bool
    text_columns: tuple[int, ...] = ()

    @property
    def heading(self) -> Text:
        """The title, marked when the data are synthetic."""
        if not self.synthetic:
            return self.title
        return Text(zh=f"【{SYNTHETIC.zh} {SYNTHETIC.en}】{self.title.zh}", en=f"[{SYNTHETIC.en}] {self.title.en}")

    @property
    def remarks(self) -> tuple[Text, ...]:
        """The notes, and for synthetic data what it must not be read as."""
        if not self.synthetic:
            return self.notes
        return (*self.notes, _GENERATED)


def number(value: float | None, decimals: int = 3) -> str:
    """A number with thousands commas and a minus sign of full length; a dash for none.

    One that would print as zero prints in scientific notation, except exactly zero.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-") if value == 0 else f"{value:.1e}"
    return text.replace("-", MINUS)


def fixed(value: float, decimals: int = 3) -> str:
    """As `number`, but rounding to zero where the value is rounding noise."""
    return number(round(value, decimals) + 0.0, decimals)


def stars(p_value: float) -> str:
    """* below 10 %, ** below 5 %, *** below 1 %; none where there is no p-value."""
    return "***" if p_value < 0.01 else "**" if p_value < 0.05 else "*" if p_value < 0.1 else ""


def p_number(p_value: float) -> str:
    """A p-value to three decimals, "< 0.001", or a dash."""
    if not math.isfinite(p_value):
        return NOTHING
    return "< 0.001" if p_value < 0.0005 else f"{p_value:.3f}"


def both(text: Text) -> str:
    """Both languages on one line."""
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"


def stacked(text: Text) -> str:
    """Chinese over English."""
    return text.zh if text.zh == text.en else f"{text.zh}\n{text.en}"
