"""An example of a government work report: invented sentences about nothing."""

from medpanel.guide.examples.example import NOTE, LayoutExample
from medpanel.office.table_files import text_bytes

_SENTENCES = (
    "政府工作的重点是高质量发展，推进互联网医疗和公共服务。",
    "一年来，全省上下团结奋斗，农业生产稳定，工业结构优化，城乡面貌改善，居民收入增加，生态环境好转。",
)
_TIMES = 30


def report() -> LayoutExample:
    """Two sentences, thirty times."""
    return LayoutExample(
        "work_report",
        "texts",
        "报告/北京市_2019.txt",
        text_bytes([NOTE, *_SENTENCES * _TIMES]),
        {"keywords": "keywords.csv"},
        "One text file for each province and year, named province_year.txt. It is segmented into words; the number of "
        "those in the file of keywords and the number of all words are loaded, whose quotient is the share. A longer "
        "keyword wins over one inside it. The keywords stand one on a line, with a group after a comma where wanted.",
        "每省每年一个文本文件，名为 省份_年份.txt。分词后读取关键词出现次数与总词数，二者之比为占比；"
        "长词优先于其所含短词。关键词每行一个，需要时在逗号后写分组。",
        {"keywords.csv": text_bytes(["关键词,分组", "互联网医疗,digital", "公共服务,service"])},
    )


EXAMPLES = (report,)
