"""The folder of facts about divisions, filled in with its own example, is read back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.division_facts import CHANGES, PACKAGED, own_facts
from ingestion.places import at_year, using, vintage
from ingestion.places.consistency import require_consistent
from medpanel.templates import cities_template, write_template

LAST = PACKAGED.vintage.last_year


def test_the_empty_folder_raises_the_last_year_alone(tmp_path: Path) -> None:
    path, entry = write_template("divisions", tmp_path, None, ())
    assert yaml.safe_load("\n".join(entry)) == {"divisions": path.name}
    facts = own_facts(path)
    assert facts.vintage.last_year == LAST + 1 and list(facts.rows(CHANGES)) == []
    assert facts.vintage.first_year == PACKAGED.vintage.first_year


def test_the_example_of_the_folder_can_be_read(tmp_path: Path) -> None:
    path, _ = write_template("divisions", tmp_path, LAST + 2, ())
    example = (path / "README.md").read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    (path / CHANGES).write_text(example, encoding="utf-8")
    with using(own_facts(path)):
        require_consistent()
        assert vintage().last_year == LAST + 2
        assert at_year(620200, LAST + 1) == 620900 and at_year(130123, LAST + 1) == 130112


def test_a_template_of_cities_has_those_of_the_declared_facts(tmp_path: Path) -> None:
    path, _ = write_template("divisions", tmp_path, None, ())
    with (path / CHANGES).open("a", encoding="utf-8") as stream:
        stream.write(f"prefecture,620200,嘉峪关市,,{LAST},620900,,,invented\n")
    with using(own_facts(path)):
        names = [row[1] for row in cities_template(LAST + 1).rows]
        assert "嘉峪关市" not in names and "酒泉市" in names
        assert "嘉峪关市" in [row[1] for row in cities_template(LAST).rows]


def test_nothing_is_overwritten_and_no_known_year_written(tmp_path: Path) -> None:
    write_template("divisions", tmp_path, None, ())
    with pytest.raises(FileExistsError, match="not overwritten"):
        write_template("divisions", tmp_path, None, ())
    with pytest.raises(ValueError, match=f"reaches {LAST}"):
        write_template("divisions", tmp_path / "other", LAST, ())
