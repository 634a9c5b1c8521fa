"""Facts about divisions of a workspace: the packaged ones and a year more, with changes of the test's choosing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.division_facts import CHANGES, COLUMNS, PACKAGED, VINTAGE, Facts, own_facts

LAST = PACKAGED.vintage.last_year
# 嘉峪关 has no county-level units; 正定县 becomes a district with a code nobody had. All invented.
MERGER = f"prefecture,620200,嘉峪关市,,{LAST},620900,,,invented"
DISTRICT = (f"county,130123,正定县,,{LAST},130112,,,invented", f"county,130112,正定区,{LAST + 1},,,,,invented")

Own = Callable[..., Facts]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    def make(*changes: str, last_year: int = LAST + 1, encoding: str = "utf-8", **files: str) -> Facts:
        folder = tmp_path / "divisions"
        folder.mkdir(exist_ok=True)
        (folder / VINTAGE).write_text(f"last_year: {last_year}\nsource: invented\n", encoding="utf-8")
        text = "\n".join([",".join(COLUMNS[CHANGES]), *changes])
        (folder / CHANGES).write_text(text, encoding=encoding)
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content, encoding="utf-8")
        return own_facts(folder)

    return make
