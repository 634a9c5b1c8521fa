"""Names and titles of the printed tables of network models; the tables are in tables.py."""

from catalog.base import Text
from catalog.parts import network
from catalog.parts.ergm import Options, TableSpec
from catalog.studies import Study
from models_py.figures.names import stem_of

# By the beginning of their names: models side by side, one model as odds and probabilities, under other treatments of
# unlisted pairs, networks side by side, in words.
ESTIMATES, ODDS, UNLISTED, NETWORKS, WORDS = "", "ergm_odds", "ergm_unlisted", "ergm_networks", "ergm_words"
_SAID = {
    ESTIMATES: ("Network models", "网络模型"),
    ODDS: ("Odds ratios and probabilities of a tie", "优势比与成边概率"),
    UNLISTED: ("Unlisted pairs treated otherwise", "未列出节点对的其他处理"),
    NETWORKS: ("One model, several networks", "同一模型，多个网络"),
    WORDS: ("The network model in words", "网络模型读法"),
}


def stem(table: TableSpec, kind: str, name: str = "") -> str:
    """File name of a printed table; `name` tells apart the networks of a table that has several."""
    return stem_of(*filter(None, [kind, table.table_no, name if len(table.networks) > 1 else ""]))


def title(study: Study, table: TableSpec, kind: str, name: str = "") -> Text:
    """Its title, with the network it is about."""
    en, zh = _SAID[kind]
    about = study.options(network.Options).networks[name].title if name else table.title
    return Text(en=f"{en}: {about.en}", zh=f"{zh}：{about.zh}")


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Everything that may be printed."""
    found = []
    for table in options.tables:
        for name in table.networks:
            for kind in (ESTIMATES, ODDS, UNLISTED, WORDS):
                found.append((stem(table, kind, name), title(study, table, kind, name)))
        if len(table.networks) > 1:
            found.append((stem(table, NETWORKS), title(study, table, NETWORKS)))
    return found
