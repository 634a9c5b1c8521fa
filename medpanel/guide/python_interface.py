"""docs/<language>/reference/python.md: the public functions of models_py, shown by Sphinx from their docstrings.

Belongs here: which packages are public, and the page. Does not belong here: what a function does (its docstring).
"""

import importlib
import inspect

from medpanel.guide.pages import note
from medpanel.language import Language

NAME = "reference/python"
# Everything else of models_py is internal.
PUBLIC = {
    "models_py.indices": ("Indices", "指数"),
    "models_py.econometrics": ("Panel regressions", "面板回归"),
    "models_py.spatial": ("Spatial statistics and models", "空间统计与空间模型"),
    "models_py.network": ("Networks", "网络"),
    "models_py.inequality": ("Inequality", "不均等"),
}
_HEAD = {
    "en": """\
# Python functions

These names are stable; everything else in `models_py` is internal. All take and return pandas objects, never files or
connections, and all are deterministic given `seed`. Every `fit_*` returns an object with `.estimates`, `.fit`,
`.tests` and `.evidence` (sample, drops, seed, conventions). To get data frames out of a publication, see
[querying the database](../querying.md).
""",
    "zh": """\
# Python 函数

以下名称保持稳定，`models_py` 的其余内容均属内部实现。函数的输入与输出都是 pandas 对象，不涉及文件或连接；
给定 `seed` 结果即确定。每个 `fit_*` 返回的对象含 `.estimates`、`.fit`、`.tests` 与 `.evidence`
（样本、剔除、种子、约定）。从发布数据库取得数据框，见[查询数据库](../querying.md)。函数说明为英文原文。
""",
}


def names_of(package: str) -> list[str]:
    """The public functions and classes of a package, functions first; its exceptions are told with them."""
    module = importlib.import_module(package)
    return sorted(module.__all__, key=lambda name: (inspect.isclass(getattr(module, name)), name))


def render(language: Language) -> str:
    """The page."""
    lines = [note(language, "models_py"), "", _HEAD[language]]
    for package, titles in PUBLIC.items():
        lines += [f"## {titles[language == 'zh']}", "", f"`{package}`", "", "```{eval-rst}"]
        for name in names_of(package):
            kind = "class" if inspect.isclass(getattr(importlib.import_module(package), name)) else "function"
            lines += [f".. auto{kind}:: {package}.{name}", ""]
        lines[-1:] = ["```", ""]
    return "\n".join(lines).rstrip("\n") + "\n"
