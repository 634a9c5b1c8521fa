"""Everything that can be wrong with an input file, in one place and in both languages.

Belongs here: the wording. Does not belong here: finding the problem, which is each reader's work.
Every message names the place, what was found, what was expected and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

# code: (what en, what zh, expected en, expected zh, what to do en, what to do zh); {braces} are filled in.
_WORDING: dict[str, tuple[str, str, str, str, str, str]] = {
    "undeclared_file": (
        "no entry of sources.yaml matches this file",
        "sources.yaml 中没有与此文件匹配的条目",
        "an entry giving vintage, publisher, licence and date of access",
        "说明版本、发布机构、许可和获取日期的条目",
        "add under `files:` an entry with match: {path}",
        "请在 files: 下添加 match: {path} 的条目",
    ),
    "empty_file": (
        "the file is empty",
        "文件为空",
        "a file with data",
        "含有数据的文件",
        "download it again",
        "请重新下载",
    ),
    "unreadable": (
        "the file cannot be opened",
        "无法打开文件",
        "{expected}",
        "{expected}",
        "open it in a spreadsheet program and save it again, or download it again",
        "请用电子表格软件打开后另存，或重新下载",
    ),
    "encoding": (
        "the bytes are not text in a supported encoding",
        "文本编码无法识别",
        "{expected}",
        "{expected}",
        "save the file as UTF-8, or declare `encoding:` in sources.yaml",
        "请另存为 UTF-8，或在 sources.yaml 中声明 encoding:",
    ),
    "no_layout": (
        "the header matches no known layout",
        "表头不符合任何已知版式",
        "one of: {expected}",
        "下列版式之一：{expected}",
        "compare its first lines with docs/input-files.md; if the text looks garbled, the encoding is wrong",
        "请对照 docs/input-files.md 检查文件开头；若出现乱码则为编码错误",
    ),
    "header_cell": (
        "a header cell is not a year",
        "表头单元格不是年份",
        "a year such as 2023年",
        "年份，例如 2023年",
        "restore the header as exported",
        "请恢复导出时的表头",
    ),
    "repeated_year": (
        "a year stands twice in the header",
        "表头中年份重复",
        "every year once",
        "每个年份只出现一次",
        "export the table again",
        "请重新导出",
    ),
    "years_missing": (
        "years are missing between the first and the last",
        "首末年份之间缺少年份",
        "consecutive years",
        "连续的年份",
        "export the missing years, or declare `years_absent: [{found}]` in sources.yaml",
        "请补充缺少的年份，或在 sources.yaml 中声明 years_absent: [{found}]",
    ),
    "no_year": (
        "the table does not say its data year",
        "表中未注明数据年份",
        "a year in the title, such as (2023年)",
        "标题中的年份，例如（2023年）",
        "declare `year:` for this file in sources.yaml",
        "请在 sources.yaml 中为此文件声明 year:",
    ),
    "contradicting_year": (
        "the title and sources.yaml give different data years",
        "标题与 sources.yaml 的数据年份不一致",
        "{expected}",
        "{expected}",
        "correct `year:` in sources.yaml or check the file",
        "请更正 sources.yaml 中的 year: 或核对文件",
    ),
    "no_indicator": (
        "the file does not name its indicator",
        "文件未注明指标",
        "an indicator in the file or declared for it",
        "文件中或声明中的指标名称",
        "declare `indicator:` for this file in sources.yaml",
        "请在 sources.yaml 中为此文件声明 indicator:",
    ),
    "unknown_indicator": (
        "no catalogued indicator has this name",
        "指标目录中没有此名称",
        "a header of catalog/indicators.yaml{expected}",
        "catalog/indicators.yaml 中登记的表头{expected}",
        "add the name to the indicator's `headers`, or to `set_aside_columns` in sources.yaml",
        "请把名称加入该指标的 headers，或在 sources.yaml 的 set_aside_columns 中声明搁置",
    ),
    "outdated_name": (
        "the indicator did not carry this name in these years",
        "该指标在这些年份不使用此名称",
        "data years {expected}",
        "数据年份 {expected}",
        "check the years of the file; if the name was in use, widen `first`/`last` in catalog/indicators.yaml",
        "请核对年份；如确曾使用，请放宽 catalog/indicators.yaml 中的 first/last",
    ),
    "contradicting_indicator": (
        "the file and sources.yaml name different indicators",
        "文件与 sources.yaml 的指标不一致",
        "{expected}",
        "{expected}",
        "correct `indicator:` in sources.yaml",
        "请更正 sources.yaml 中的 indicator:",
    ),
    "repeated_indicator": (
        "two columns carry the same indicator",
        "两列为同一指标",
        "one column per indicator",
        "每个指标一列",
        "declare the one to leave out in `set_aside_columns`",
        "请在 set_aside_columns 中声明不用的列",
    ),
    "no_unit": (
        "neither the file nor sources.yaml gives a unit",
        "文件与 sources.yaml 均未给出单位",
        "a unit such as 亿元 or %",
        "单位，例如 亿元 或 %",
        "declare `unit:` for this file in sources.yaml",
        "请在 sources.yaml 中为此文件声明 unit:",
    ),
    "unknown_unit": (
        "the unit is not catalogued",
        "单位未登记",
        "one of {expected}",
        "下列单位之一：{expected}",
        "add it under `units:` in catalog/indicators.yaml, with its factor",
        "请在 catalog/indicators.yaml 的 units: 下登记该单位及换算系数",
    ),
    "wrong_quantity": (
        "the unit does not measure this indicator",
        "单位与指标的量纲不符",
        "a unit of {expected}",
        "{expected} 的单位",
        "check the unit in the file and in sources.yaml",
        "请核对文件与 sources.yaml 中的单位",
    ),
    "contradicting_unit": (
        "the file and sources.yaml give different units",
        "文件与 sources.yaml 的单位不一致",
        "{expected}",
        "{expected}",
        "correct `unit:` in sources.yaml",
        "请更正 sources.yaml 中的 unit:",
    ),
    "unit_against_values": (
        "most values are implausible in the unit given",
        "按所给单位，多数数值不合理",
        "{expected}",
        "{expected}",
        "check the unit in the file or in sources.yaml; the values would fit {hint}",
        "请核对单位；这些数值符合 {hint}",
    ),
    "implausible": (
        "the value is outside the plausible range",
        "数值超出合理范围",
        "{expected}",
        "{expected}",
        "check the cell against the publication; if right, widen `range` in catalog/indicators.yaml",
        "请与原出版物核对；如无误，请放宽 catalog/indicators.yaml 中的 range",
    ),
    "unknown_province": (
        "unknown province name",
        "无法识别的省份名称",
        "one of the 31 provinces{expected}",
        "31个省级名称之一{expected}",
        "correct the name in the file, or leave the row out",
        "请更正文件中的名称，或删除该行",
    ),
    "ambiguous_province": (
        "the name fits more than one place",
        "名称对应多个地区",
        "one of {expected}, written unmistakably",
        "明确写成下列之一：{expected}",
        "write the Chinese name",
        "请改写为中文全称",
    ),
    "repeated_province": (
        "the province stands twice",
        "省份重复",
        "every province once (first in {expected})",
        "每个省份一次（首次见 {expected}）",
        "remove or rename one of the two rows",
        "请删除或更正其中一行",
    ),
    "missing_provinces": (
        "provinces are missing",
        "缺少省份",
        "all 31 provinces",
        "全部31个省份",
        "add the rows for: {found}",
        "请补充：{found}",
    ),
    "not_a_number": (
        "the cell is not a number",
        "单元格不是数字",
        "a number, or a missing mark (empty, -, …)",
        "数字或缺失标记（空、-、…）",
        "correct the cell",
        "请更正单元格",
    ),
    "no_cached_value": (
        "the cell holds a formula without a stored result",
        "单元格为公式且未保存计算结果",
        "a number",
        "数字",
        "open the workbook in a spreadsheet program and save it",
        "请用电子表格软件打开并保存",
    ),
    "value_without_header": (
        "a value stands in a column without a header",
        "数值所在列没有表头",
        "values below headers only",
        "数值只出现在有表头的列",
        "check whether the row is shifted",
        "请检查该行是否错位",
    ),
    "conflict": (
        "the same figure stands elsewhere in this vintage with another value",
        "同一版本中同一数值出现不同取值",
        "{expected}",
        "{expected}",
        "give the files different vintages in sources.yaml, or remove one",
        "请在 sources.yaml 中声明不同版本，或删除其一",
    ),
    "repeated_figure": (
        "the figure stands twice in this file with the same value; the first is used",
        "同一文件中同一数值重复出现且相等；采用第一个",
        "each figure once (first in {expected})",
        "每个数值一次（首次见 {expected}）",
        "nothing, unless the rows were meant to differ",
        "如非有意重复，请核对",
    ),
    "no_table": (
        "the sheet holds no table of a known layout",
        "工作表中没有已知版式的表格",
        "a title with a year and a column 地区",
        "带年份的标题和“地区”列",
        "remove the sheet, or compare it with docs/input-files.md",
        "请删除该工作表，或对照 docs/input-files.md",
    ),
    "pilot_field": (
        "a field of the pilot list is not valid",
        "试点名单字段无效",
        "{expected}",
        "{expected}",
        "correct the cell",
        "请更正单元格",
    ),
    "repeated_pilot": (
        "the place stands twice in one batch",
        "同一批次中地点重复",
        "each place once per programme and batch (first in {expected})",
        "每个项目每批次中每个地点一次（首次见 {expected}）",
        "remove the repeated row",
        "请删除重复行",
    ),
    "table_refused": (
        "the table this row stands in was refused",
        "该行所在的表被拒绝",
        "{expected}",
        "{expected}",
        "mend the cell named and the row loads",
        "更正所列单元格后即可载入",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One problem at one place. `cell` is empty when the whole row is meant, `row` 0 for the whole file."""

    code: str
    found: str = ""
    expected: str = ""
    hint: str = ""
    sheet: str = ""
    row: int = 0
    cell: str = ""

    def _place(self, path: str, sheet_word: str, cell_word: str, row_word: str) -> str:
        parts = [path]
        if self.sheet:
            parts.append(f"{sheet_word} {self.sheet}")
        if self.cell:
            parts.append(f"{cell_word} {self.cell}")
        elif self.row:
            parts.append(f"{row_word} {self.row}")
        return ", ".join(parts)

    def _fill(self, template: str, path: str) -> str:
        fields = {"found": self.found, "expected": self.expected, "hint": self.hint, "path": path}
        return template.format(**fields)

    def english(self, path: str) -> str:
        """The whole message in English."""
        what, _, expected, _, fix, _ = (self._fill(text, path) for text in _WORDING[self.code])
        found = f"; found {self.found!r}" if self.found else ""
        return f"{self._place(path, 'sheet', 'cell', 'row')}: {what}{found}; expected {expected}; to do: {fix}"

    def chinese(self, path: str) -> str:
        """The whole message in Chinese."""
        _, what, _, expected, _, fix = (self._fill(text, path) for text in _WORDING[self.code])
        found = f"；发现“{self.found}”" if self.found else ""
        return f"{self._place(path, '工作表', '单元格', '行')}：{what}{found}；应为{expected}；处理：{fix}"


class Refusal(Exception):
    """A file or table is refused whole, for the problems given (at least one)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems
