"""Commands that are printed to be pasted: a shell takes every word as it is, whatever it holds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from medpanel.program import command, program

WORDS = [
    "plain", "a b", "$(touch pwned)", "`id`", "$HOME", "~", "~root", "it's", 'say "q"', "100%", "#1", "a;b&c|d",
    "\\", "a\nb", "*", "[a]", "{b,c}", "!x", "-x", "数据", "年 度", "",
]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="tried in a POSIX shell")
@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_shell_takes_a_word_as_it_is(word: str, tmp_path: object) -> None:
    line = command("query", word).removeprefix(program())
    done = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], cwd=str(tmp_path), capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == ["query", word]


def test_on_windows_words_are_in_double_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medpanel.program.sys.platform", "win32")
    assert command("C:\\a", "a b").endswith('C:\\a "a b"')
