"""An example of a register of toy kites."""

from __future__ import annotations

from ingestion.readers.registers.toy_register import SEAL, TITLE
from medpanel.guide.examples.example import NAMES, LayoutExample
from medpanel.office.table_files import csv_bytes


def register() -> LayoutExample:
    """Every province, two years."""
    rows = [[TITLE, "2021", "2022"], *([name, str(10 + i), str(20 + i)] for i, name in enumerate(NAMES)), [SEAL]]
    return LayoutExample(
        "toy_register",
        "panels",
        "register.csv",
        csv_bytes(rows),
        {},
        "A register of toy kites, sealed in its last row.",
        "玩具风筝登记表，末行为封存标记。",
    )


EXAMPLES = (register,)
