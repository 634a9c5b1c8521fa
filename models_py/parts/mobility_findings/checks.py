"""F-B4, F-B5 and F-B7: what is odd in the mobility paper, looked for in the study's own tables.

Belongs here: what these data show. Does not belong here: printed figures and their arithmetic (paper_texts.py), and
computing the tables (models_py/parts/imbalance).
"""

from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.parts import imbalance as options
from catalog.parts.imbalance import HIGH, NATION, PRIMARY
from catalog.provinces import provinces_by_code
from models_py.parts.comparison.printed import Printed, read_printed
from models_py.parts.findings import Check, Observation, finding_rows, observed
from models_py.parts.mobility_findings import paper_texts

# Visits are in 10,000; the paper's are in 10^8.
_HUNDRED_MILLION = 10_000.0
_GRADED = ("tertiary_hospitals", "secondary_hospitals")
_NO_NETWORK = Observation(Text(en="The study has no network.", zh="本研究不含网络。"), None)


@dataclass(frozen=True)
class Inputs:
    """Rows of `imbalance` and `imbalance_gap` of one study, None where it has none; `data_kind` real or synthetic."""

    study: Study
    data_kind: str
    printed: Printed
    imbalance: pd.DataFrame | None
    gaps: pd.DataFrame | None

    @property
    def spec(self) -> options.Options | None:
        """Options of the study's part `imbalance`."""
        return self.study.find(options.Options)

    def visits(self, *kinds: str) -> float | None:
        """Visits of the nation to these types in the year of the figure, in 10^8; None unless all are known."""
        if self.imbalance is None or self.spec is None:
            return None
        own = self.imbalance[(self.imbalance["scope"] == NATION) & (self.imbalance["year"] == self.spec.year)]
        found = own.set_index("facility_type")["visits"].reindex(list(kinds))
        return None if found.isna().any() else float(found.sum()) / _HUNDRED_MILLION


def no_network(inputs: Inputs) -> Observation:
    """F-B4. Arithmetic on printed figures; not testable in a study without a network."""
    return _NO_NETWORK


def two_splits(inputs: Inputs) -> Observation:
    """F-B5. Holds when the printed sum is nearer to hospital visits than to those of the two tiers, in 10^8.

    Not testable without visits of both divisions, without the printed figures, and on synthetic data, whose totals are
    invented; both divisions are told apart all the same.
    """
    hospitals, graded = inputs.visits("hospitals_all"), inputs.visits(*_GRADED)
    high, low = inputs.visits(HIGH), inputs.visits(PRIMARY)
    if hospitals is None or graded is None or high is None or low is None:
        return Observation(
            Text(
                en="Visits by type of facility are not in these data.",
                zh="本数据不含按机构类型的诊疗人次。",
            ),
            None,
        )
    text = Text(
        en=f"By grade: {graded:.2f} in second- and third-level hospitals, {hospitals - graded:.2f} in other hospitals, "
        f"together {hospitals:.2f} x 10^8. By the paper's definition: {high:.2f} in the high tier, {low:.2f} in "
        f"primary care, together {high + low:.2f} x 10^8.",
        zh=f"按等级：二、三级医院{graded:.2f}，其他医院{hospitals - graded:.2f}，合计{hospitals:.2f}亿人次。"
        f"按论文定义：高等级{high:.2f}，基层{low:.2f}，合计{high + low:.2f}亿人次。",
    )
    figures = paper_texts.printed_visits(inputs.printed)
    if figures is None or inputs.data_kind != "real":
        return observed([text], None)
    total = sum(figure.value for figure in figures)
    return observed([text], abs(hospitals - total) < abs(high + low - total))


def same_types(inputs: Inputs) -> Observation:
    """F-B7, H2b. Holds when the occupancy gap between the two tiers is wider in the compared province than in the
    nation, by the same types in both; by sign, as there is no sampling error. Not testable without both gaps.
    """
    spec, gaps = inputs.spec, inputs.gaps
    if spec is None or gaps is None or not spec.compared:
        return Observation(Text(en="The study compares no places.", zh="本研究不比较地区。"), None)
    key = {"compared_with": NATION, "measure": "bed_occupancy", "high_type": HIGH, "year": spec.year}
    rows = gaps[(gaps[list(key)] == list(key.values())).all(axis=1) & gaps["gap"].notna()]
    rows = rows[rows["scope"] == str(spec.compared[0])]
    if rows.empty:
        return Observation(
            Text(en="Bed occupancy by type is not in these data.", zh="本数据不含按机构类型的病床使用率。"), None
        )
    row, place = rows.iloc[0], provinces_by_code()[spec.compared[0]]
    text = Text(
        en=f"Gap of the high tier over primary care in {place.name_en}: {row['high']:.2f} points; in the nation: "
        f"{row['low']:.2f}; difference {row['gap']:.2f}.",
        zh=f"高等级与基层的差距：{place.short_zh}{row['high']:.2f}个百分点，全国{row['low']:.2f}，相差{row['gap']:.2f}。",
    )
    return observed([text], float(row["gap"]) > 0)


CHECKS: tuple[Check[Inputs], ...] = (
    Check(
        "F-B4",
        Text(
            en="Figure 7 is not the normalised in-degree of the network of Table 4",
            zh="图7并非表4网络的标准化入度中心性",
        ),
        paper_texts.centrality,
        no_network,
    ),
    Check(
        "F-B5",
        Text(
            en="Figure 3 splits hospitals by grade, in 10^8 visits, and leaves primary care out",
            zh="图3实为医院按等级的划分（亿人次），未含基层",
        ),
        paper_texts.visits,
        two_splits,
    ),
    Check(
        "F-B7",
        Text(
            en="By the same types of facility, Zhejiang's occupancy gap is wider than the nation's (H2b)",
            zh="同一机构口径下，浙江的病床使用率差距大于全国（H2b）",
        ),
        paper_texts.types_compared,
        same_types,
    ),
)


def mobility_findings(
    study: Study,
    data_kind: str,
    published: pd.DataFrame,
    imbalance: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Table `finding`: what is odd in the mobility paper, and whether the study's tables show it too.

    Raises ComparisonError as `read_printed`.
    """
    inputs = Inputs(study, data_kind, read_printed(published, study.paper), imbalance, gaps)
    return finding_rows(CHECKS, lambda check: check.test(inputs), inputs.printed, study, data_kind)
