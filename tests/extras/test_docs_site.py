"""The site `make docs` builds: without a warning, each page with its twin, no request to any server, Chinese found."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

import bootstrap
from tests.extras.conftest import WITHOUT

DOCS = bootstrap.PROJECT / "docs"
FETCHED = re.compile(r'<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    """docs/build.py."""
    if importlib.util.find_spec("sphinx") is None:
        if "sphinx" in os.environ.get(WITHOUT, "").split():
            pytest.skip(f"{WITHOUT} names sphinx")
        pytest.fail(f"Sphinx is not installed: run `make docs` once, or set {WITHOUT}=sphinx")
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(builder: ModuleType) -> Path:
    """The built site; warnings would have been errors."""
    assert builder.main() == 0
    return Path(builder.BUILT)


def test_every_page_leads_to_its_twin(site: Path) -> None:
    for language, other in (("en", "zh"), ("zh", "en")):
        pages = [page for page in (site / language).rglob("*.html") if "_static" not in page.parts]
        assert len(pages) > 50
        for page in pages:
            (twin,) = re.findall(r'<a class="twin" lang="\w+" href="([^"]+)"', page.read_text(encoding="utf-8"))
            assert (page.parent / twin).resolve().is_file() and f"/{other}/" in twin, page


def test_nothing_is_fetched(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert FETCHED.findall(page.read_text(encoding="utf-8")) == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style
    assert FETCHED.findall('<script src="https://cdn.example.org/a.js">')


def test_chinese_is_found_by_pairs_of_characters(site: Path) -> None:
    index = (site / "zh" / "searchindex.js").read_text(encoding="utf-8")
    assert f'"{"泰尔".encode("unicode_escape").decode()}"' in index
    scripts = (site / "zh" / "_static" / "language_data.js").read_text(encoding="utf-8")
    named = re.findall(r"window\.Stemmer = (\w+);", scripts)
    assert named and f"var {named[0]}=" in scripts and "function splitQuery" in scripts


def test_a_link_that_leads_nowhere_stops_the_build(
    builder: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("en", "evidence"):
        (tmp_path / folder).mkdir()
    for name in ("_static", "_templates", "conf.py"):
        (tmp_path / name).symlink_to(DOCS / name)
    monkeypatch.setattr(builder, "DOCS", tmp_path)
    monkeypatch.setattr(builder, "BUILT", tmp_path / "_build")
    page = tmp_path / "en" / "index.md"
    page.write_text('# First\n\n[a](#place)\n\n<a id="place"></a>\n\n## Second\n', encoding="utf-8")
    assert builder.build("en") == 0
    page.write_text("# First\n\n[a](#nowhere)\n", encoding="utf-8")
    assert builder.build("en") != 0
