"""What licences say about passing figures on, and what an entry says against them."""

import pytest

from catalog.base import CatalogError
from catalog.declarations.entry import Source
from catalog.declarations.loading import load_sources
from catalog.declarations.redistribution import redistribution_of
from catalog.declarations.sources import Sources

ENTRY = {"match": "a.csv", "vintage": "v1", "publisher": "p"}


@pytest.mark.parametrize(
    "licence",
    [
        "free on request; no redistribution",
        "none stated; the platform's terms bar commercial use and redistribution",
        "Redistribution is not allowed",
        "may not be redistributed",
        "All rights reserved",
        "仅供研究，不得转交他人",
        "禁止任何形式的传播",
        "版权所有",
    ],
)
def test_licences_that_bar_it(licence):
    assert redistribution_of(licence) == "barred"


@pytest.mark.parametrize("licence", ["MIT", "CC BY 4.0", "CC0 1.0", "GPL-3; geometry ODbL", "Apache-2.0", "公有领域"])
def test_open_licences_allow_it(licence):
    assert redistribution_of(licence) == "allowed"


@pytest.mark.parametrize(
    "licence",
    ["none stated", "code MIT; the data are disclaimed", "ask the author", "未说明", "redistribution: yes"],
)
def test_nothing_is_guessed_from_other_texts(licence):
    assert redistribution_of(licence) == "not_stated"


def test_what_the_entry_says_goes_before_the_text():
    assert Source(**ENTRY, licence="no redistribution").may_be_passed_on == "barred"
    assert Source(**ENTRY, licence="no redistribution", redistribution="allowed").may_be_passed_on == "allowed"
    assert Source(**ENTRY, licence="MIT", redistribution="barred").may_be_passed_on == "barred"


def test_release_names_a_declared_vintage(tmp_path):
    path = tmp_path / "sources.yaml"
    text = (
        "data_kind: real\nstudies: []\nvintages: [dfiic_2023]\nrelease: [dfiic_2024]\n"
        "files: [{match: a.csv, vintage: dfiic_2023, publisher: p, licence: l}]\n"
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"release(.|\n)*dfiic_2024(.|\n)*dfiic_2023"):
        load_sources(path)
    path.write_text(text.replace("dfiic_2024", "dfiic_2023"), encoding="utf-8")
    assert load_sources(path)[0].release == ("dfiic_2023",)
    assert Sources.model_fields["release"].default == ()
