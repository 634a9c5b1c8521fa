"""A table ready for printing: title, header, rows of text, notes in both languages.

Belongs here: the common shape of all tables, how numbers are printed, the table that lists estimates one below the
other. Does not belong here: which rows a table has (models_py/parts) and file formats, with what each must escape
(medpanel/report).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.base import Text
from catalog.labels import label_of, method_label
from models_py.figures.names import chinese_number, stem_of

if TYPE_CHECKING:
    import pandas as pd

SYNTHETIC = Text(zh="合成数据", en="SYNTHETIC")
_GENERATED = Text(
    zh="合成数据：由程序生成，不得当作统计数据。",
    en="SYNTHETIC: generated data, never to be read as statistics.",
)
NOTHING = "–"
MINUS = "−"


@dataclass(frozen=True)
class Row:
    """One row: its label, one text per column, and its block (rules are drawn between blocks)."""

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
        return marked(self.title, self.synthetic)

    @property
    def remarks(self) -> tuple[Text, ...]:
        """The notes, and for synthetic data what it must not be read as."""
        return (*self.notes, _GENERATED) if self.synthetic else self.notes


def marked(title: Text, synthetic: bool) -> Text:
    """A title, marked when the data are synthetic."""
    if not synthetic:
        return title
    return Text(zh=f"【{SYNTHETIC.zh} {SYNTHETIC.en}】{title.zh}", en=f"[{SYNTHETIC.en}] {title.en}")


def number(value: float | None, decimals: int = 3) -> str:
    """A number with thousands commas and a true minus sign; a dash for none.

    One that would print as zero prints in scientific notation, except exactly zero.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-") if value == 0 else f"{value:.1e}"
    return text.replace("-", MINUS)


def fixed(value: float, decimals: int = 3) -> str:
    """As `number`, but rounding noise prints as zero."""
    return number(round(value, decimals) + 0.0, decimals)


def stars(p_value: float) -> str:
    """* below 10 %, ** below 5 %, *** below 1 %; none if there is no p-value."""
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


_HEADER = (
    "模型\nModel",
    "方法\nMethod",
    "估计值\nEstimate",
    "标准误\nSE",
    "置信区间\nInterval",
    "p值\np",
    "自由度\ndf",
)


def estimates_table(
    rows: "pd.DataFrame",
    title: Text,
    *,
    term_label: Callable[[str], Text],
    effect_label: Callable[[str], Text],
    own_reading: str,
    synthetic: bool,
    notes: Sequence[Text] = (),
) -> ReportTable:
    """A row for each row of `estimate`, all of one table. `title`: what follows the table's number; `notes`: further
    ones. An effect `coef` and the study's `own_reading` go unsaid.
    """
    table_no = str(rows["table_no"].iloc[0])
    body = [
        Row(
            both(term_label(row["term"]))
            + ("" if row["effect"] == "coef" else f"\n{both(effect_label(row['effect']))}"),
            _cells(row, own_reading),
        )
        for row in rows.to_dict("records")
    ]
    share = "、".join(sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})) or NOTHING
    general = Text(
        zh=f"区间水平 {share}；* p < 0.10，** p < 0.05，*** p < 0.01；–：该方法不给出。结果为关联，非因果效应。",
        en=f"Intervals: {share}; * p < 0.10, ** p < 0.05, *** p < 0.01; –: not given by the method. "
        "Associations, not effects.",
    )
    return ReportTable(
        stem=stem_of(table_no),
        title=Text(zh=f"{chinese_number(table_no)}  {title.zh}", en=f"{table_no}. {title.en}"),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(general, *notes),
        synthetic=synthetic,
    )


def _cells(row: Mapping[Any, Any], own_reading: str) -> tuple[str, ...]:
    return (
        stacked(label_of(dict(row), own_reading=own_reading)),
        stacked(method_label(row["method"])),
        f"{number(row['estimate'])}{stars(row['p_value'])}",
        number(row["std_error"]),
        NOTHING if math.isnan(row["ci_low"]) else f"[{number(row['ci_low'])}, {number(row['ci_high'])}]",
        p_number(row["p_value"]),
        number(row["df"], 0),
    )
