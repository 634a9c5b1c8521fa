"""What the machine refuses, such as room on the disk or leave to write: recognised in any error, said in one sentence.

Belongs here: which words of systems and databases mean which trouble, and what to do. Does not belong here: errors
about data and declarations, which say themselves what to do. What is not recognised is a fault of the program, and its
traceback is shown. Databases and Dagster pass errors on as texts, so texts are all that is looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.base import Text, Told


@dataclass(frozen=True)
class _Trouble:
    words: tuple[str, ...]
    text: Text


_TROUBLES = (
    _Trouble(
        ("no space left", "file too large", "quota exceeded", "disk is full", "not enough space on the disk"),
        Text(en="The disk is full: free some room, then run again", zh="磁盘已满：请清理空间后重新运行"),
    ),
    # SQLite says no more.
    _Trouble(
        ("disk i/o error",),
        Text(
            en="The disk cannot be written to: it is full, or fails; free some room, or use another folder with --data",
            zh="磁盘无法写入：已满或有故障；请清理空间，或用 --data 指定其他文件夹",
        ),
    ),
    _Trouble(
        ("unable to open database file",),
        Text(
            en="A database cannot be opened: let this user read and write the folder of the workspace, or allow more "
            "open files (ulimit -n 1024)",
            zh="无法打开数据库：请允许当前用户读写工作区文件夹，或提高打开文件数的上限（ulimit -n 1024）",
        ),
    ),
    _Trouble(
        ("read-only file system", "readonly database"),
        Text(
            en="The disk is read-only: choose a folder that can be written to with --data",
            zh="磁盘为只读：请用 --data 指定可写入的文件夹",
        ),
    ),
    _Trouble(
        ("too many open files",),
        Text(
            en="The system allows this program too few open files: raise the limit (ulimit -n 1024), then run again",
            zh="系统允许打开的文件数过少：请提高上限（ulimit -n 1024）后重新运行",
        ),
    ),
    # DuckDB's and Arrow's words for a Parquet file cut short or overwritten.
    _Trouble(
        (
            "no magic bytes",
            "magic bytes not found",
            "too small to be a parquet file",
            "not a parquet file",
            "smaller than the minimum file footer",
            "parquet file size is 0 bytes",
            "failed to read parquet",
            "tprotocolexception",
            "couldn't deserialize thrift",
        ),
        Text(
            en="A file the program keeps is damaged: `medpanel run` (in Dagster, read_files and everything after it) "
            "makes it anew from the input files; if that is a publication's, `medpanel rollback previous` or a backup",
            zh="程序保存的某个文件已损坏：运行 medpanel run（在 Dagster 中物化 read_files 及其后全部资产）"
            "会由输入文件重新生成；若属于某个发布，请用 medpanel rollback previous 或备份恢复",
        ),
    ),
    _Trouble(
        ("permission denied", "operation not permitted", "access is denied"),
        Text(
            en="A file or folder may not be read or written by this user: change its permissions, or choose another "
            "folder with --data",
            zh="当前用户无权读写某个文件或文件夹：请更改其权限，或用 --data 指定其他文件夹",
        ),
    ),
)


def trouble(message: str) -> Told | None:
    """What a message of the system or a database means, in one sentence with its own words; None for no trouble."""
    said = message.lower()
    found = next((one.text for one in _TROUBLES if any(word in said for word in one.words)), None)
    if found is None:
        return None
    # The system's own words name the file.
    own = " ".join(message.split())
    return Told(f"{found.en}; what was published before is untouched ({own})", f"{found.zh}；原有发布不受影响")


def trouble_of(error: BaseException) -> Told | None:
    """The same of an error or what caused it, the first cause first."""
    return next((told for one in reversed(list(_chain(error))) if (told := trouble(str(one))) is not None), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
