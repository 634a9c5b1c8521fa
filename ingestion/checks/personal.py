"""What looks like personal data: names, telephone and identity numbers, links, free text. No such value is repeated.

Belongs here: telling by form alone, for the cells and headers of a table that must contain none. It errs on the side
of refusing. Does not belong here: which columns a table has (the readers).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

# A sentence is longer than any name of a hospital or department.
LONGEST_TEXT = 40
# The share of a column's different values that may look like names before the column counts as one of names: 高血压 and
# 康复 begin with surnames too.
NAMES_SHARE = 0.3

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-\s]\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{6}(\d{8})\d{3}[\dXx](?![\dXx])")
_LINK = re.compile(r"https?://|www\.|\S@\S+\.\S|\.(?:jpe?g|png|gif|webp)\b|data:image", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？；!?\n\r]")
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪"
    "严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴"
    "席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖"
    "符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫"
    "鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺"
)
_NAME = re.compile(f"(?:[{_SURNAMES}]|欧阳|司马|诸葛|上官|司徒|东方|独孤|南宫|夏侯|皇甫|尉迟|公孙|慕容)[一-龥·]{{1,2}}")
_ADDRESSED = re.compile(f"[{_SURNAMES}][一-龥]{{0,2}}(?:医生|大夫|医师|主任|教授|专家|院长|博士)")
# What names of institutions and departments end in, and names of persons hardly ever.
_INSTITUTION = re.compile(
    "[科院室部所站馆组区房心系堂店厂司校处局会点库病症炎瘤癌]$|医学|中医|门诊|中心|保健|外科|内科|康复"
)
_HEADERS = re.compile(
    "姓名|名字|电话|手机|联系|身份证|证件|照片|头像|图片|简介|擅长|介绍|履历|评价|评论|微信|邮箱|地址|链接|网址|生日|出生"
    "|name|phone|mobile|tel|contact|id_?card|photo|avatar|image|picture|bio|intro|profile|comment|review|wechat|mail"
    "|address|url|link|birth",
    re.IGNORECASE,
)


def personal_kind(text: str) -> tuple[str, str] | None:
    """What personal data a cell looks like, in English and Chinese: a number, a link, a name, free text; or None."""
    plain = unicodedata.normalize("NFKC", text)
    signs = (
        (_MOBILE.search(plain) or _LANDLINE.search(plain), ("a telephone number", "电话号码")),
        (any(_is_date(match.group(1)) for match in _IDENTITY.finditer(plain)), ("an identity number", "身份证号")),
        (_LINK.search(plain), ("a link or an e-mail address", "链接或电子邮箱")),
        (_ADDRESSED.fullmatch(re.sub(r"\s", "", plain)), ("the name of a person", "人名")),
        (len(plain) > LONGEST_TEXT or _SENTENCE.search(text), ("free text", "自由文本")),
    )
    return next((kind for found, kind in signs if found), None)


def looks_like_names(values: Sequence[str]) -> bool:
    """Whether the distinct values of a column are names of persons, judged by the share that could be."""
    different = {re.sub(r"\s", "", unicodedata.normalize("NFKC", value)) for value in values} - {""}
    names = sum(1 for value in different if _NAME.fullmatch(value) and not _INSTITUTION.search(value))
    return bool(different) and names > NAMES_SHARE * len(different)


def tells_person(header: str) -> bool:
    """Whether a header says that its column is about persons; only such headers are safe to print."""
    return len(header) <= 20 and _HEADERS.search(header) is not None


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False
