"""Excel templates people fill in and the readers take back: pilots, city figures, keyword counts, yearbook mappings.

Belongs here: which templates there are and writing them. What each asks for: its module; the look: workbook.py;
reading them back: ingestion/readers and catalog/declarations/mapping_files.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from ingestion.places import LAST_YEAR
from medpanel.templates.figures import cities_template, keywords_template
from medpanel.templates.mapping import mapping_template
from medpanel.templates.pilots import pilots_template
from medpanel.templates.workbook import Template, template_bytes

KINDS: dict[str, Callable[[int, Sequence[str]], Template]] = {
    "pilots": lambda year, _: pilots_template(year),
    "cities": cities_template,
    "keywords": lambda year, _: keywords_template(year),
    "mapping": lambda _, __: mapping_template(),
}


def write_template(kind: str, folder: Path, year: int | None, indicators: Sequence[str]) -> tuple[Path, Sequence[str]]:
    """Write a template into `folder`; its path and the lines of its entry in sources.yaml.

    Raises ValueError for an indicator the template cannot hold and FileExistsError rather than overwrite a file.
    """
    made = KINDS[kind](year or LAST_YEAR, indicators)
    path = folder / made.file_name
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise FileExistsError(f"{path} exists and is not overwritten; choose another --out / 文件已存在，未覆盖")
    path.write_bytes(template_bytes(made))
    return path, made.entry
