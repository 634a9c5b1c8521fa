"""Names and titles of what shows coordination; sentences are in texts.py."""

from catalog.base import Text

READING, MAP, RANKS = "coordination_reading", "coordination_map", "coordination_ranks"
TITLE = Text(en="Coupling coordination degree D", zh="耦合协调度D")
READING_TITLE = Text(en="Levels of coordination, and how to read them", zh="协调等级及其读法")
MAP_TITLE = Text(en="Maps of coordination", zh="耦合协调度地图")
RANKS_TITLE = Text(en="Ranks with indicators and weights drawn anew", zh="指标与权重重新抽取时的名次")
