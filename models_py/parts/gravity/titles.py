"""Names and titles of the printed tables of flows; the tables are in table.py."""

from catalog.base import Text
from catalog.parts import ergm, network
from catalog.parts.gravity import Options
from catalog.studies import Study
from models_py.figures.names import stem_of


def stem(name: str) -> str:
    """File name of the table of a network."""
    return stem_of("gravity", name)


def title(study: Study, name: str) -> Text:
    """Its title."""
    about = study.options(network.Options).networks[name].title
    return Text(en=f"Flows beside ties: {about.en}", zh=f"流量与边对照：{about.zh}")


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Every table there may be."""
    tables = study.options(ergm.Options).tables
    names = [name for table in tables if table.table_no in options.tables for name in table.networks]
    return [(stem(name), title(study, name)) for name in names]
