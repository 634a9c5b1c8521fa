"""Declarations somebody else wrote: bounded before they are parsed, confined to the workspace, no line of them told."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from catalog import load_sources
from catalog.base import CATALOG_DIR, CatalogError, compiled, read_yaml
from catalog.declarations.matching import Patterns
from catalog.declarations.sources import Sources
from catalog.studies import load_study
from catalog.yaml_reading import MOST_BYTES, MOST_LEVELS, MOST_VALUES, load_yaml

HEAD = 'data_kind: real\nstudies: []\nvintages: ["2024"]\n'
ENTRY = '  - {match: a.csv, vintage: "2024", publisher: x, licence: x, accessed: 2026-01-01}\n'
LEVELS = 100_000
SECRET = "张三 110101199003070000"


def laughs(levels: int) -> str:
    """A list of lists of lists, each of which names the one before ten times."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


BOMBS: dict[str, tuple[Callable[[], str], str]] = {
    "lists in lists": (lambda: "[" * LEVELS, "levels"),
    "closed lists in lists": (lambda: "a: " + "[" * LEVELS + "]" * LEVELS, "levels"),
    "mappings in mappings": (lambda: "{a: " * LEVELS, "levels"),
    "dashes": (lambda: "- " * LEVELS + "a", "levels"),
    "indentation": (lambda: "".join(f"{' ' * n}a:\n" for n in range(2_000)), "levels"),
    "a billion laughs": (lambda: laughs(12), "values"),
    "laughs in entries": (lambda: HEAD + laughs(12) + "\nfiles: *a11\n", "values"),
    "values": (lambda: "[" + "1," * (MOST_VALUES + 1) + "]", "values"),
    "bytes": (lambda: "a: " + "b" * MOST_BYTES, "32 MiB"),
    "a comment": (lambda: "#" * (MOST_BYTES + 1), "32 MiB"),
    "itself": (lambda: "&a [*a]", "undefined alias"),
}


