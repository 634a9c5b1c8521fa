"""Keywords and the share of a Chinese text they make up, counted in words as the tokenizer jieba finds them.

Belongs here: reading the file of keywords and counting. Which report a text is: ingestion/readers/texts/work_report.py.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ingestion.formats.grid import address, read_text
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.problems import Problem, Refusal, refuse_for

if TYPE_CHECKING:
    from rjieba import Jieba

_HEADERS = frozenset({"keyword", "keywords", "关键词", "词语"})
_LONGEST = 30
_WORD = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Count:
    """Words of a text that are keywords, by group and in all; words that hold a letter or character, in all."""

    hits: int
    words: int
    by_group: tuple[tuple[str, int], ...]


def plain(text: str) -> str:
    """The form in which texts and keywords are compared: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def read_keywords(content: bytes, name: str) -> dict[str, str]:
    """The keywords of a file called `name`: one a line, a group after a comma. Raises Refusal naming file and cell.

    Each as it is compared (half-width, lower case), with its group, empty without one.
    """
    require_bytes(len(content), TEXT_BYTES)
    text, _ = read_text(content, None)
    # Each word with its group and its line.
    words: dict[str, tuple[str, int]] = {}
    problems = []
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text.replace("，", ",")), strict=True)]
    except csv.Error as error:
        raise Refusal(Problem("keyword_list", f"{name}: {error}", "one_a_line")) from None
    for number, row in enumerate(rows, start=1):
        if not any(row) or (number == 1 and plain(row[0]) in _HEADERS):
            continue
        place = f"{name} {address(number, 1)}"
        word = re.sub(r"\s", "", plain(row[0]))
        if len(row) > 2 or not word or len(word) > _LONGEST or not _WORD.search(word):
            problems.append(Problem("keyword_list", f"{place}: {', '.join(row)[:60]}", "short", str(_LONGEST)))
        elif word in words:
            problems.append(Problem("keyword_list", f"{place}: {word}", "once", str(words[word][1])))
        else:
            words[word] = row[1] if len(row) > 1 else "", number
    if not words and not problems:
        problems.append(Problem("keyword_list", name, "some"))
    if not problems:
        # Some signs always part words; such a keyword would never be found.
        apart = [word for word in words if _tokenizer(tuple(words)).cut(word) != [word]]
        problems += [Problem("keyword_list", f"{name} A{words[word][1]}: {word}", "one_word") for word in apart]
    refuse_for(problems)
    return {word: group for word, (group, _) in words.items()}


@lru_cache(maxsize=4)
def _tokenizer(words: tuple[str, ...]) -> Jieba:
    """jieba with its own dictionary and these words in it; building one takes a third of a second."""
    import rjieba  # its dictionary takes nearly half a second

    tokenizer = rjieba.Jieba()
    for word in words:
        tokenizer.add_word(word, None, None)
    return tokenizer


def count_keywords(text: str, keywords: Mapping[str, str]) -> Count:
    """Segment a text and count the keywords, each given with its group.

    A longer keyword wins over one inside it; numbers and signs are no words.
    """
    tokens = Counter(_tokenizer(tuple(keywords)).cut(plain(text)))
    groups: Counter[str] = Counter(dict.fromkeys(keywords.values(), 0))
    for word, group in keywords.items():
        groups[group] += tokens[word]
    words = sum(number for token, number in tokens.items() if _WORD.search(token))
    return Count(sum(groups.values()), words, tuple(sorted(groups.items())))
