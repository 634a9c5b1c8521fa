"""What every catalog file shares: strict models, reading YAML, one error type.

How YAML is read: yaml_reading.py. How a wrong key is told: key_faults.py.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, cast

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from catalog.key_faults import not_yaml, validated
from catalog.yaml_reading import MOST_BYTES, load_yaml

CATALOG_DIR = Path(__file__).resolve().parent
PROJECT_DIR = CATALOG_DIR.parent


class CatalogError(ValueError):
    """A catalog file is wrong; the message names the file and the key."""


class Strict(BaseModel):
    """Immutable; a misspelt key is an error rather than a default, and numbers are neither infinite nor NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self._consistent()
        return self

    def _consistent(self) -> None:
        """Raise ValueError if the keys of an entry contradict one another, or name what is not catalogued."""


# What no page, picture or document can hold, and what turns the direction of reading, so that a text says other than it
# shows.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text, with a sign for each character that cannot be printed."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


class Text(Strict):
    """One text in the two languages of every label."""

    en: Annotated[str, AfterValidator(printable)]
    zh: Annotated[str, AfterValidator(printable)]

    @property
    def text(self) -> str:
        """Both languages, as descriptions are printed."""
        return f"{self.en} / {self.zh}"


class Told(str):
    """A line said in both languages, `en / zh`; whoever knows the reader's language can print one of them."""

    en: str
    zh: str

    def __new__(cls, en: str, zh: str) -> "Told":
        """The line from its two texts."""
        line = super().__new__(cls, f"{en} / {zh}")
        line.en, line.zh = en, zh
        return line


T = TypeVar("T")


def read_yaml(path: Path) -> Any:
    """Parse a UTF-8 YAML file. Raises CatalogError naming the file and, where it can be told, the line."""
    try:
        with path.open(encoding="utf-8") as stream:
            return load_yaml(stream.read(MOST_BYTES + 1))
    except FileNotFoundError:
        raise CatalogError(f"{path}: no such file / 文件不存在") from None
    except (yaml.MarkedYAMLError, UnicodeDecodeError) as error:
        raise CatalogError("\n".join(not_yaml(path, error))) from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        # ValueError: a key that stands twice, or too much of anything; TypeError: a list as a key.
        raise CatalogError(f"{path}: {error}") from error


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a UTF-8 CSV file of facts, by the names of its header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def with_names(entries: Any, key: str) -> Any:
    """Entries of a file by name, each with its name added under `key`."""
    return {name: {**entry, key: name} for name, entry in entries.items()}


def validate(kind: type[T], data: Any, path: Path, written_out: Mapping[str, str] | None = None) -> T:
    """`data`, read from `path`, as a model or a mapping of models; scalars without quotes are text where text is meant.

    `written_out`: how a key may be written that is missing. Raises CatalogError with a line in each language for every
    wrong key of the file.
    """
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError:
        made, wrong = validated(kind, data, path, written_out or {})
    refuse(("\n".join(wrong), "\n".join(wrong)), error=CatalogError)
    return cast(T, made)


def refuse(*faults: tuple[object, str], error: type[Exception] = ValueError) -> None:
    """Raise `error` with the message of the first fault present, each given as (what is found, message).

    What is found may be a list, which replaces {} in the message.
    """
    for found, message in faults:
        if found:
            raise error(message.replace("{}", ", ".join(map(str, found))) if isinstance(found, list) else message)


# Of a regular expression somebody declares. Matching it is bounded in time (ingestion/vocabulary/patterns.py).
LONGEST_PATTERN = 2000


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression. Raises ValueError naming it."""
    refuse((len(pattern) > LONGEST_PATTERN, f"a pattern of {len(pattern):,} characters; at most {LONGEST_PATTERN:,}"))
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern[:200]!r} is not a regular expression: {error}") from None


Pattern = Annotated[str, AfterValidator(lambda pattern: compiled(pattern).pattern)]


def repeated(items: Iterable[T]) -> list[T]:
    """Items that occur more than once, sorted."""
    return sorted(item for item, count in Counter(items).items() if count > 1)  # type: ignore[type-var]
