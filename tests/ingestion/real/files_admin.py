"""Lists and history of divisions, and the table of dialects."""

from __future__ import annotations

from tests.ingestion.real.expected import Expected, Spot

_LISTS, _AREACODES, _REGIONCODE = "admin/areacodes/data", "admin/areacodes", "admin/regioncode"
_NOT_READ = Expected(layout=None, rows=(0, 0, 0, 0), refused="not_read")


def _list(year: int, lines: int, *units: tuple[int, int, str]) -> Expected:
    """A yearly list of so many lines; 台湾, 香港 and 澳门 are set aside. units: (line, code, name) as printed."""
    levels = {code: "prefecture" if code % 100 == 0 else "county" for _, code, _ in units}
    spots = tuple(
        Spot({"code": code}, {"row": row, "name": name, "level": levels[code], "year": year}, "division")
        for row, code, name in units
    )
    return Expected(layout="division_list", rows=(lines, lines - 3, 0, 3), spots=spots)


def _dialect(code: int, dialect: str, sub: str, row: int) -> Spot:
    return Spot({"city_code": code}, {"dialect": dialect, "dialect_sub": sub, "row": row}, "place_dialect")


def _span(code: int, year: int, name: str, row: int) -> Spot:
    return Spot({"code": code, "year": year}, {"name": name, "row": row}, "division")


EXPECTED: dict[str, Expected] = {
    f"{_LISTS}/2008.txt": _list(
        2008, 3229, (1128, 341400, "巢湖市"), (1746, 420600, "襄樊市"), (797, 310103, "卢湾区")
    ),
    f"{_LISTS}/2009.txt": _list(
        2009, 3228, (1125, 341400, "巢湖市"), (1743, 420600, "襄樊市"), (2548, 522400, "毕节地区")
    ),
    f"{_LISTS}/2010.txt": _list(
        2010, 3226, (1122, 341400, "巢湖市"), (1741, 420600, "襄阳市"), (2546, 522400, "毕节地区")
    ),
    f"{_LISTS}/2011.txt": _list(
        2011, 3222, (2521, 520500, "毕节市"), (2223, 469003, "儋州市"), (3035, 632100, "海东地区")
    ),
    f"{_LISTS}/2012.txt": _list(
        2012, 3219, (2217, 460300, "三沙市"), (3030, 632100, "海东地区"), (104, 130502, "桥东区")
    ),
    f"{_LISTS}/2013.txt": _list(
        2013, 3220, (3031, 630200, "海东市"), (2731, 542100, "昌都地区"), (1455, 371200, "莱芜市")
    ),
    f"{_LISTS}/2014.txt": _list(
        2014, 3221, (2730, 540200, "日喀则市"), (2218, 469003, "儋州市"), (926, 330104, "江干区")
    ),
    f"{_LISTS}/2015.txt": _list(
        2015, 3218, (2212, 460400, "儋州市"), (2757, 540400, "林芝市"), (3112, 650400, "吐鲁番市")
    ),
    f"{_LISTS}/2016.txt": _list(
        2016, 3219, (2765, 540500, "山南市"), (3116, 650500, "哈密市"), (1446, 371200, "莱芜市")
    ),
    f"{_LISTS}/2017.txt": _list(2017, 3219, (2778, 540600, "那曲市"), (1446, 371200, "莱芜市"), (16, 110118, "密云区")),
    f"{_LISTS}/2018.txt": _list(
        2018, 3218, (2776, 540600, "那曲市"), (36, 130100, "石家庄市"), (918, 330104, "江干区")
    ),
    f"{_LISTS}/2019.txt": _list(
        2019, 3213, (3210, 659010, "胡杨河市"), (102, 130502, "桥东区"), (911, 330104, "江干区")
    ),
    f"{_LISTS}/2020.txt": _list(
        2020, 3211, (102, 130502, "襄都区"), (909, 330104, "江干区"), (3208, 659010, "胡杨河市")
    ),
    f"{_LISTS}/2021.txt": _list(2021, 3210, (915, 330113, "临平区"), (3207, 659011, "新星市"), (2, 110101, "东城区")),
    f"{_LISTS}/2022.txt": _list(
        2022, 3210, (915, 330113, "临平区"), (3207, 659011, "新星市"), (1500, 410185, "登封市")
    ),
    f"{_LISTS}/2023.txt": _list(
        2023, 3211, (3208, 659012, "白杨市"), (2200, 460400, "儋州市"), (1500, 410185, "登封市")
    ),
    f"{_LISTS}/2024.txt": _list(
        2024, 3213, (3210, 659012, "白杨市"), (2766, 540600, "那曲市"), (36, 130100, "石家庄市")
    ),
    # Beside the header the rows of 台湾, 香港 and 澳门 are set aside.
    f"{_AREACODES}/result.csv": Expected(
        layout="division_history",
        rows=(6824, 6820, 0, 4),
        spots=(
            _span(341400, 2010, "巢湖市", 2295),
            _span(371200, 2017, "莱芜市", 3022),
            _span(420600, 2009, "襄樊市", 3654),
            _span(420600, 2010, "襄阳市", 3653),
            _span(530800, 2003, "思茅市", 5705),
            _span(659012, 2024, "白杨市", 6821),
        ),
    ),
    # Contradictions: 18 districts of Beijing and 18 of Tianjin in two dialects each, and 43 rows of nine units in which
    # an old county stands beside its city. 7 rows of Hainan before 1988 have no code, five have one that never was.
    # 台湾, 香港 and 澳门 are set aside.
    f"{_REGIONCODE}/sysdata.rda": Expected(
        layout="dialect_rdata",
        rows=(1199, 1105, 91, 3),
        spots=(
            _dialect(130100, "冀鲁官话", "张呼片; 石济片", 37),
            _dialect(340100, "江淮官话", "洪巢片", 234),
            _dialect(370100, "冀鲁官话", "沧惠片; 石济片", 821),
            _dialect(530800, "西南官话", "昆贵片", 1016),
        ),
        codes={"dialect_conflict": 79, "dialect_blank": 7, "unknown_place": 5},
    ),
    **dict.fromkeys(
        (
            f"{_AREACODES}/LICENSE",
            f"{_AREACODES}/README.md",
            f"{_AREACODES}/errata.md",
            f"{_AREACODES}/diff/2010-2011.diff",
            f"{_AREACODES}/diff/2017-2018.diff",
            f"{_AREACODES}/diff/2018-2019.diff",
            f"{_REGIONCODE}/LICENSE.md",
        ),
        _NOT_READ,
    ),
}
