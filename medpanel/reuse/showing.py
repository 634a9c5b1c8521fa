"""The kept results, as the command line shows them."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from medpanel.reuse.store import Store

# Kinds of entries as users read them.
_KINDS = {
    "check": "checks 检查",
    "file": "files read 已读文件",
    "item": "tables and figures 图表",
    "part": "parts of studies 研究组成部分",
    "publication": "published files 发布文件",
    "replication": "replication bundles 复现包",
    "report": "reports 报告",
    "warehouse": "warehouses 数据仓库",
}


def show_cache(store: Store, files_read: Path, console: Console) -> None:
    """Number and size of entries by kind. `files_read`: the folder where readers keep what they have read."""
    sizes: dict[str, list[int]] = {}
    for kind, _, size, _ in store.entries():
        sizes.setdefault(kind, []).append(size)
    read = [path.stat().st_size for path in files_read.rglob("*") if path.is_file()]
    if read:
        sizes["file"] = read
    table = Table("Kept / 保留", "entries / 条目", "MB")
    for kind, found in sorted(sizes.items()):
        table.add_row(_KINDS.get(kind, kind), str(len(found)), f"{sum(found) / 1e6:.1f}")
    table.add_row("all / 合计", str(sum(map(len, sizes.values()))), f"{sum(map(sum, sizes.values())) / 1e6:.1f}")
    console.print(table)
