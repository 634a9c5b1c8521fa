"""What a finding on a paper is, the rows of table `finding`, and their table in the report, for any paper.

Belongs here: headings, verdicts, the mark of synthetic data. Does not belong here: the findings of any paper (the parts
named after it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from catalog import Study
from catalog.base import Text
from models_py.figures.table import ReportTable, Row
from models_py.parts.comparison.printed import Printed
from models_py.parts.rows import as_table, together

if TYPE_CHECKING:
    import pandas as pd

Inputs = TypeVar("Inputs")
_NOTHING = Text(en="", zh="")
# What a finding comes to, by whether its statement is found.
VERDICTS: Mapping[bool | None, Text] = {
    True: Text(en="holds", zh="成立"),
    False: Text(en="does not hold", zh="不成立"),
    None: Text(en="not testable", zh="无法检验"),
}
SYNTHETIC = Text(
    en="The sample is synthetic: nothing follows about the paper.", zh="样本为合成数据，不对论文作任何结论。"
)


class Observation(NamedTuple):
    """What these data show, and whether the statement of the heading is found in them; None: not testable."""

    text: Text
    holds: bool | None


@dataclass(frozen=True)
class Check(Generic[Inputs]):
    """A finding: its heading, what the paper prints and what follows (None: nothing), what the data show.

    `of_exposure`: not testable without one.
    """

    finding_id: str
    title: Text
    printed: Callable[[Printed], tuple[Text, Text] | None]
    test: Callable[[Inputs], Observation]
    of_exposure: bool = False


def observed(texts: Iterable[Text], holds: bool | None) -> Observation:
    """Sentences joined into one text."""
    return Observation(together(texts), holds)


def both(english: str, chinese: str) -> Text:
    """One text in both languages."""
    return Text(en=english, zh=chinese)


def finding_rows(
    checks: Sequence[Check[Inputs]],
    observe: Callable[[Check[Inputs]], Observation],
    printed: Printed,
    study: Study,
    data_kind: str,
) -> pd.DataFrame:
    """One row of table `finding` for each check, in order; `observe` gives what the data show.

    `published` and `implied` are NULL where the paper prints nothing of it, or the study has no paper. On synthetic
    data every text says that nothing follows about the paper.
    """
    rows, mark = [], SYNTHETIC if data_kind == "synthetic" else Text(en="", zh="")
    for check in checks:
        observation = observe(check)
        published, implied = check.printed(printed) or (_NOTHING, _NOTHING)
        rows.append(
            {
                "finding_id": check.finding_id,
                "study": study.id,
                "title_en": check.title.en,
                "title_zh": check.title.zh,
                "published": published.en or None,
                "published_zh": published.zh or None,
                "implied": implied.en or None,
                "implied_zh": implied.zh or None,
                "observed": f"{observation.text.en} {mark.en}".strip(),
                "observed_zh": observation.text.zh + mark.zh,
                "verdict": VERDICTS[observation.holds].en,
            }
        )
    return as_table(rows, "finding")


_HEADER = (
    Text(zh="论文所示", en="Published"),
    Text(zh="由此推出", en="Implied"),
    Text(zh="本数据", en="Here"),
    Text(zh="判定", en="Verdict"),
)
# What the table is called in a report, whose page shows the rows as cards in its place.
STEM = "findings"
_TEXTS = ("published", "implied", "observed")


def in_order(rows: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of `finding` in the order of their numbers, a text that is not there as ''."""
    if rows.empty:
        return []
    texts = [{str(name): str(text) for name, text in row.items()} for row in rows.fillna("").to_dict("records")]
    return sorted(texts, key=lambda row: (len(row["finding_id"]), row["finding_id"]))


def findings_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Rows of `finding` of one study, in the order of their numbers. Raises KeyError for an unknown verdict."""
    verdicts = {text.en: text for text in VERDICTS.values()}
    body = [
        Row(
            Text(zh=f"{row['finding_id']} {row['title_zh']}", en=f"{row['finding_id']} {row['title_en']}"),
            (*(Text(en=row[name], zh=row[f"{name}_zh"]) for name in _TEXTS), verdicts[row["verdict"]]),
        )
        for row in in_order(rows)
    ]
    return ReportTable(
        stem=STEM,
        title=Text(
            zh=f"{study.title.zh}：论文疑点与本数据", en=f"{study.title.en}: what is odd in the paper, and here"
        ),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(
            Text(
                zh="判定仅说明标题所述现象是否见于本数据，并非对论文的评判。逐条见数据表 finding。",
                en="A verdict says whether the statement of the heading was found in these data; it does not judge "
                "the paper. Row by row in table finding.",
            ),
        ),
        synthetic=synthetic,
        text_columns=(0, 1, 2),
    )
