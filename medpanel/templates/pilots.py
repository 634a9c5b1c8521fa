"""The template of a smart-city pilot list: what each place is, by official name and code."""

from catalog import load_provinces
from ingestion.places.units import units_at
from ingestion.readers.pilots.pilot_list import FIELDS, LEVELS, STATUSES
from medpanel.templates.workbook import GUIDE, LISTS, PASTE, Column, Template

_NOTES = {
    "programme": "identifier of the programme, such as mohurd_smart_city / 项目标识",
    "batch": "number of the batch / 批次",
    "label_year": "year in the title of the batch / 批次名义年份",
    "announced": "date of announcement, such as 2013-01-29 / 公布日期",
    "province": "official name / 省级单位全称",
    "prefecture": "prefecture-level unit it lies in; empty in a municipality / 所在地级单位，直辖市留空",
    "place": "name as announced / 公布的试点名称",
    "level": "prefecture 地级, district 市辖区, county 县或县级市, town 镇, zone 开发区",
    "prefecture_code": "GB/T 2260 code ending 00, see the codes sheet / 地级代码，见代码表",
    "county_code": "six-digit code of the county-level unit; empty for a prefecture-level pilot / 县级代码",
    "status": "new, or extension of a place already covered / 新增或扩大范围",
    "source": "where the listing was read / 来源",
}
_GUIDE = (
    "Smart-city pilot list: one row for each place and batch. / 智慧城市试点名单：每个单位每批次一行。",
    PASTE,
    "Codes are those of the codes sheet; a code that contradicts a name is refused. / 代码与名称不一致时将被拒绝。",
)


def pilots_template(year: int) -> Template:
    """An empty list, with the official names and codes of all divisions at the end of `year`."""
    provinces = [province.name_zh for province in load_provinces()]
    names = {province.province_code: province.name_zh for province in load_provinces()}
    rules = {
        "batch": {"between": (1, 99), "whole": True},
        "label_year": {"between": (2000, 2100), "whole": True},
        "announced": {"date": True},
        "province": {"choices": "province 省"},
        "level": {"choices": LEVELS},
        "prefecture_code": {"between": (110000, 659900), "whole": True},
        "county_code": {"between": (110100, 659999), "whole": True},
        "status": {"choices": STATUSES},
    }
    units = units_at(year)
    return Template(
        "pilots.xlsx",
        [Column(name, _NOTES[name], 18, **rules.get(name, {})) for name in FIELDS],  # type: ignore[arg-type]
        [],
        _GUIDE,
        (
            "- match: pilots.xlsx",
            "  layout: pilot_list",
            "  vintage: …",
            "  publisher: …",
            "  licence: …",
            "  accessed: …",
            f"  set_aside_sheets: [{GUIDE}, {LISTS}]",
        ),
        {
            "province 省": provinces,
            "code 代码": [unit.code for unit in units],
            "name 名称": [unit.name for unit in units],
            "level 级别": [unit.kind for unit in units],
            "of province 所属省": [names[unit.province_code] for unit in units],
        },
    )
