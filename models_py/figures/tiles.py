"""Where each province stands in the tile map: one square of equal size each, neighbours near each other.

Belongs here: the layout. Does not belong here: drawing (province_map.py). A tile map shows no boundary.
"""

# Row from the north, column from the west, by province code (GB/T 2260).
TILES: dict[int, tuple[int, int]] = {
    230000: (0, 7),  # 黑龙江
    210000: (1, 6),  # 辽宁
    220000: (1, 7),  # 吉林
    650000: (2, 1),  # 新疆
    640000: (2, 3),  # 宁夏
    150000: (2, 4),  # 内蒙古
    110000: (2, 5),  # 北京
    120000: (2, 6),  # 天津
    630000: (3, 1),  # 青海
    620000: (3, 2),  # 甘肃
    610000: (3, 3),  # 陕西
    140000: (3, 4),  # 山西
    130000: (3, 5),  # 河北
    370000: (3, 6),  # 山东
    540000: (4, 1),  # 西藏
    510000: (4, 2),  # 四川
    500000: (4, 3),  # 重庆
    410000: (4, 4),  # 河南
    340000: (4, 5),  # 安徽
    320000: (4, 6),  # 江苏
    310000: (4, 7),  # 上海
    530000: (5, 2),  # 云南
    520000: (5, 3),  # 贵州
    420000: (5, 4),  # 湖北
    360000: (5, 5),  # 江西
    330000: (5, 6),  # 浙江
    450000: (6, 3),  # 广西
    430000: (6, 4),  # 湖南
    440000: (6, 5),  # 广东
    350000: (6, 6),  # 福建
    460000: (7, 5),  # 海南
}