@pytest.mark.parametrize("read", [load_sources, load_study], ids=["sources", "study"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_what_no_declaration_needs_is_refused_at_once(
    tmp_path: Path, bomb: str, read: Callable[[Path], object]
) -> None:
    make, words = BOMBS[bomb]
    path = tmp_path / "sources.yaml"
    path.write_text(make(), encoding="utf-8")
    began = time.process_time()
    with pytest.raises(CatalogError, match=words) as refusal:
        read(path)
    assert time.process_time() - began < 30
    assert str(path) in str(refusal.value) and len(str(refusal.value)) < 2_000


@pytest.mark.parametrize("text", ["1:" * 200_000 + "1", "0x" + "f" * 100_000, "9" * 100_000, "2026-01-01" + " " * 90])
def test_what_is_too_long_for_a_number_is_text(text: str) -> None:
    began = time.process_time()
    assert load_yaml(f"- {text}") in ([text], [text.strip()], [load_yaml("2026-01-01")])
    assert time.process_time() - began < 5


def test_bounds_leave_room_for_what_people_write() -> None:
    nested = "[" * (MOST_LEVELS - 1) + "]" * (MOST_LEVELS - 1)
    assert load_yaml(f"- {nested}")
    assert load_yaml("a: &x {b: 1}\nc: *x\nd: [*x, *x]") == {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}
    assert load_yaml("") is None


def test_every_file_of_the_catalog_is_read_as_pyyaml_reads_it() -> None:
    files = [*CATALOG_DIR.rglob("*.yaml")]
    assert len(files) > 30
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert repr(load_yaml(text)) == repr(yaml.safe_load(text)), path


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "'a'", "1", "1.5", ".nan", "-.inf", "0o7", "017", "0x1f", "1_000", "12:30", "~", "null", "yes",
        "off", "on", "2026-11-29", "2026-11-29 10:00:00", "!!str 1", "!!int '1'", "! a", "[a, [b]]", "{a: {b: c}}",
        "a: |\n  b\n  c",        "a: >\n  b\n  c", "- a\n-\n- ''", "? a\n: b", "{a: , b}",
        "%YAML 1.1\n---\na", "a: 'it''s'", '"\\u4e2d"', "!!map {a: 1}",
    ],
)  # fmt: skip
def test_values_are_those_of_pyyaml(text: str) -> None:
    assert repr(load_yaml(text)) == repr(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system [id]", "!a b", "!a [b]", "!a {b: c}", "*a", "a\n---\nb", "[a", "a: b: c"]
)
def test_what_pyyaml_refuses_is_refused(text: str) -> None:
    for read in (load_yaml, yaml.safe_load):
        with pytest.raises(yaml.YAMLError):
            read(text)


@pytest.mark.parametrize("name", ["people.yaml", "people.csv", "people.xlsx"])
def test_an_error_never_tells_a_line_of_the_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"{SECRET}: [\n{SECRET}\t: ：{SECRET}\n", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(
        HEAD + "files:\n" + ENTRY.replace("a.csv,", f"a.csv, mapping: {name},"), encoding="utf-8"
    )
    with pytest.raises(CatalogError) as refusal:
        load_sources(tmp_path / "sources.yaml")
    assert name in str(refusal.value) and SECRET[:2] not in str(refusal.value)


OUTSIDE = ["/etc", "..", "../..", "raw/../../..", "link", "/"]


@pytest.mark.parametrize("root", OUTSIDE)
def test_the_input_folder_lies_in_the_workspace(tmp_path: Path, root: str) -> None:
    path = workspace(tmp_path, f"root: {root}\n")
    (path.parent / "link").symlink_to("/etc")
    if root == "..":  # from the folder raw of a workspace that is the workspace itself
        assert load_sources(path)[1].resolve() == path.parent.parent
        return
    with pytest.raises(CatalogError, match=f"root leads to .*outside {path.parent.parent}.*之外"):
        load_sources(path)


def workspace(folder: Path, head: str = "", entry: str = ENTRY) -> Path:
    """A declaration in the folder raw of a workspace."""
    path = folder / "work" / "raw" / "sources.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + head + "files:\n" + entry, encoding="utf-8")
    return path


def test_a_folder_named_in_the_environment_may_lie_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "elsewhere"
    (data / "below").mkdir(parents=True)
    monkeypatch.setenv("MEDPANEL_DATA", str(data))
    for root, found in (("${MEDPANEL_DATA}", data), ("${MEDPANEL_DATA}/below", data / "below")):
        assert load_sources(workspace(tmp_path / root[-6:].strip("{}/"), f"root: {root}\n"))[1] == found


@pytest.mark.parametrize(
    "root",
    [
        "${HOME}",
        "$HOME",
        "${MEDPANEL_NOT_SET}",
        "${MEDPANEL_DATA}/../..",
        "x/${MEDPANEL_DATA}",
        "${MEDPANEL_DATA}${HOME}",
    ],
)
def test_no_other_variable_and_no_way_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    monkeypatch.setenv("MEDPANEL_DATA", str(tmp_path / "data"))
    with pytest.raises(CatalogError, match="MEDPANEL_"):
        load_sources(workspace(tmp_path, f"root: {root}\n"))


@pytest.mark.parametrize("key", ["corrections", "divisions"])
@pytest.mark.parametrize("place", ["/etc/passwd", "../../../etc", "link"])
def test_files_beside_the_declaration_lie_in_the_workspace(tmp_path: Path, key: str, place: str) -> None:
    path = workspace(tmp_path, f"{key}: {place}\n")
    (path.parent / "link").symlink_to("/etc")
    with pytest.raises(CatalogError, match=f"{key} leads to /.*之外"):
        load_sources(path)


@pytest.mark.parametrize("place", ["/etc/a.yaml", "../../../a.yaml", "link.yaml"])
def test_mappings_lie_in_the_workspace(tmp_path: Path, place: str) -> None:
    path = workspace(tmp_path, entry=ENTRY.replace("a.csv,", f"a.csv, mapping: {place},"))
    (tmp_path / "other.yaml").write_text("tables: []", encoding="utf-8")
    (path.parent / "link.yaml").symlink_to(tmp_path / "other.yaml")
    with pytest.raises(CatalogError, match=r"lies outside .*之外"):
        load_sources(path)


def test_a_mapping_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = workspace(tmp_path, entry=ENTRY.replace("a.csv,", "a.csv, mapping: m.xlsx,"))
    with zipfile.ZipFile(path.parent / "m.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 40 * 2**20)
    with pytest.raises(CatalogError, match="40 MiB when unpacked"):
        load_sources(path)


@pytest.mark.parametrize("pattern", ["(" * 1_500 + ")" * 500, "(" * 900 + "a" + ")" * 900, "a" * 5_000, "(a"])
def test_patterns_that_cannot_be_compiled_are_named(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|regular expression"):
        compiled(pattern)


def test_the_first_pattern_that_fits_speaks_for_a_path() -> None:
    patterns = Patterns(["a/[b].csv", "a/*.csv", "a/b.csv", "*", "a/*.xlsx", "a/b.csv"])
    found = {path: patterns.first(path) for path in ("a/b.csv", "a/[b].csv", "a/c.csv", "a/c.xlsx", "", "a/x/y.csv")}
    assert found == {"a/b.csv": 0, "a/[b].csv": 0, "a/c.csv": 1, "a/c.xlsx": 3, "": 3, "a/x/y.csv": 1}
    assert Patterns(["x"]).first("y") is None
    assert patterns.named("a/b.csv") == 2 and patterns.named("none") is None


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "b", "[!b]" * 100 + "*" * 200 + "c", "*" * 2_000 + "b", "?*" * 100 + "b"]
)
def test_a_shell_pattern_is_decided_in_time(pattern: str) -> None:
    began = time.process_time()
    assert Patterns([pattern]).first("a" * 2_000) is None
    assert time.process_time() - began < 2


def test_sixty_thousand_entries_are_read_in_time(tmp_path: Path) -> None:
    count = 60_000
    entries = (
        f'  - match: "data/f{n}x*.csv"\n    vintage: "{n % 20_000}"\n    publisher: 国家统计局\n'
        f"    licence: none stated\n"
        f"    accessed: 2026-01-01\n    indicator: gdp\n    unit: 亿元\n"
        for n in range(count)
    )
    path = tmp_path / "sources.yaml"
    listed = ", ".join(f'"{n}"' for n in range(20_000))
    path.write_text(HEAD.replace('"2024"', listed) + "files:\n" + "".join(entries), encoding="utf-8")
    began = time.process_time()
    sources, _ = load_sources(path)
    for n in range(0, count, 20):
        assert (found := sources.find(f"data/f{n}x.csv")) is not None and sources.rank(found.vintage) == n % 20_000
    # 7 seconds where this was written; a computer half as fast must pass too.
    assert time.process_time() - began < 20
    assert isinstance(sources, Sources) and len(sources.files) == count


def test_a_catalog_file_that_is_no_text_is_told_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(SECRET.encode("gb18030") + b": 1")
    with pytest.raises(CatalogError, match="not text in UTF-8") as refusal:
        read_yaml(path)
    assert SECRET[3:] not in str(refusal.value)
