"""The rows of a query on a screen: a table however narrow it is, with every column and every cell."""

import io

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console

from medpanel.published import print_frame


def printed(frame: pd.DataFrame, width: int = 80) -> list[str]:
    stream = io.StringIO()
    print_frame(frame, Console(file=stream, width=width, color_system=None))
    return stream.getvalue().splitlines()


WIDE = pd.DataFrame({f"column_{n}": [f"value {n}.{row}" for row in range(3)] for n in range(12)})
LONG = pd.DataFrame({"path": ["a.csv", "b.csv"], "problem": ["缺少省份 " * 20, "found 'x' " * 30]})


@pytest.mark.parametrize("frame", [WIDE, LONG, WIDE.head(0), pd.DataFrame({"n": [1]})])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_stays_a_table_and_on_the_screen(frame: pd.DataFrame, width: int) -> None:
    lines = printed(frame, width)
    assert lines[0].startswith("┏")
    assert max(cell_len(line) for line in lines) <= width


def test_columns_that_do_not_fit_follow_in_further_tables_of_the_same_rows() -> None:
    lines = printed(WIDE)
    heads = [line for line in lines if line.startswith("┃")]
    assert len(heads) > 1
    assert all(head.split()[1] == "#" for head in heads)
    told = "\n".join(lines)
    assert all(name in told for name in WIDE.columns)
    assert all(value in told for column in WIDE for value in WIDE[column])


def test_a_long_text_is_folded_beside_the_other_cells_of_its_row() -> None:
    lines = printed(LONG)
    assert sum(line.startswith("┏") for line in lines) == 1
    assert "".join(lines).count("found 'x'") >= 20


def test_rows_left_out_are_said() -> None:
    lines = printed(pd.DataFrame({"n": range(100)}))
    assert lines[-1].startswith("40 of 100 rows shown")


def test_numbers_and_missing_values_are_short() -> None:
    [line] = [line for line in printed(pd.DataFrame({"x": [1 / 3], "y": [float("nan")]})) if line.startswith("│")]
    assert line.split() == ["│", "0.3333333", "│", "│"]
