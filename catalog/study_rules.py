"""The rules that keys of a study file keep with one another: said in both languages (study_rules.yaml) when broken.

Belongs here: refusing by the id of a rule. Does not belong here: what the rules are about (studies.py, parts/), and
faults of single keys (key_faults.py).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.key_errors import Broken

_TEXTS = Path(__file__).with_suffix(".yaml")


def forbid(found: object, rule: str, at: tuple[str | int, ...] = (), /, **values: object) -> None:
    """Raise Broken, a ValueError, with the text of a rule (`part.rule`) if something is found that breaks it.

    `values`: what else its text names, or `found` in other words. `at`: the key, below what is checked.
    """
    if found:
        part, _, name = rule.partition(".")
        en, zh = (_filled(_texts()[part][name], language, {"found": found, **values}) for language in ("en", "zh"))
        raise Broken(en, zh, at)


def _filled(text: Mapping[str, str], language: str, values: Mapping[str, object]) -> str:
    comma, none = (", ", "none") if language == "en" else ("、", "无")
    listed = {
        name: (comma.join(map(str, value)) or none) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return text[language].format(**listed)


@cache
def _texts() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))
    return content
