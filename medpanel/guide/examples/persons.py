"""Examples of records of persons: survey microdata and online doctors. Nobody is behind any of them."""

import datetime as dt
import hashlib
import io

from medpanel.guide.examples.example import LayoutExample
from medpanel.office.table_files import csv_bytes

_VARIABLES = ("newID", "C1", "C2", "C3", "q101j1a", "q101l1", "q101m1y", "q101m1m", "w_l")
_MOVES = (
    ("浙江省", "宁波市", "鄞州区", "340102", 1.0),
    ("浙江省", "宁波市", "鄞州区", "330106", 2.0),
    ("浙江省", "杭州市", "西湖区", "420102", 1.0),
)
# Enough respondents on each edge that none is withheld.
_EACH = 12


def survey() -> LayoutExample:
    """A Stata file of respondents."""
    import pandas as pd

    moves = [move for move in _MOVES for _ in range(_EACH)]
    rows = [
        (f"x{number:04d}", *places, scope, 2010.0, 3.0, 1.5) for number, (*places, scope) in enumerate(moves, start=1)
    ]
    stream = io.BytesIO()
    frame = pd.DataFrame(rows, columns=list(_VARIABLES))
    frame.to_stata(stream, write_index=False, version=118, time_stamp=dt.datetime(2026, 1, 1))
    shown = tuple(tuple(f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row) for row in rows)
    return LayoutExample(
        "cmds",
        "persons",
        "cmds_2017.dta",
        stream.getvalue(),
        {
            "layout": "cmds",
            "survey": {"wave": 2017, "fields": "cmds_2017", "networks": [{"name": "cmds"}]},
        },
        "Microdata of the China Migrants Dynamic Survey: .dta of any release or .sav, one respondent a record. Only "
        "the variables of the field map are read, whatever their letter case; labels of values are never applied. "
        "`fields` names a map of `catalog/surveys/cmds.yaml` or is the wave's own: `{respondent: …, hukou_code: …, "
        "scope: …, …}`. Each of `networks` is of prefecture-level units, or of the counties of one `province`; "
        "`weight: w_l` adds up weights instead of persons.",
        "流动人口动态监测调查个人数据：.dta（任何版本）或 .sav，一名受访者一条记录。只读取字段表中的变量（不分大小写）"
        "，不套用值标签。fields 为 catalog/surveys/cmds.yaml 中的字段表名或自定字段表；networks 为地级网络，或某省的县"
        "级网络；weight: w_l 为加权人数。",
        shown=(_VARIABLES, *shown),
    )


def doctors() -> LayoutExample:
    """Online doctors by hashed identifier."""
    header = ["医生编号", "职称", "科室", "医院等级", "城市", "省份", "在线问诊量", "评分", "入驻日期"]
    places = (("石家庄市", "河北省"), ("杭州市", "浙江省"), ("广州市", "广东省"))
    rows = [
        [
            hashlib.sha256(f"example {number}".encode()).hexdigest(), title, "内科", grade, *places[number],
            120 + number, 9.5, "2019-03-15",
        ]
        for number, (title, grade) in enumerate([("主任医师", "三级甲等"), ("主治医师", "二级"), ("医师", "unknown")])
    ]  # fmt: skip
    return LayoutExample(
        "online_doctors",
        "persons",
        "doctors.csv",
        csv_bytes([header, *rows]),
        {},
        "Online doctors with hashed identifiers only. The whole file is refused at the first sign of a person: an "
        "identifier that is no hash, a column that is none of the fields, a name, a telephone number, free text. No "
        "refusal repeats what the file holds.",
        "在线医生名单，编号须为哈希值。一旦发现个人信息（非哈希编号、字段之外的列、姓名、电话、自由文本）即整体拒绝；"
        "拒绝信息不重复文件内容。",
    )


EXAMPLES = (survey, doctors)
