"""The rules of study files: each is used, says the same in both languages, and is told with its line."""

import re
import string
from pathlib import Path

import pytest
import yaml

from catalog.base import CATALOG_DIR, CatalogError
from catalog.key_errors import Broken
from catalog.studies import STUDIES_DIR, load_study
from catalog.study_rules import forbid

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_RULES = {
    f"{part}.{name}": text
    for part, rules in yaml.safe_load((CATALOG_DIR / "study_rules.yaml").read_text(encoding="utf-8")).items()
    for name, text in rules.items()
}


def test_every_rule_is_said_in_both_languages_and_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CATALOG_DIR.rglob("*.py"))
    for rule, text in _RULES.items():
        assert not _CHINESE.search(text["en"]) and _CHINESE.search(text["zh"]), rule
        named = {word: {name for _, name, _, _ in string.Formatter().parse(text[word]) if name} for word in text}
        assert named["en"] <= named["zh"], rule
        assert f'"{rule}"' in code or f'"{rule.removesuffix("_beside_table")}{{beside}}"' in code, rule


def test_no_rule_is_english_only_in_the_code() -> None:
    """What study files are refused with stands in the YAML file: parts raise no text of their own."""
    for path in (CATALOG_DIR / "panels.py", *(CATALOG_DIR / "parts").glob("*.py")):
        assert not re.search(r"\brefuse\(|raise ValueError\(", path.read_text(encoding="utf-8")), path.name


def test_lists_are_joined_in_the_way_of_their_language() -> None:
    forbid([], "inequality.maps")
    with pytest.raises(Broken) as broken:
        forbid(["beds", "nurses"], "inequality.maps", ("maps",))
    assert broken.value.text["en"] == "maps: beds, nurses is none of the resources"
    assert broken.value.text["zh"] == "maps：beds、nurses 不在 resources 之中"
    assert str(broken.value.below("parts", 1)).startswith("parts.1.maps: maps: beds, nurses")


def test_a_name_that_is_no_variable_is_told_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    text = (STUDIES_DIR / "expenditure_gdp.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if "regressors: [" in line)
    name = re.search(r"regressors: \[(\w+)", lines[at])
    assert name is not None
    lines[at] = lines[at].replace(f"[{name[1]}", f"[{name[1]}x")
    path = tmp_path / "expenditure_gdp.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CatalogError) as refusal:
        load_study(path)
    english, chinese = str(refusal.value).splitlines()
    assert english.endswith(f"did you mean `{name[1]}`?") and f"unknown variable '{name[1]}x'" in english
    assert chinese.endswith(f"是否应为“{name[1]}”？") and f"无法识别的变量“{name[1]}x”" in chinese
    line = int(re.search(r", line (\d+):", english)[1])  # type: ignore[index]
    assert line <= at + 1 and "table_no" in lines[line - 1]
