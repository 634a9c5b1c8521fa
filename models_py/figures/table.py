"""A table ready for printing: title, header, rows of text, notes in both languages.

Belongs here: the common shape of all tables, how numbers are printed, the table that lists estimates one below the
other. Does not belong here: which rows a table has (models_py/parts) and file formats, with what each must escape
(medpanel/report).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.base import Text, printable
from catalog.labels import Label, method_label
from models_py.figures.coefficients import unit_of, with_unit
from models_py.figures.names import number_of, stem_of
from models_py.figures.show import LANGS, Lang, said
from models_py.figures.style import SYNTHETIC

if TYPE_CHECKING:
    import pandas as pd

GENERATED = Text(
    zh="合成数据：由程序生成，不得当作统计数据。",
    en="SYNTHETIC: generated data, never to be read as statistics.",
)
_NOTES = Text(zh="注：", en="Notes: ")
NOTHING = "–"
MINUS = "−"
# A text in both languages, or one that is the same in both: a number, a symbol.
Cell = str | Text


@dataclass(frozen=True)
class Row:
    """One row: its label, one cell per column, and its block (rules are drawn between blocks)."""

    label: Cell
    cells: tuple[Cell, ...]
    block: int = 0


@dataclass(frozen=True)
class PrintedRow:
    """A row in one language."""

    label: str
    cells: tuple[str, ...]
    block: int


@dataclass(frozen=True)
class PrintedTable:
    """A table in one language, every text a string. `number`: "2" for Table 2, '' for one without a number; `caption`:
    the marked title without it; `remarks`: its notes as one paragraph; otherwise as ReportTable.
    """

    lang: Lang
    stem: str
    number: str
    caption: str
    header: tuple[tuple[str, ...], ...]
    rows: tuple[PrintedRow, ...]
    remarks: str
    synthetic: bool
    text_columns: tuple[int, ...]

    @property
    def heading(self) -> str:
        """Number and title."""
        return _numbered(self.number, self.caption, self.lang)


@dataclass(frozen=True)
class ReportTable:
    """A table as text. `stem`: its file name without prefix and suffix; `number`: "2" for Table 2, if it has one;
    `header`: levels from the top, one cell per column each; `synthetic`: every rendering is marked; `text_columns`:
    columns of running text, given more room.
    """

    stem: str
    title: Text
    header: tuple[tuple[Cell, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...]
    synthetic: bool
    text_columns: tuple[int, ...] = ()
    number: str = ""

    @property
    def heading(self) -> Text:
        """Number and title, marked when the data are synthetic."""
        title = marked(self.title, self.synthetic)
        return Text(zh=_numbered(self.number, title.zh, "zh"), en=_numbered(self.number, title.en, "en"))

    @property
    def remarks(self) -> tuple[Text, ...]:
        """The notes, and for synthetic data what it must not be read as."""
        return (*self.notes, GENERATED) if self.synthetic else self.notes

    def printed(self, lang: Lang) -> PrintedTable:
        """The table in one language."""
        rows = (PrintedRow(_said(row.label, lang), _in_language(row.cells, lang), row.block) for row in self.rows)
        return PrintedTable(
            lang,
            self.stem,
            self.number,
            said(marked(self.title, self.synthetic), lang),
            tuple(_in_language(level, lang) for level in self.header),
            tuple(rows),
            paragraph(self.remarks, lang),
            self.synthetic,
            self.text_columns,
        )


def _numbered(number: str, title: str, lang: Lang) -> str:
    if not number:
        return title
    return f"表{number}  {title}" if lang == "zh" else f"Table {number}. {title}"


def in_language(cell: Cell, lang: Lang) -> str:
    """A cell in one language."""
    return cell if isinstance(cell, str) else said(cell, lang)


def _said(cell: Cell, lang: Lang) -> str:
    return printable(in_language(cell, lang))


def _in_language(cells: Sequence[Cell], lang: Lang) -> tuple[str, ...]:
    return tuple(_said(cell, lang) for cell in cells)


def paragraph(notes: Sequence[Text], lang: Lang) -> str:
    """Notes in one language, one after the other; empty without notes."""
    told = ("" if lang == "zh" else " ").join(said(note, lang) for note in notes)
    return told and f"{said(_NOTES, lang)}{told}"


def stacked(*cells: Cell, between: str = "\n") -> Text:
    """Cells under each other, or separated otherwise, in each language; empty ones are left out."""
    zh, en = (between.join(text for cell in cells if (text := in_language(cell, lang))) for lang in LANGS)
    return Text(zh=zh, en=en)


def marked(title: Text, synthetic: bool) -> Text:
    """A title, marked when the data are synthetic."""
    if not synthetic:
        return title
    return Text(zh=f"【{SYNTHETIC.zh}】{title.zh}", en=f"[{SYNTHETIC.en}] {title.en}")


def unmarked(title: str, lang: Lang) -> str:
    """A title in one language without the mark."""
    mark = said(marked(Text(zh="", en=""), True), lang)
    return title.replace(mark, "")


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


def p_equals(p_value: float) -> str:
    """The same within a sentence: "< 0.001", "= 0.032"."""
    shown = p_number(p_value)
    return shown if shown.startswith("<") else f"= {shown}"


_HEADER: tuple[Text, ...] = (
    Text(zh="模型", en="Model"),
    Text(zh="方法", en="Method"),
    Text(zh="估计值", en="Estimate"),
    Text(zh="标准误", en="SE"),
    Text(zh="置信区间", en="Interval"),
    Text(zh="p值", en="p"),
    Text(zh="自由度", en="df"),
)


def estimates_table(
    rows: "pd.DataFrame",
    title: Text,
    *,
    term_label: Callable[[str], Text],
    effect_label: Callable[[str], Text],
    label: Label,
    synthetic: bool,
    notes: Sequence[Text] = (),
) -> ReportTable:
    """A row for each row of `estimate`, all of one table. `title`: what follows the table's number; `notes`: further
    ones. An effect `coef` goes unsaid; `label` names the model of a row. Rows without standard error, interval and
    p-value are no rows of the table but one sentence of its notes.
    """
    table_no, unit = str(rows["table_no"].iloc[0]), unit_of(rows)
    bare = rows[["std_error", "ci_low", "ci_high", "p_value"]].isna().all(axis=1)

    def name(row: Mapping[Any, Any], between: str = "\n") -> Text:
        effect = "" if row["effect"] == "coef" else effect_label(row["effect"])
        return stacked(term_label(row["term"]), effect, between=between)

    shown = rows[~bare].to_dict("records")
    body = [Row(stacked(name(row), "" if unit else _unit(row)), _cells(row, label)) for row in shown]
    alone = [_without_error(rows[bare].to_dict("records"), name, label)] if bare.any() else []
    estimate, *others = _HEADER[2:]
    return ReportTable(
        stem=stem_of(table_no),
        number=number_of(table_no),
        title=title,
        header=((*_HEADER[:2], with_unit(estimate, unit), *others),),
        rows=tuple(body),
        notes=(_general(rows), *alone, *notes),
        synthetic=synthetic,
    )


def _unit(row: Mapping[Any, Any]) -> Cell:
    if not isinstance(row["unit_en"], str):
        return ""
    return Text(zh=f"[{str(row['unit_zh']).removeprefix('个')}]", en=f"[{row['unit_en']}]")


def _without_error(records: Sequence[Mapping[Any, Any]], name: Callable[..., Text], label: Label) -> Text:
    """The estimates that have nothing but their value, as one sentence."""
    told = [
        stacked(stacked(name(row, ", "), label(dict(row)), between=", "), number(row["estimate"]), between=" ")
        for row in records
    ]
    zh, en = ("；".join(text.zh for text in told), "; ".join(text.en for text in told))
    return Text(
        zh=f"无标准误者（只涉及一个聚类，或该方法不给出）：{zh}。",
        en=f"Without standard error (resting on a single cluster, or not given by the method): {en}.",
    )


def _general(rows: "pd.DataFrame") -> Text:
    share = "、".join(sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})) or NOTHING
    return Text(
        zh=f"区间水平 {share}；* p < 0.10，** p < 0.05，*** p < 0.01；–：该方法不给出。结果为关联，非因果效应。",
        en=f"Intervals: {share.replace('、', ', ')}; * p < 0.10, ** p < 0.05, *** p < 0.01; –: not given by the "
        "method. Associations, not effects.",
    )


def _cells(row: Mapping[Any, Any], label: Label) -> tuple[Cell, ...]:
    return (
        label(dict(row)),
        method_label(row["method"]),
        f"{number(row['estimate'])}{stars(row['p_value'])}",
        number(row["std_error"]),
        NOTHING if math.isnan(row["ci_low"]) else f"[{number(row['ci_low'])}, {number(row['ci_high'])}]",
        p_number(row["p_value"]),
        number(row["df"], 0),
    )
