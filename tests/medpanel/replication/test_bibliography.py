"""BibTeX and GB/T 7714-2015, rendered from one registry."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest

import medpanel
from catalog import load_studies
from catalog.citations import Author, Reference, load_references
from medpanel.replication import BundleError, citations
from medpanel.replication.bibliography import bibtex_entry, gbt7714_entry
from medpanel.replication.texts import general_notes

SOURCES = pd.DataFrame(
    {
        "publisher": ["国家统计局", "国家统计局", "Health & Co", "Nobody"],
        "licence": ["开放", "开放", "CC_BY 100%", "none"],
        "vintage": ["2025", "2025", "2024", "x"],
        "accessed_on": [dt.date(2026, 1, 2), dt.date(2026, 1, 5), dt.date(2026, 2, 1), dt.date(2026, 3, 1)],
        "status": ["loaded", "loaded", "loaded", "refused"],
    }
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "roodman_2019",
            "ROODMAN D, NIELSEN M Ø, MACKINNON J G, et al. Fast and wild: Bootstrap inference in Stata using "
            "boottest[J]. The Stata Journal, 2019, 19(1): 4-60. DOI: 10.1177/1536867X19830877.",
        ),
        (
            "shao_2026",
            "SHAO X, LIU X, CHE J, et al. Smart city development and medical service performance: evidence from a "
            "province-level panel study in China[J]. International Journal of Public Health, 2026, 71. "
            "DOI: 10.3389/ijph.2026.1609627.",
        ),
        (
            "berge_2018",
            "BERGÉ L. Efficient estimation of maximum likelihood models with multiple fixed-effects: the R package "
            "FENmlm[R]. CREA Discussion Papers, No. 13, 2018. （R软件包fixest）",
        ),
        (
            "gardner_2022",
            "GARDNER J. Two-stage differences in differences[EB/OL]. 2022. https://arxiv.org/abs/2207.05943.",
        ),
        (
            "pyfixest",
            "The PyFixest Authors. pyfixest: Fast high-dimensional fixed effect estimation in Python[CP/OL]. 2025. "
            "https://github.com/py-econometrics/pyfixest.",
        ),
    ],
)
def test_gbt7714_of_each_kind(name, expected):
    assert gbt7714_entry(load_references()[name]) == expected


def test_gbt7714_of_chinese_authors():
    authors = tuple(Author(name=name) for name in ("陈强", "王一", "李二", "张三"))
    work = Reference(id="x", kind="article", authors=authors, title="题名", journal="经济研究", year=2020, issue="3")
    assert gbt7714_entry(work) == "陈强, 王一, 李二, 等. 题名[J]. 经济研究, 2020."
    work = work.model_copy(update={"authors": authors[:3], "volume": "55"})
    assert gbt7714_entry(work) == "陈强, 王一, 李二. 题名[J]. 经济研究, 2020, 55(3)."


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "dechaisemartin_dhaultfoeuille_2020",
            ["@article{", "author = {{de Chaisemartin}, Clément and D'Haultfœuille, Xavier}", "pages = {2964--2996}"],
        ),
        ("berge_2018", ["@techreport{", "number = {13}", "type = {CREA Discussion Papers}"]),
        ("gardner_2022", ["@misc{", "eprint = {2207.05943}", "archiveprefix = {arXiv}"]),
        ("pyfixest", ["@misc{", "author = {{The PyFixest Authors}}", "url = {https://github.com/"]),
    ],
)
def test_bibtex_of_each_kind(name, lines):
    text = bibtex_entry(load_references()[name])
    assert all(line in text for line in lines)
    assert "None" not in text


def test_bibtex_escapes_and_stays_balanced():
    work = Reference(id="x", kind="dataset", authors=(Author(name="A & B_{1}"),), title="50% of $x$ #1\n} ~^\\")
    text = bibtex_entry(work)
    assert r"author = {{A \& B\_\{1\}}}" in text
    assert r"title = {{50\% of \$x\$ \#1 \} \textasciitilde{}\textasciicircum{}\textbackslash{}}}" in text
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")


def test_a_study_cites_its_paper_software_methods_and_sources():
    bibtex, gbt = citations(load_studies()["mspi"], SOURCES)
    numbers = re.findall(r"^\[(\d+)\] ", gbt, re.MULTILINE)
    assert numbers == [str(i) for i in range(1, len(numbers) + 1)]
    keys = re.findall(r"^@\w+\{(\w+),$", bibtex, re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(numbers)
    assert {"medpanel", "pyfixest", "correia_2017", "source_1", "source_2"} <= set(keys) and "source_3" not in keys
    assert f"panel on China's health system: {medpanel.__version__}[CP]. 2026." in gbt
    assert "国家统计局. Data files, edition 2025[DS]. [2026-01-05]. （2个文件；许可：开放）" in gbt
    assert r"note = {1 files; licence: CC\_BY 100\%}" in bibtex
    assert "Nobody" not in gbt


def test_synthetic_sources_are_called_so():
    _, gbt = citations(load_studies()["mspi"], SOURCES.assign(data_kind="synthetic"))
    assert gbt.count("合成数据，非统计数据") == 2


def test_sources_without_their_columns_are_refused():
    with pytest.raises(BundleError, match="lack the columns licence, accessed_on"):
        citations(load_studies()["mspi"], SOURCES.drop(columns=["licence", "accessed_on"]))
    assert "source_" not in citations(load_studies()["mspi"], None)[0]


def test_a_file_no_entry_reads_is_of_no_edition() -> None:
    sources = pd.DataFrame({"vintage": ["b", None, "a"]})
    assert general_notes(load_studies()["expenditure_gdp"], "synthetic", sources)[2].endswith(": a; b")
