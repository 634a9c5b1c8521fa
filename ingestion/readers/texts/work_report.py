"""Government work reports: one text file per province and year, read as its keywords and its words, counted.

The file's name says which report it is; `keywords:` in sources.yaml names the file of keywords. Counting: keywords.py.
"""

import re
from dataclasses import replace
from decimal import Decimal

from ingestion.companions import companion_path, folder_of
from ingestion.formats.grid import read_text
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.readers.base import FileLayout, Probe, Problem, Source, given, known, require
from ingestion.row_account import Tally, convert
from ingestion.vocabulary.keywords import count_keywords, read_keywords
from ingestion.vocabulary.names import region_or_problem
from ingestion.vocabulary.years import parse_year_cell

HITS, WORDS = "report_keyword_count", "report_word_count"
_UNIT = "词"
_NAME = re.compile(r"(.+)_([0-9]{4}年?)")
# Every report runs to thousands of words and has these; a text in another encoding has none of them.
_FEWEST_WORDS = 500
_ALWAYS = ("发展", "工作", "政府")


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    list_name = given(source.keywords, Problem("report_undeclared"))
    require(
        source.indicator is None,
        Problem("contradicting_indicator", f"{HITS}, {WORDS}", f"{source.indicator} (sources.yaml)"),
    )
    province, year = _which(probe)
    keywords = read_keywords(Probe(companion_path(folder_of(probe, tally.path), list_name)).content, list_name)
    require_bytes(probe.size, TEXT_BYTES)
    text, encoding = read_text(probe.content, source.encoding)
    count = count_keywords(text, keywords)
    absent = [word for word in _ALWAYS if word not in text]
    require(not absent, Problem("report_text", "read_as", "、".join(absent), encoding))
    require(count.words >= _FEWEST_WORDS, Problem("report_empty", str(count.words), str(_FEWEST_WORDS)))
    groups = ", ".join(f"{group or '-'} {hits}" for group, hits in count.by_group)
    figures = ((HITS, count.hits, f"{list_name}: {groups}"), (WORDS, count.words, list_name))
    for indicator, number, header in figures:
        tally.observations.append(
            {
                "file_id": tally.file_id,
                "sheet": "",
                "row": 1,
                "cell": "text",
                "entity_code": province,
                "entity_level": "province",
                "year": year,
                "indicator": indicator,
                "vintage": tally.vintage,
                "unit": tally.registry.indicators[indicator].unit,
                "raw": str(number),
                "raw_unit": _UNIT,
                "header": header,
                "value": convert(Decimal(number), _UNIT, indicator, tally.registry),
                "status": "reported",
            }
        )
    # A report is one text, whatever its lines.
    tally.count_rows(read=1, loaded=1, rejected=0, set_aside=0)


def _which(probe: Probe) -> tuple[int, int]:
    """Province code and year in the file's name. Raises Refusal."""
    match = _NAME.fullmatch(probe.path.stem)
    nameless = Problem("report_name", probe.path.name[:80])
    year = given(parse_year_cell(match[2]) if match else None, nameless)
    region = known(region_or_problem(match[1] if match else ""))
    code = region.code if region.level == "province" else None
    return given(code, replace(nameless, expected="; the report of a province")), year


REPORT = FileLayout(
    "work_report",
    "Government work report (province_year.txt), declared by `keywords:`",
    "政府工作报告（省份_年份.txt），以 keywords: 声明",
    frozenset({".txt"}),
    lambda probe, source: source.keywords is not None or source.layout == "work_report",
    _read,
    asked=50,
    uses=frozenset({"keywords", "indicator"}),
)
