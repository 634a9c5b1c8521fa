"""Messages about rows of panels: whose they are, coordinates, filled cells, figures repeated over rows.

About mapping files: wording_mapping.py.
"""

# code: (what en, what zh, expected en, expected zh, what to do en, what to do zh); {braces} are filled in.
PANELS: dict[str, tuple[str, str, str, str, str, str]] = {
    "coordinates_off": (
        "the coordinates are not those of the place",
        "坐标与该地不符",
        "a point within {expected}",
        "距参考位置不超过 {expected} 的点",
        "correct the coordinates (degrees with decimals); two cities may have been swapped",
        "请更正坐标（十进制度）；也可能两地互换",
    ),
    "coordinates_most_off": (
        "most coordinates of the table are not those of their places (median distance, places: {hint})",
        "表中多数坐标与所属地点不符（距离中位数、地点数：{hint}）",
        "a point within {expected}",
        "距参考位置不超过 {expected} 的点",
        "find out in which system the coordinates are written; none of them is used",
        "请查明坐标的书写方式；所有坐标均未采用",
    ),
    "coordinates_as_minutes": (
        "most coordinates of the table are not those of their places, unless degrees.minutes were written as decimals "
        "(median distance, places, median distance when read as minutes: {hint})",
        "表中多数坐标与所属地点不符，除非把“度.分”写成了小数（距离中位数、地点数、按分读取时的中位数：{hint}）",
        "a point within {expected}",
        "距参考位置不超过 {expected} 的点",
        "write degrees with decimals (30 degrees 35 minutes is 30.583); none of the coordinates is used",
        "请改写为十进制度（30度35分为30.583）；所有坐标均未采用",
    ),
    "coordinates_half": (
        "the other coordinate of the place cannot be read",
        "该地的另一个坐标无法读取",
        "latitude and longitude",
        "纬度与经度",
        "correct the other cell",
        "请更正另一单元格",
    ),
    "coordinates_unknown": (
        "no reference coordinates are known for the place, so nothing can vouch for these",
        "该地没有参考坐标，无法核对",
        "a place of the list of divisions",
        "区划表中的地点",
        "leave the coordinates of this place out",
        "请删除该地的坐标",
    ),
    "gdp_against_people": (
        "GDP and population of this table are not of the same people (first and ninth decile of yuan per head in a "
        "year, by {hint})",
        "表中生产总值与人口口径不一致（当年人均元数的第一与第九十分位，按 {hint}）",
        "deciles that differ by a factor of at most {expected}",
        "两个十分位相差不超过 {expected} 倍",
        "if GDP is of the urban districts (市辖区) only, declare the indicator gdp_urban_districts",
        "若生产总值仅指市辖区，请声明指标 gdp_urban_districts",
    ),
    "place_taken_in": (
        "the unit is part of another one in this year ({hint}), so its figure is no figure of a city of that year",
        "该单位在此年（{hint}）已并入其他单位，其数值不是当年城市的数值",
        "a unit of that year; its territory is part of {expected}",
        "当年存在的单位；其地域属于 {expected}",
        "leave the row out, or declare `panel: {{code_year: ...}}` if all rows are by the divisions of one year",
        "请删除该行；若全表按某一年的区划，请声明 panel: {{code_year: ...}}",
    ),
    "contradicting_names": (
        "the two names or codes of the row are not one place",
        "同一行的两个名称或代码并非同一地点",
        "{expected}",
        "{expected}",
        "correct the file, or correct `other_names` in sources.yaml",
        "请更正文件，或更正 sources.yaml 中的 other_names",
    ),
    "repeated_city_year": (
        "the city stands twice in this year",
        "同一城市同一年份重复",
        "one row per city and year; elsewhere: {expected}",
        "每市每年一行；另见 {expected}",
        "remove one of the rows, or declare `panel: {{repeated_rows: true}}` for constants of the city",
        "请删除其一；若为城市常量，请声明 panel: {{repeated_rows: true}}",
    ),
    "varying_constant": (
        "a figure declared to be the same in all rows of the place is not",
        "声明为各行相同的数值并不相同",
        "{expected}",
        "{expected}",
        "correct the file, or leave the column out: nothing decides between the two",
        "请更正文件或搁置该列：无从取舍",
    ),
    "filled_cell": (
        "the cell is flagged as filled in, so it is no reported figure",
        "该单元格被标记为填补值，不是报告值",
        "a figure as published; flagged in {expected}",
        "公布的数值；标记见 {expected}",
        "nothing to do: the cell is left out; for an analysis with filled values fill them there, visibly",
        "无需处理：该单元格未采用；如需填补，请在分析中明示",
    ),
    "flags_missing": (
        "the table of flags cannot be used",
        "填补标记表无法使用",
        "{expected}",
        "{expected}",
        "correct `filled_flags` in sources.yaml or the table of flags; without it no figure is known to be reported",
        "请更正 sources.yaml 中的 filled_flags 或标记表；缺少标记则无法判断数值是否为报告值",
    ),
    "order_block": (
        "the rows of a year are not one block of the declared length",
        "同一年份的行不构成规定长度的一段",
        "{expected} rows a year, one below the other",
        "每年连续 {expected} 行",
        "check the file; only whole blocks can be read by `entity_order`",
        "请核对文件；entity_order 只适用于完整的分段",
    ),
    "order_number": (
        "the running number of the row breaks off",
        "序号不连续",
        "{expected}",
        "{expected}",
        "rows were moved or lost, so the declared order does not hold; restore the file",
        "行被移动或丢失，声明的次序不再成立；请恢复原文件",
    ),
}
