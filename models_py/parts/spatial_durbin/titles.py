"""Names and titles of the printed tables of spatial models; the tables are in tables.py."""

from catalog.base import Text
from catalog.parts.spatial_durbin import Options
from models_py.figures.names import stem_of

TITLES = {
    "tests": Text(en="Tests of the spatial model", zh="空间模型检验"),
    "estimates": Text(en="Spatial model: coefficients and effects", zh="空间模型：系数与效应"),
    "regions": Text(en="Spatial model within regions", zh="分地区空间模型"),
    "compared": Text(en="Spatial model under other choices", zh="其他设定下的空间模型"),
    "dynamic": Text(en="Short and long run of the dynamic spatial model", zh="动态空间模型的短期与长期"),
    "words": Text(en="The spatial model in words", zh="空间模型读法"),
    "tests_words": Text(en="Tests and diagnostics of the spatial model in words", zh="空间模型检验与诊断读法"),
}


def stem(options: Options, table: str) -> str:
    """File name of a table: by its number, or by its name where it has none."""
    numbers = options.tables.model_dump()
    return stem_of(numbers.get(table, f"spatial_{table}"), options.name)
