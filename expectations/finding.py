"""What must hold for `finding`: every row is in both languages, and synthetic data are never held against a paper.

Belongs here: the checks of that table. Does not belong here: the findings themselves (models_py/parts/mspi_findings).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set, not_null
from expectations.suite import Check, checks_of, key_unique, of_study

TABLE = "finding"
VERDICTS = ("holds", "does not hold", "not testable")
_check = checks_of(TABLE)
_TEXTS = ("title_en", "title_zh", "observed", "observed_zh")


def prepare(df: Frame, study: Study, data_kind: str) -> Frame:
    """The rows of `study` with the columns the checks read. Pure; other studies' rows are left out.

    Adds unlabelled (1 where the data are synthetic and a text of the row does not say so, else 0), printed_gap (rows
    of a study without a paper that quote one, and rows whose `published` and `implied` are not both there or both
    absent) and chinese (letters of the Chinese texts that are Chinese: 0 where one of them has none).
    Raises KeyError for an absent column.
    """
    rows = df[df["study"] == study.id]
    labelled = rows["observed"].str.contains("synthetic") & rows["observed_zh"].str.contains("合成数据")
    quoted = rows["published"].notna()
    foreign = quoted if study.paper is None else quoted & False
    title, observed = (rows[name].str.count("[\u4e00-\u9fff]") for name in ("title_zh", "observed_zh"))
    return rows.assign(
        unlabelled=(~labelled.astype(bool)).astype(int) if data_kind == "synthetic" else 0,
        printed_gap=(foreign | (quoted != rows["implied"].notna())).astype(int),
        chinese=title.where(title < observed, observed),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            key_unique(TABLE, "Findings are unique", "每项疑点仅一行"),
            _check(
                "verdicts_known",
                "critical",
                f"verdict is one of {', '.join(VERDICTS)}",
                f"判定属于{'、'.join(VERDICTS)}",
                in_set("verdict", VERDICTS),
            ),
            *[
                _check("complete", "critical", f"{name} is present", f"{name}无缺失", not_null(name), of=name)
                for name in _TEXTS
            ],
            _check(
                "chinese_is_chinese",
                "critical",
                "The Chinese texts have Chinese letters",
                "中文文本含有汉字",
                between("chinese", 1, None),
            ),
            _check(
                "synthetic_labelled",
                "critical",
                "On synthetic data every text says that nothing follows about the paper",
                "合成数据的每段文字均注明不对论文作任何结论",
                between("unlabelled", None, 0),
            ),
            _check(
                "printed_with_paper",
                "critical",
                "published and implied are both given or both absent, and given only if the study declares a paper",
                "published与implied同时出现，且仅限声明了论文的研究",
                between("printed_gap", None, 0),
            ),
        ],
    )
