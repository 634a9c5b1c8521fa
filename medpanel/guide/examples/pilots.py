"""An example of a list of pilots."""

from medpanel.guide.examples.example import LayoutExample
from medpanel.office.table_files import text_bytes

_FIELDS = (
    "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"
)
_ROWS = """\
mohurd,1,2012,2013-01-29,河北省,石家庄市,石家庄市,prefecture,130100,,new,示例 example
mohurd,1,2012,2013-01-29,江苏省,南通市,如皋市,county,320600,320682,new,示例 example
mohurd,2,2013,2013-08-01,浙江省,杭州市,上城区,district,330100,330102,new,示例 example
mohurd,2,2013,2013-08-01,上海市,,浦东新区,district,,310115,new,示例 example
mohurd,2,2013,2013-08-01,河北省,石家庄市,石家庄市,prefecture,130100,,extension,示例 example"""


def pilots() -> LayoutExample:
    """Places by batch."""
    return LayoutExample(
        "pilot_list",
        "pilots",
        "试点名单.csv",
        text_bytes([_FIELDS, *_ROWS.splitlines()]),
        {},
        "One place in a row; the headers in English as shown or in Chinese (批次, 省份, 地点 …), in any order. Each "
        "place is looked up by code and by name, and both must mean the same; it counts for its prefecture-level "
        "unit. A place listed again with status `extension` never adds a unit. `medpanel template pilots` writes a "
        "workbook to fill in.",
        "每行一个地点；表头用所示英文名或中文名（批次、省份、地点……），次序不限。地点按代码与名称核对，二者须一致，并"
        "归入所属地级单位；状态为 extension（扩大范围）者不另增单位。`medpanel template pilots` 生成可填写的工作簿。",
    )


EXAMPLES = (pilots,)
