"""Messages about what an entry claims against the face of a file: names, units, filled cells, order and rows aside.

About panels otherwise: wording_panels.py.
"""

# code: (what en, what zh, expected en, expected zh, what to do en, what to do zh); {braces} are filled in.
CLAIMS: dict[str, tuple[str, str, str, str, str, str]] = {
    "spelt_name_absent": (
        "a name declared under `names:` is in no cell of the file",
        "names: 下声明的名称在文件中不存在",
        "the name as the file prints it, standing for {expected}",
        "文件中的原样名称，表示 {expected}",
        "correct `printed` in sources.yaml, or take the entry out of `names:`",
        "请更正 sources.yaml 中的 printed，或从 names: 中删除该条",
    ),
    "set_aside_row_missing": (
        "no row begins with what `set_aside_rows:` names",
        "没有以 set_aside_rows: 所述内容开头的行",
        "a pattern for the whole text of a row's first filled cell",
        "匹配某行首个非空单元格全文的模式",
        "correct `set_aside_rows` in sources.yaml",
        "请更正 sources.yaml 中的 set_aside_rows",
    ),
    "set_aside_row_figure": (
        "a row declared to be no data holds a figure",
        "声明为非数据的行含有数值",
        "a row of words, such as the rest of a footer ({expected})",
        "只有文字的行，例如残缺的页脚（{expected}）",
        "narrow the pattern under `set_aside_rows` in sources.yaml",
        "请收窄 sources.yaml 中 set_aside_rows 的模式",
    ),
    "unit_against_name": (
        "the name of the file says another unit than its figures are read in",
        "文件名中的单位与读取数值所用单位不符",
        "{expected}, in which the figures are read, or no unit in the name",
        "读取数值所用的 {expected}，或文件名不含单位",
        "find out which is right; if the name is wrong, declare `unit_in_name:` with the unit and the reason",
        "请查明孰是；若文件名有误，请声明 unit_in_name: 并注明单位与理由",
    ),
    "unit_in_name": (
        "the name of the file says another unit than its figures are in; declared: {hint}",
        "文件名中的单位与数值不符；声明的理由：{hint}",
        "{expected}, in which the figures were read",
        "读取数值所用的 {expected}",
        "nothing to do: this is a remark; rename the file if you can",
        "无需处理：仅为提示；如可行，请重命名文件",
    ),
    "unit_in_name_unfounded": (
        "`unit_in_name:` declares a contradiction that is not there",
        "unit_in_name: 声明的矛盾并不存在",
        "a unit in brackets in the file's name that differs from that of its figures (in the name: {expected})",
        "文件名括号中与数值不同的单位（文件名中：{expected}）",
        "take `unit_in_name` out of the entry in sources.yaml",
        "请从 sources.yaml 的条目中删除 unit_in_name",
    ),
    "filled_declared": (
        "the cell is declared to be filled in, so it is no reported figure",
        "该单元格声明为填补值，不是报告值",
        "a figure as published; {expected}",
        "公布的数值；{expected}",
        "nothing to do: the cell is left out; for an analysis with filled values fill them there, visibly",
        "无需处理：该单元格未采用；如需填补，请在分析中明示",
    ),
    "filled_none": (
        "no figure is of the columns, places and years declared under `filled:`",
        "没有属于 filled: 所声明的列、地区与年份的数值",
        "headers as the file prints them and places it holds",
        "文件中的原样表头及其所含地区",
        "correct `filled` under `panel:` in sources.yaml",
        "请更正 sources.yaml 中 panel: 下的 filled",
    ),
    "filled_over": (
        "the column with the filled cells holds another figure than the original one",
        "填补列中的数值与原列不同",
        "the same figure in both; beside it stands {expected}",
        "两列数值相同；旁列为 {expected}",
        "look the figure up in the publication; nothing tells which is right, so neither is used",
        "请核对出版物；无从判断孰是，两者均未采用",
    ),
    "order_undeclared": (
        "the rows name no place: the table holds years and figures only",
        "各行没有地名：表中只有年份与数值",
        "a column of names, or a declared order of the rows",
        "地名列，或声明的行次序",
        "if you know the order of the {hint} rows, declare `panel: {{entity_order: …}}` with the 31 names "
        "in that order, or `entity_order: code_order` for the order of the provinces' codes",
        "若已知这 {hint} 行的次序，请声明 panel: {{entity_order: …}}，依次列出31个省名；若按省级代码"
        "排序，请用 entity_order: code_order",
    ),
    "order_rows": (
        "the table has another number of rows than the declared order has places",
        "表的行数与声明次序中的地区数不符",
        "{expected} rows of figures below the header",
        "表头下 {expected} 行数值",
        "check the file: a row was added or lost, so the declared order does not hold",
        "请核对文件：行有增减，声明的次序不再成立",
    ),
}
