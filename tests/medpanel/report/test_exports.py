"""Excel, CSV and Stata files of tables, and what the export command takes from an archive."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from pandas.io.stata import StataReader

from catalog import load_tables
from catalog.base import Text
from medpanel.exporting import Export, ExportError, exported
from medpanel.report.archive import archive_name, zipped
from medpanel.report.excel import xlsx
from medpanel.report.tidy import Underlying, csv_of, dta, underlying
from models_py.figures.table import ReportTable, Row
from tests.medpanel.report.fabricated import results, seen
from tests.medpanel.test_cli import invoke

TABLE = ReportTable(
    "t",
    Text(zh="标题", en="Title"),
    (("=1+1", "both", "both"), ("a", "b", "c")),
    (Row("−label", ("1,234.50", "−0.125***\n(0.010)", "@x")), Row("second", ("−7", "–", "12"), 1)),
    (Text(zh="单位：元", en="Unit: yuan"),),
    True,
    (),
    "2",
)


def test_a_sheet_has_numbers_merged_heads_notes_and_no_formula() -> None:
    page = load_workbook(io.BytesIO(xlsx(TABLE.printed("en")))).active
    cells = [[cell.value for cell in row] for row in page.iter_rows()]
    assert cells[0][0] == "Table 2. [SYNTHETIC] Title"
    assert cells[1] == [None, "'=1+1", "both", None] and cells[2] == [None, "a", "b", "c"]
    assert cells[3] == ["−label", 1234.5, "−0.125***\n(0.010)", "'@x"] and cells[4] == ["second", -7, "–", 12]
    assert page["B4"].number_format == "#,##0.00" and page["B5"].number_format == "0"
    assert cells[5][0].startswith("Notes: Unit: yuan") and "SYNTHETIC" in cells[5][0]
    assert "C2:D2" in {str(area) for area in page.merged_cells.ranges}
    assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)
    assert xlsx(TABLE.printed("en")) == xlsx(TABLE.printed("en")) != xlsx(TABLE.printed("zh"))


def test_a_csv_has_one_line_of_header_and_no_formula() -> None:
    text = csv_of(TABLE.printed("zh")).decode("utf-8-sig")
    assert text.split("\n")[:2] == [
        "表2  【合成数据】标题,'=1+1: a,both: b,both: c",
        '−label,"1,234.50",−0.125*** (0.010),\'@x',
    ]
    assert csv_of(TABLE.printed("zh")).startswith(b"\xef\xbb\xbf")


def read(content: bytes) -> tuple[pd.DataFrame, dict[str, str], str]:
    with StataReader(io.BytesIO(content)) as reader:
        return reader.read(), reader.variable_labels(), reader.data_label


def test_a_stata_file_has_the_rows_their_labels_units_and_notes() -> None:
    frame = pd.DataFrame(
        {
            "study": ["mspi", None],
            "table_no": ["Table 2", "表2"],
            "estimate": [0.1, np.inf],
            "df": pd.array([30, None], dtype="Int32"),
            "note_en": ["x" * 3000, ""],
        }
    )
    content = dta(
        Underlying(load_tables()["estimate"], frame), Text(zh="标题", en="Title"), [Text(zh="注", en="A note")]
    )
    rows, labels, told = read(content)
    assert rows["table_no"].tolist() == ["Table 2", "表2"] and rows["study"].tolist() == ["mspi", ""]
    assert rows["estimate"].iloc[0] == 0.1 and rows[["estimate", "df"]].iloc[1].isna().all()
    assert rows["note_en"].tolist() == ["x" * 3000, ""]
    column = load_tables()["estimate"].columns["table_no"]
    assert column.zh in labels["table_no"] and column.en in labels["table_no"] and told == "标题 Title"
    for note in ("标题 Title", "注", "A note", "estimate: infinite values are missing here"):
        assert b"_dta" in content and note.encode() in content
    assert content == dta(
        Underlying(load_tables()["estimate"], frame), Text(zh="标题", en="Title"), [Text(zh="注", en="A note")]
    )


def test_behind_a_table_stand_the_rows_of_its_number_alone() -> None:
    own, read_ = seen(), {"estimate", "model_fit", "int_figure_long", "nothing"}
    behind = {one.table.name: one.rows for one in underlying(own, "table_2_readings", read_)}
    assert set(behind) == {"estimate", "model_fit"}
    assert set(behind["estimate"]["table_no"]) == {"Table 2"} != set(results()["estimate"]["table_no"])
    [whole] = underlying(own, "findings", {"finding"})
    assert len(whole.rows) == len(results()["finding"])
    # A part's share says more exactly what was read than the whole table.
    shares = seen(tables={"spec_test": results()["spec_test"], "spec_test__moran": results()["spec_test"].iloc[:1]})
    [share] = underlying(shares, "x", {"spec_test", "spec_test__moran"})
    assert len(share.rows) == 1


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The folder report/ of a publication with one study."""
    folder = tmp_path / "report" / "mspi"
    folder.mkdir(parents=True)
    name = "synthetic_mspi"
    files = {
        f"{lang}/{name}_table_2.{end}": f"{lang} {end}".encode() for lang in ("zh", "en") for end in ("tex", "docx")
    }
    files |= {f"data/{name}_table_2__{table}.dta": table.encode() for table in ("estimate", "model_fit")}
    files |= {f"zh/{name}_figure_1.svg": b"<svg", f"data/{name}_figure_1.csv": b"x", "zh/../../evil.tex": b"no"}
    (folder / archive_name(name)).write_bytes(zipped(files))
    return folder.parent


def test_one_language_lies_in_the_folder_itself_and_two_in_one_each(report: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    [path] = exported(report, Export("mspi", "table_2", "docx", "en"), out)
    assert path == out / "synthetic_mspi_table_2.docx" and path.read_bytes() == b"en docx"
    both = exported(report, Export("mspi", "", "tex"), out)
    assert [path.relative_to(out).as_posix() for path in both] == [
        f"{lang}/synthetic_mspi_table_2.tex" for lang in ("en", "zh")
    ]
    rows = exported(report, Export("mspi", "table_2", "dta", "zh"), out)
    assert [path.read_text() for path in rows] == ["estimate", "model_fit"]
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize(
    ("wanted", "en", "zh"),
    [
        (
            Export("mspy", "", "tex"),
            "mspy: no such study is published; did you mean mspi",
            "未发布该研究，是否指：mspi",
        ),
        (
            Export("mspi", "tabel_2", "tex"),
            "no such table or figure is published; did you mean table_2",
            "未发布该表或图",
        ),
        (Export("mspi", "table_2", "doc"), "no such format is published; did you mean docx", "未发布该格式"),
        (Export("mspi", "table_2", "pdf"), "table_2 has no pdf; it has docx, dta, tex", "table_2 没有 pdf 格式"),
        (Export("mspi", "table_2", "tex", "fr"), "no such language is published; there are en, zh", "未发布该语言"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(
    report: Path, tmp_path: Path, wanted: Export, en: str, zh: str
) -> None:
    with pytest.raises(ExportError) as raised:
        exported(report, wanted, tmp_path / "out")
    assert en in str(raised.value) and zh in str(raised.value) and not (tmp_path / "out").exists()


def test_nothing_is_overwritten_unless_forced_and_a_link_never(report: Path, tmp_path: Path) -> None:
    out, wanted = tmp_path / "out", Export("mspi", "table_2", "dta")
    first, second = exported(report, wanted, out)
    first.unlink()
    second.write_text("mine")
    with pytest.raises(ExportError, match="--force"):
        exported(report, wanted, out)
    assert second.read_text() == "mine" and not first.exists(), "all or nothing"
    exported(report, wanted, out, force=True)
    assert second.read_text() == "model_fit"
    second.unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    second.symlink_to(elsewhere)
    with pytest.raises(ExportError, match="a link"):
        exported(report, wanted, out, force=True)
    assert elsewhere.read_text() == "mine"


def test_the_command_says_what_it_wrote_and_why_it_did_not(tmp_path: Path) -> None:
    code, text = invoke("export", "mspi", "--to", "docx", "--data", str(tmp_path))
    assert code == 1 and "current: no such publication" in text
    code, text = invoke("export", "mspi")
    assert code == 2 and "--to" in text
