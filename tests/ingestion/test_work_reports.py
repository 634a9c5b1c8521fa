"""Work reports: keywords counted in words, the name of the file decides what it is, and every fault refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog import Sources, load_registry
from ingestion import FileReading, build_lake, read_file
from ingestion.problems import Refusal
from ingestion.vocabulary.keywords import count_keywords, read_keywords
from tests.ingestion.conftest import codes, declared

KEYWORDS = "关键词,分组\n智慧城市,城市\n大数据,技术\n大数据中心,技术\n互联网+\n"
# Eight words but for the keywords, none of them one.
SENTENCE = "政府工作报告指出，要推进经济发展。"
ReadReport = Callable[..., FileReading]


@pytest.fixture
def report(tmp_path: Path) -> ReadReport:
    def _report(
        text: str | bytes, name: str = "北京市_2015.txt", keywords: str | bytes = KEYWORDS, **keys: Any
    ) -> FileReading:
        for path, content in ((name, text), ("keywords.csv", keywords)):
            (tmp_path / path).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(tmp_path, tmp_path / name, declared(keywords="keywords.csv", **keys), load_registry())

    return _report


def words_of(text: str) -> int:
    return count_keywords(text, read_keywords(KEYWORDS.encode(), "k")).words


LONG = SENTENCE * 100


def hits(reading: FileReading) -> dict[str, Any]:
    """The record of the keywords; that of the words stands beside it."""
    found = {record["indicator"]: record for record in reading.observation}
    assert set(found) == {"report_keyword_count", "report_word_count"}
    return found["report_keyword_count"]


def test_the_keywords_and_the_words_are_counted(report: ReadReport) -> None:
    text = LONG + "建设智慧城市，发展大数据中心和大数据。“互联网＋”行动，智慧城市。2015年增长7.5%。"
    reading = report(text)
    record = hits(reading)
    words = words_of(text)
    assert words > 600
    assert {r["indicator"]: r["value"] for r in reading.observation} == {
        "report_keyword_count": 5,
        "report_word_count": words,
    }
    assert (record["entity_code"], record["year"], record["unit"]) == (110000, 2015, "词")
    assert record["header"] == "keywords.csv: - 1, 城市 2, 技术 2"
    source = reading.source_file
    assert (source["layout"], source["rows_read"], source["rows_loaded"], source["cells_loaded"]) == (
        "work_report",
        1,
        1,
        2,
    )


def test_counting_by_hand() -> None:
    keywords = read_keywords("大数据\n大数据中心\n5G".encode(), "k")
    # 建设 大数据中心 和 大数据 平台 用 5G: seven words, three of them keywords; the numbers and signs are none.
    count = count_keywords("建设大数据中心和大数据平台，用5G！2015、7.5%", keywords)
    assert (count.hits, count.words) == (3, 7)


def test_a_report_without_keywords_counts_none(report: ReadReport) -> None:
    assert hits(report(LONG))["value"] == 0


@pytest.mark.parametrize(
    ("name", "code", "year"),
    [
        ("guangdong_2015.txt", 440000, 2015),
        ("陕西_2020年.txt", 610000, 2020),
        ("Shaanxi_2012.txt", 610000, 2012),
        ("内蒙古自治区_2019.txt", 150000, 2019),
    ],
)
def test_names_of_files(report: ReadReport, name: str, code: int, year: int) -> None:
    record = hits(report(LONG, name=name))
    assert (record["entity_code"], record["year"]) == (code, year)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(report: ReadReport, encoding: str) -> None:
    assert report(LONG.encode(encoding)).observation[1]["raw"] == str(words_of(LONG))


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ({"name": "北京市.txt"}, "report_name", "北京市.txt"),
        ({"name": "北京市-2015.txt"}, "report_name", "北京市-2015.txt"),
        ({"name": "北京市_1066.txt"}, "report_name", "1066"),
        ({"name": "全国_2015.txt"}, "report_name", "report of a province"),
        ({"name": "shanxi_2015.txt"}, "ambiguous_province", "陕西省"),
        ({"name": "北京城_2015.txt"}, "unknown_province", "北京城"),
        ({"text": b""}, "report_text", "政府"),
        ({"text": SENTENCE}, "report_empty", "words"),
        ({"text": "春眠不觉晓处处闻啼鸟" * 500}, "report_text", "发展"),
        # Big5 bytes are GB18030 characters too, of another text.
        ({"text": "政府工作報告指出要推進經濟發展".encode("big5") * 100}, "report_text", "read as gb18030"),
        ({"text": LONG.encode("utf-16-le")}, "encoding", "offset"),
        ({"text": LONG.encode() + b"\xff\xff"}, "encoding", "offset"),
        ({"keywords": ""}, "keyword_list", "found 'keywords.csv'; expected at least one keyword"),
        ({"keywords": "大数据\n大数据"}, "keyword_list", "keywords.csv A2: 大数据"),
        ({"keywords": "大数据,技术,多余"}, "keyword_list", "keywords.csv A1"),
        ({"keywords": "大数据\n,技术"}, "keyword_list", "keywords.csv A2"),
        ({"keywords": "大数据\n2015"}, "keyword_list", "keywords.csv A2"),
        # The tokenizer always parts words at such a sign.
        ({"keywords": "大数据\n智慧/城市"}, "keyword_list", "keywords.csv A2: 智慧/城市"),
        ({"keywords": LONG}, "keyword_list", "keywords.csv A1"),
    ],
)
def test_refusals(report: ReadReport, keys: dict[str, Any], code: str, told: str) -> None:
    reading = report(**{"text": LONG} | keys)
    assert codes(reading) == {code}
    assert told in reading.rejected_row[0]["reason"]
    assert not reading.observation


def test_the_file_of_keywords_must_lie_in_the_folder(report: ReadReport, tmp_path: Path) -> None:
    (tmp_path / "北京市_2015.txt").write_text(LONG, encoding="utf-8")
    for name in ("absent.csv", "../keywords.csv", "/etc/passwd"):
        reading = read_file(tmp_path, tmp_path / "北京市_2015.txt", declared(keywords=name), load_registry())
        assert codes(reading) == {"companion_missing"}
    undeclared = read_file(tmp_path, tmp_path / "北京市_2015.txt", declared(layout="work_report"), load_registry())
    assert codes(undeclared) == {"report_undeclared"}


def folder(tmp_path: Path, **texts: str) -> tuple[Path, Sources]:
    root = tmp_path / "input"
    root.mkdir()
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text, encoding="utf-8")
    (root / "keywords.csv").write_text(KEYWORDS, encoding="utf-8")
    entry = declared().files[0].model_dump()
    entries: Any = (
        entry | {"match": "*.txt", "keywords": "keywords.csv"},
        entry | {"match": "*", "not_read": "keywords"},
    )
    return root, Sources(data_kind="synthetic", studies=(), vintages=("v1",), files=entries)


def test_a_report_given_twice_is_a_contradiction(tmp_path: Path) -> None:
    root, sources = folder(tmp_path, 北京_2015=LONG, beijing_2015=LONG + "智慧城市", 天津_2015=LONG + "天津")
    build_lake(root, sources, tmp_path / "lake", lambda _: None)
    loaded = pq.read_table(tmp_path / "lake" / "observation.parquet").to_pylist()
    assert {record["entity_code"] for record in loaded} == {120000}
    refused = pq.read_table(tmp_path / "lake" / "rejected_row.parquet").to_pylist()
    conflicts = [record for record in refused if record["code"] == "conflict"]
    assert len(conflicts) == 2  # one row for each of the two files, with a remark on each indicator
    assert "beijing_2015.txt" in " ".join(record["reason"] for record in conflicts)
    assert all(len(record["reason"].splitlines()) == 2 for record in conflicts)


def test_other_keywords_mean_reading_again(tmp_path: Path) -> None:
    root, sources = folder(tmp_path, 北京_2015=LONG + "智慧城市和物联网")

    def build() -> tuple[int, str]:
        summary = build_lake(root, sources, tmp_path / "lake", lambda _: None)
        record, _ = pq.read_table(tmp_path / "lake" / "observation.parquet").to_pylist()
        return summary.reused, record["raw"].split("/")[0]

    assert build() == (0, "1")
    assert build() == (2, "1")
    (root / "keywords.csv").write_text(KEYWORDS + "物联网\n", encoding="utf-8")
    # Both the file of keywords itself and the report that is counted with it.
    assert build() == (0, "2")
    (root / "keywords.csv").unlink()
    summary = build_lake(root, sources, tmp_path / "lake", lambda _: None)
    assert summary.reused == 0
    assert pq.read_table(tmp_path / "lake" / "observation.parquet").num_rows == 0


def test_lists_of_keywords() -> None:
    found = read_keywords("Keyword\n智慧 城市，城市\n５Ｇ\n\n".encode("gb18030"), "k.txt")
    assert list(found.items()) == [("智慧城市", "城市"), ("5g", "")]
    with pytest.raises(Refusal):
        read_keywords(b"\xff\xff\xff", "k.txt")
