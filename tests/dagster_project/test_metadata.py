"""What users' files say is shown in the UI as text: no link, picture or HTML comes of it."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from rich.markdown import Markdown

from dagster_project.assets.study_files import _shown
from dagster_project.metadata import as_text, table_metadata, unlinked
from tests.medpanel.report.test_tables import ACTIVE, tokens

# What the UI makes links of by itself, beside what Markdown says.
ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*:(?!\u2060)\S|\bwww\.|\S@(?!\u2060)\S")


def visible(markdown: str) -> str:
    """The text a reader sees."""
    parsed = Markdown(markdown).parsed
    return "".join(child.content for token in parsed for child in token.children or [] if child.type == "text")


@pytest.mark.parametrize(
    "text", [ACTIVE, "# head", "- x", "javascript:alert(1)", "mailto:a@b", "WWW.evil.example", "a&amp;b"]
)
def test_text_is_shown_as_text(text: str) -> None:
    made = as_text(text)
    assert not set(tokens(made)) & {"image", "link_open", "html_inline", "html_block", "code_inline", "strong_open"}
    assert not ADDRESS.search(visible(made))
    assert visible(made).replace("\u2060", "") in (text, text.lstrip("- "))


def test_the_control_is_dangerous() -> None:
    assert ADDRESS.search(visible("see https://evil.example")) and "image" in tokens(ACTIVE)


def test_ordinary_texts_are_left_alone() -> None:
    for text in ("诊疗人次 (10,000), 2013–2024: R² = 0.98", "Table 2. Effect of exposure"):
        assert visible(as_text(text)) == text


def test_names_of_files_are_shown_as_text() -> None:
    item: dict[str, Any] = {"files": [f"{ACTIVE}.csv"], "previews": {}}
    made = _shown(item, "real")["files"].value
    assert not set(tokens(made)) & {"image", "link_open", "html_inline"} and not ADDRESS.search(visible(made))


def test_a_preview_of_a_table_has_no_addresses() -> None:
    assert not ADDRESS.search(unlinked("| https://evil.example | www.evil.example | a@evil.example |"))


def test_cells_of_a_preview_are_plain_values() -> None:
    metadata = table_metadata(pd.DataFrame({"name": [ACTIVE], "n": [1]}))
    [record] = metadata["preview"].records
    assert record.data == {"name": ACTIVE, "n": 1}
