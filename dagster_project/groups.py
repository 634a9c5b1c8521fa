"""Names of the groups of assets, numbered in the order of the work, since the UI sorts them by name.

Belongs here: names, and what each group holds, in both languages. Which asset is in which group: the asset's module.
"""

from catalog.base import Text

FILES, REFERENCE, STAGED, DERIVED, TABLES, PUBLISHED = (
    "1_files_read",
    "2_reference_lists",
    "3_harmonised",
    "4_derived",
    "5_tables",
    "7_published",
)
# The UI has no place for the description of a group; that of the job `everything` says what each holds.
HOLDS = {
    FILES: Text(
        en="what the input files say, row by row, and what was refused", zh="输入文件的逐行内容，以及被拒收的内容"
    ),
    REFERENCE: Text(
        en="lists that come with the program: provinces, published figures", zh="程序自带的省份、已发表数字等清单"
    ),
    STAGED: Text(en="the same rows with one name and one type for everything", zh="统一名称与类型后的同一批数据"),
    DERIVED: Text(
        en="editions chosen, gaps filled by rule, exposure and weights worked out",
        zh="选定版本、按规则补缺、计算暴露度与权重",
    ),
    TABLES: Text(
        en="the tables analysts open, by province, city, county and pair", zh="供分析使用的省、市、县及成对数据表"
    ),
    "6_study_<id>": Text(
        en="a study's index, models, tests and findings, in this order", zh="某项研究的指数、模型、检验与结论"
    ),
    "6_study_<id>_report": Text(
        en="its tables and figures, page and replication bundle", zh="该研究的图表、页面与复现包"
    ),
    PUBLISHED: Text(
        en="database, Parquet files and report, replaced as a whole", zh="整体切换的数据库、Parquet 与报告"
    ),
}


def results_group(study: str) -> str:
    """The group of a study's tables."""
    return f"6_study_{study}"


def report_group(study: str) -> str:
    """The group of a study's tables and figures as they are printed, and of its files."""
    return f"{results_group(study)}_report"


def legend() -> str:
    """What each group holds, as Markdown."""
    return "\n".join(f"- `{name}`: {text.en} / {text.zh}" for name, text in HOLDS.items())
