"""The language of the reader: what is set for medpanel, else the locale; English where neither says."""

import pytest

from catalog.base import Told
from medpanel.language import VARIABLE, reader_language


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({VARIABLE: "zh", "LC_ALL": "C"}, "zh"),
        ({VARIABLE: "en", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_nearest_word_on_it_decides(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert reader_language() == language


def test_a_windows_locale_is_known_by_its_english_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert reader_language() == "zh"


def test_a_line_has_both_languages_and_prints_as_both() -> None:
    line = Told("nothing", "无")
    assert (line, line.en, line.zh) == ("nothing / 无", "nothing", "无")
