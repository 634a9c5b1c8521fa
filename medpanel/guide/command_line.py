"""docs/<language>/reference/command-line.md: every command of `medpanel` with its arguments and options.

Belongs here: the page. Does not belong here: any text about a command; that is its help, `English / 中文`.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from medpanel.guide.pages import anchor, note, one_of, plain, table
from medpanel.language import Language

NAME = "reference/command-line"
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "title": "Command line",
        "head": "What `medpanel COMMAND --help` says. In a checkout the program is `.venv/bin/medpanel` (on Windows "
        "`.venv\\Scripts\\medpanel`). Messages and screens are in English or Chinese by the locale of the terminal; "
        "`MEDPANEL_LANGUAGE=en` or `zh` decides.",
        "columns": ("argument or option", "value", "default", "what it does"),
        "flag": "no value",
        "required": "required",
        "none": "No options of its own.",
        "colon": ": ",
    },
    "zh": {
        "title": "命令行",
        "head": "即 `medpanel 命令 --help` 所示。在项目目录中程序为 `.venv/bin/medpanel`（Windows 为 "
        "`.venv\\Scripts\\medpanel`）。信息与界面的语言随终端区域设置，可用 `MEDPANEL_LANGUAGE=zh` 或 `en` 指定。",
        "columns": ("参数或选项", "取值", "默认", "作用"),
        "flag": "无需取值",
        "required": "必填",
        "none": "无自己的选项。",
        "colon": "：",
    },
}


def render(language: Language) -> str:
    """The page."""
    words, found = _WORDS[language], commands()
    listed = [
        f"- [{name}](#{_id(name)}){words['colon']}{plain(one_of(_help(command), language))}"
        for name, command in found.items()
    ]
    lines = [note(language, "medpanel/commands, medpanel/cli.py"), "", f"# {words['title']}", ""]
    lines += [words["head"], "", *listed, ""]
    for name, command in found.items():
        lines += [anchor(_id(name)), "", f"## medpanel {name}", "", plain(one_of(_help(command), language)), ""]
        lines += [*_parameters(command, language), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def commands() -> dict[str, Any]:
    """Every command by its words, `migrate study` for example, as click knows them."""
    from typer.main import get_command

    from medpanel.commands.application import app

    # It registers every command, and imports what imports this; by then both are loaded.
    import_module("medpanel.cli")
    found: dict[str, Any] = {}
    groups = {"": get_command(app)}
    while groups:
        prefix, group = groups.popitem()
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            target = groups if hasattr(command, "commands") else found
            target[f"{prefix} {name}".strip()] = command
    return dict(sorted(found.items()))


def _id(name: str) -> str:
    return "command-" + name.replace(" ", "-")


def _help(command: Any) -> str:
    return " ".join((command.help or "").split())


def _parameters(command: Any, language: Language) -> list[str]:
    words = _WORDS[language]
    rows = [_row(one, language) for one in command.params if not getattr(one, "hidden", False) and one.name != "help"]
    return table([list(words["columns"]), *rows]) if rows else [words["none"]]


def _kind(one: Any) -> str:
    """What a value is called that has no name of its own."""
    annotation = one.type_descriptor.annotation
    (inner,) = get_args(annotation) or (annotation,)
    return {Path: "PATH", int: "NUMBER", float: "NUMBER"}.get(inner, "TEXT")


def _row(one: Any, language: Language) -> list[str]:
    words = _WORDS[language]
    is_option = one.param_type_name == "option"
    name = ", ".join(f"`{text}`" for text in one.opts) if is_option else f"`{(one.metavar or one.name).upper()}`"
    value = words["flag"] if getattr(one, "is_flag", False) else plain(one.metavar or _kind(one))
    unset = one.default is None or one.default in ("", False) or repr(one.default).startswith("Sentinel")
    default = words["required"] if one.required else "" if unset else f"`{one.default}`"
    return [name, value, default, plain(one_of(getattr(one, "help", None) or "", language))]
