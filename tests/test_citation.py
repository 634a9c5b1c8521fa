"""CITATION.cff is valid and of this version."""

import re

import pytest
import yaml

import bootstrap
from medpanel import __version__

# What version 1.2 of the Citation File Format requires, and the other keys it has and this file may use.
REQUIRED = {"authors", "cff-version", "message", "title"}
OPTIONAL = {"abstract", "type", "version", "license", "keywords", "date-released", "doi", "url", "repository-code"}


def faults(text: str) -> list[str]:
    """What is wrong with a citation file of this program."""
    cited = yaml.safe_load(text)
    found = [f"{key}: missing" for key in sorted(REQUIRED - set(cited))]
    found += [f"{key}: not a key used here" for key in sorted(set(cited) - REQUIRED - OPTIONAL)]
    found += [] if cited.get("cff-version") == "1.2.0" else ["cff-version: not 1.2.0"]
    found += [] if str(cited.get("version")) == __version__ else [f"version: not {__version__}"]
    authors = cited.get("authors") or []
    found += [] if authors and all(one.get("name") or one.get("family-names") for one in authors) else ["authors: none"]
    found += [] if cited.get("type") in ("software", "dataset") else ["type: neither software nor dataset"]
    found += [] if cited.get("license") == "MIT" else ["license: not that of LICENSE"]
    return found


def test_the_citation_file_is_valid_and_of_this_version() -> None:
    assert faults((bootstrap.PROJECT / "CITATION.cff").read_text(encoding="utf-8")) == []
    assert (bootstrap.PROJECT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        (r"^title: .*", "subject: x", "title: missing"),
        (r"^version: .*", "version: 99.0", f"version: not {__version__}"),
        (r"^  - name: .*", "  - affiliation: x", "authors: none"),
        (r"^license: .*", "license: CC0-1.0", "license: not that of LICENSE"),
        (r"^cff-version: .*", "cff-version: 1.0.3", "cff-version: not 1.2.0"),
        (r"^type: .*", "type: website", "type: neither software nor dataset"),
    ],
)
def test_a_wrong_entry_is_found(was: str, becomes: str, fault: str) -> None:
    text = (bootstrap.PROJECT / "CITATION.cff").read_text(encoding="utf-8")
    changed = re.sub(was, becomes, text, flags=re.MULTILINE)
    assert changed != text and fault in faults(changed)
