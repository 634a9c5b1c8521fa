"""Makes .venv beside this file and runs a target in it: `make demo`, or on Windows `py bootstrap.py demo`.

Belongs here: the environment, the list of targets, the switches that keep every tool from reporting usage.
Does not belong here: anything about data; a target only starts `medpanel` or a development tool.
Standard library only, and syntax Python 3.6 can parse, so that an old interpreter gets a message it can read.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, NamedTuple

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an old interpreter meets first
    sys.exit(
        f"medpanel needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}). "
        "Install 3.11, then run: make demo PYTHON=python3.11 (Windows: py -3.11 bootstrap.py demo).\n"
        "medpanel 需要 Python 3.11 或更新版本。请安装 3.11 后运行：make demo PYTHON=python3.11"
        "（Windows：py -3.11 bootstrap.py demo）。"
    )

PROJECT = Path(__file__).resolve().parent
SWITCHES = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "PYTHONUTF8": "1",
}
# Each file is complete: what a set adds, and everything of the first at the same versions.
REQUIREMENTS = {
    "runtime": "requirements.txt",
    "dev": "requirements-dev.txt",
    "office": "requirements-office.txt",
    "docs": "requirements-docs.txt",
}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"
CHECKS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "mypy"),
    ("-c", LINT_IMPORTS),
    ("-m", "medpanel", "generate", "--check"),
)
# One core's work for a minute or more: it runs beside the others, and what it prints is shown when they have ended.
BESIDE = ("-m", "mypy")
# Over all cores, a file or a folder of shared runs on one of them (tests/conftest.py); long ones start first.
TESTS = ("-m", "pytest", "-n", "auto", "--dist", "loadscope", "--no-loadscope-reorder")
# What needs PostgreSQL, systemd, Java, R or minutes of packing; one process, since servers and packages are shared.
EXTRAS = ("-m", "pytest", "tests/extras")
LEFTOVERS = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache", "build")


class Target(NamedTuple):
    """A line of `make help`; installs requirements sets, by their names (or none), then runs `commands` in .venv."""

    en: str
    zh: str
    installs: str = "runtime"
    commands: tuple[tuple[str, ...], ...] = ()


TARGETS = {
    "help": Target("list the targets", "列出全部目标", ""),
    "demo": Target(
        "generate the sample, run everything, publish to data/",
        "生成合成样例，运行全部流程，发布到 data/",
        commands=(("-m", "medpanel", "demo"),),
    ),
    "real": Target(
        "publish from the real files in MEDPANEL_REAL_DATA to data/real/",
        "用 MEDPANEL_REAL_DATA 中的真实文件发布到 data/real/",
        commands=(("-m", "medpanel", "real"),),
    ),
    "run": Target(
        "run again on the files in data/raw",
        "对 data/raw 中的文件重新运行",
        commands=(("-m", "medpanel", "run"),),
    ),
    "query": Target(
        'query the published database: make query Q="from estimate"',
        '查询已发布的数据库：make query Q="from estimate"',
        commands=(("-m", "medpanel", "query"),),
    ),
    "ui": Target(
        "serve Dagster on 127.0.0.1 (stop: Ctrl-C)",
        "在 127.0.0.1 打开 Dagster 界面（Ctrl-C 停止）",
        commands=(("-m", "medpanel", "ui"),),
    ),
    "ui-real": Target(
        "the same for data/real",
        "同上，用于 data/real",
        commands=(("-m", "medpanel", "ui", "--data", "data/real", "--sources", "catalog/inputs/real.yaml"),),
    ),
    "sample": Target(
        "write the synthetic sample files to data/raw",
        "在 data/raw 写出合成样例文件",
        commands=(("-m", "medpanel", "sample"),),
    ),
    "setup": Target("make .venv and install what running needs", "建立 .venv 并安装运行所需的包"),
    "setup-office": Target(
        "the same, and what PostgreSQL as Dagster's storage needs",
        "同上，另装以 PostgreSQL 存储 Dagster 记录所需的包",
        "office",
    ),
    "wheelhouse": Target(
        "download every package to wheelhouse/, for a machine without network",
        "把全部安装包下载到 wheelhouse/，供离线机器使用",
        "",
    ),
    "generate": Target(
        "rewrite what is generated from catalog/",
        "重新生成由 catalog/ 派生的文件",
        commands=(("-m", "medpanel", "generate"),),
    ),
    "docs": Target(
        "build the documentation in both languages into docs/_build/",
        "将中英文文档生成到 docs/_build/",
        "docs",
        (("docs/build.py",),),
    ),
    "test": Target("style, types, import rules, generated files, tests", "风格、类型、导入规则、生成文件、测试", "dev"),
    "lint": Target("the same without the tests", "同上，不含测试", "dev"),
    "extras-test": Target(
        "tests that need PostgreSQL, systemd, Java or R on this machine",
        "需要本机装有 PostgreSQL、systemd、Java 或 R 的测试",
        "dev office docs",
        (EXTRAS,),
    ),
    "fmt": Target(
        "format the code and mend what can be mended",
        "整理代码格式",
        "dev",
        (("-m", "ruff", "check", "--fix", "."), ("-m", "ruff", "format", ".")),
    ),
    "audit": Target(
        "look the pinned packages up among known vulnerabilities (asks api.osv.dev)",
        "查询已锁定的软件包是否有已知漏洞（访问 api.osv.dev）",
        commands=(("-m", "benchmarks.advisories"),),
    ),
    "requirements": Target("resolve requirements*.in again (needs uv)", "重新解析 requirements*.in（需要 uv）", ""),
    "clean": Target("remove caches; never data/ or .venv", "清除缓存；不动 data/ 与 .venv", ""),
    "coverage-study": Target(
        "interval coverage over 500 simulated panels and networks (long)",
        "在500个模拟面板与网络上检验区间覆盖率（较久）",
        commands=(
            ("benchmarks/coverage_study.py", "--panels", "500"),
            ("-m", "benchmarks.coverage_few_clusters", "--panels", "500"),
            ("-m", "benchmarks.coverage_inequality", "--samples", "1000"),
            ("-m", "benchmarks.coverage_spatial_durbin", "--panels", "500"),
            ("-m", "benchmarks.coverage_ergm", "--networks", "500", "--simulated", "200"),
        ),
    ),
    "wild-benchmark": Target(
        "time of 9,999 wild bootstrap draws, and write docs/evidence/wild_bootstrap.md",
        "测定9999次野自助抽样的用时，写入 docs/evidence/wild_bootstrap.md",
        commands=(("-m", "benchmarks.wild_bootstrap"),),
    ),
    "specification-benchmark": Target(
        "time of 1,000 specifications against pyfixest, and write docs/evidence/specification_curve.md",
        "测定1000个规格的用时并与 pyfixest 比较，写入 docs/evidence/specification_curve.md",
        commands=(("-m", "benchmarks.specification_curve"),),
    ),
    "survey-benchmark": Target(
        "time from survey respondents to edges, and write docs/evidence/survey_edges.md",
        "测定由调查个人数据到流动边的用时，写入 docs/evidence/survey_edges.md",
        commands=(("-m", "benchmarks.survey_edges"),),
    ),
    "flow-benchmark": Target(
        "100 million flows summed to pairs, against DuckDB and pandas (long, 6 GB of disk)",
        "将1亿条流量汇总为起讫对，与 DuckDB 及 pandas 比较（较久，占用6GB磁盘）",
        commands=(("-m", "benchmarks.flow_aggregation"),),
    ),
    "soak": Target(
        "50 runs killed at random moments while others read (long)",
        "随机中止50次运行并同时读取（较久）",
        commands=(("-m", "benchmarks.soak"),),
    ),
    "offline": Target(
        "the sample, the real files and the UI without any network; writes docs/evidence/offline.md (Linux)",
        "在无网络环境中运行样例、真实文件与界面；写出 docs/evidence/offline.md（Linux）",
        commands=(("-m", "benchmarks.offline"),),
    ),
    "fuzz": Target(
        "2,000 spoilt files: the same figures or a refusal; writes docs/evidence/fuzz.md",
        "2000次文件变异：数值不变或明确拒绝；写出 docs/evidence/fuzz.md",
        "dev",
        (("-m", "benchmarks.fuzz_campaign"),),
    ),
}


# Where a further group of `make help` begins, and what it is called; the first is for whoever uses the project.
GROUPS = {
    "help": "To use it / 使用",
    "generate": "To develop it / 开发",
    "coverage-study": "Long studies and benchmarks / 耗时的检验与测速",
}


def venv_python(venv: Path) -> Path:
    """The interpreter of an environment, on Windows or elsewhere."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment() -> dict[str, str]:
    """The environment every child runs in."""
    return {**os.environ, **SWITCHES, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run(command: list[str]) -> int:
    """Run a command in the project folder until it ends; Ctrl-C and termination are passed on to it."""
    child = subprocess.Popen(command, cwd=PROJECT, env=environment())
    previous = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # the child received it too and is closing down
    finally:
        signal.signal(signal.SIGTERM, previous)


def digest() -> str:
    """What an installation depends on: the requirements files, the project's metadata, its folder."""
    total = hashlib.sha256(str(PROJECT).encode())
    for name in (*REQUIREMENTS.values(), "pyproject.toml"):
        total.update((PROJECT / name).read_bytes())
    return total.hexdigest()


def pip_options() -> list[str]:
    """Options that decide where packages come from; without a wheelhouse, pip's own configuration decides."""
    wheelhouse = PROJECT / "wheelhouse"
    return ["--no-index", "--find-links", str(wheelhouse)] if wheelhouse.is_dir() else []


def make_venv() -> Path:
    """Make .venv when it is missing or its interpreter is gone; return its interpreter."""
    venv = PROJECT / ".venv"
    python = venv_python(venv)
    if python.exists():
        return python
    say(f"making .venv with Python {sys.version.split()[0]} / 正在建立 .venv")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=False, text=True)
    if made.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        sys.exit(
            "this Python cannot make environments; on Debian and Ubuntu install python3.11-venv.\n"
            "此 Python 无法建立虚拟环境；Debian、Ubuntu 请安装软件包 python3.11-venv。"
        )
    return python


def setup(wanted: str) -> Path:
    """Bring .venv up to the requirements sets `wanted`, names of REQUIREMENTS; does nothing when it already is."""
    stamp = PROJECT / ".venv" / "medpanel-installed"
    state = digest()
    done = stamp.read_text(encoding="utf-8").split() if stamp.exists() else []
    python = make_venv()
    # Every set contains the first.
    if state in done and set(wanted.split()) - {"runtime"} <= set(done):
        return python
    began = time.monotonic()
    # A half-finished installation must not look finished, and what is already installed stays installed.
    stamp.unlink(missing_ok=True)
    sets = [name for name in REQUIREMENTS if name in (*wanted.split(), *done)]
    if len(sets) > 1 and "runtime" in sets:
        sets.remove("runtime")
    for name in sets:
        install(python, PROJECT / REQUIREMENTS[name])
    pip([str(python), "-m", "pip", "install", "--no-deps", "--no-build-isolation", "-e", str(PROJECT)], 1)
    pip([str(python), "-m", "pip", "check"], 0)
    # On all cores, where pip would take one; some packages carry templates that are no Python, which is no fault.
    run([str(python), "-m", "compileall", "-qq", "-j", "0", str(PROJECT / ".venv")])
    stamp.write_text(" ".join([state, *sets]) + "\n", encoding="utf-8")
    say(f"installed in {time.monotonic() - began:.0f} s / 安装完成")
    return python


def install(python: Path, requirements: Path) -> None:
    """Install a requirements file, pip itself first."""
    total = count_of(requirements)
    source = "wheelhouse/" if pip_options() else "the package index / 软件包索引"
    say(f"installing {total} packages from {source}; the first time takes a few minutes / 首次安装需要几分钟")
    bring_pip(python, requirements)
    # The file is complete, which `pip check` proves; pip's resolver trips over extras in hashed files.
    command = [str(python), "-m", "pip", "install", *pip_options(), "--only-binary", ":all:", "--no-compile"]
    pip([*command, "--no-deps", "--require-hashes", "-r", str(requirements)], total)


def count_of(requirements: Path) -> int:
    """How many packages a requirements file pins."""
    return len(re.findall(r"^[\w.-]+==", requirements.read_text(encoding="utf-8"), re.MULTILINE))


def bring_pip(python: Path, requirements: Path) -> None:
    """Put the pip that is pinned in place of the one Python brought, before it installs anything else."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "pip.txt"
        alone.write_text(pinned("pip", requirements), encoding="utf-8")
        install = [str(python), "-m", "pip", "install", *pip_options(), "--only-binary", ":all:", "--no-deps"]
        pip([*install, "--require-hashes", "-r", str(alone)], 1)


def pinned(name: str, requirements: Path) -> str:
    """The lines of one package in a requirements file, with its hashes."""
    found = re.search(rf"^{name}==(?:.*\\\n)*.*$", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        sys.exit(f"{requirements.name} does not pin {name} / {requirements.name} 未锁定 {name}")
    return found.group() + "\n"


def pip(command: list[str], total: int) -> None:
    """Run pip with one running line in place of its pages of output; on failure show their end and stop."""
    env = {**environment(), "PYTHONUNBUFFERED": "1", "PIP_PROGRESS_BAR": "off"}
    child = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert child.stdout is not None
    tail: deque[str] = deque(maxlen=30)
    stage = ["starting / 开始"]
    ended = threading.Event()
    ticker = threading.Thread(target=show_progress, args=(stage, ended))
    ticker.start()
    count = 0
    try:
        for line in child.stdout:
            tail.append(line.rstrip())
            found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
            if found:
                count += 1
                stage[0] = f"downloading / 下载 {count}/{total} {found.group(1)}"
            elif line.startswith("Installing collected packages"):
                stage[0] = "unpacking / 解包"
        code = child.wait()
    finally:
        ended.set()
        ticker.join()
    if code:
        say("\n".join(tail))
        sys.exit(
            "pip failed (its last lines are above). Behind a firewall name your mirror in PIP_INDEX_URL, "
            "or bring a wheelhouse/ folder: see README.md.\n"
            "pip 失败（最后几行见上）。若有防火墙，请用 PIP_INDEX_URL 指定镜像，"
            "或带来 wheelhouse/ 文件夹：见 README.zh.md。"
        )


def show_progress(stage: list[str], ended: threading.Event) -> None:
    """Until `ended`: on a terminal rewrite one line every second, in a log add one every ten."""
    began = time.monotonic()
    live = sys.stdout.isatty()
    while not ended.wait(1 if live else 10):
        text = f"  {time.monotonic() - began:4.0f} s  {stage[0]}"
        say(f"\r{text[:70]:<70}" if live else text, end="" if live else "\n")
    if live:
        say(f"\r{'':<74}\r", end="")


def check_all(python: Path, commands: tuple[tuple[str, ...], ...], extra: list[str]) -> int:
    """Run every command, also after one failed; list the outcomes at the end. Returns 1 when any failed."""
    outcomes = []
    with tempfile.TemporaryFile() as output:
        beside = [begin([str(python), *command], output) for command in commands if command == BESIDE]
        for command in (command for command in commands if command != BESIDE):
            say(f"\n== {title(command)}")
            began = time.monotonic()
            code = run([str(python), *command, *(extra if command[1] == "pytest" else [])])
            outcomes.append((command, code, f"{time.monotonic() - began:.0f} s"))
        for child in beside:
            say(f"\n== {title(BESIDE)}")
            outcomes.append((BESIDE, child.wait(), "beside the others"))
            output.seek(0)
            say(output.read().decode("utf-8", "replace"))
    say("")
    for command, code, took in outcomes:
        say(f"{'ok    ' if code == 0 else 'FAILED'}  {title(command)}  ({took})")
    return int(any(code for _, code, _ in outcomes))


def begin(command: list[str], output: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start a command in the project folder; what it prints goes to a file."""
    return subprocess.Popen(command, cwd=PROJECT, env=environment(), stdout=output, stderr=output)


def title(command: tuple[str, ...]) -> str:
    """What a check is called."""
    return "import rules" if command[0] == "-c" else " ".join(command).removeprefix("-m ")


def wheelhouse() -> int:
    """Download the files of every requirements set, for machines of this system and Python version."""
    folder = PROJECT / "wheelhouse"
    command = [
        str(make_venv()),
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    for name in REQUIREMENTS.values():
        # The folder filled so far is looked into first, so that no set loads again what another has.
        pip([*command, "-r", name, "-d", str(folder)], count_of(PROJECT / name))
    say(f"{len(list(folder.glob('*.whl')))} packages in {folder} / 安装包已在此文件夹")
    return 0


def resolve() -> int:
    """Resolve requirements*.in again; versions that still satisfy them are kept."""
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("`make requirements` needs uv on the PATH. / `make requirements` 需要先安装 uv。")
    options = ["--generate-hashes", "--universal", "--python-version", "3.11"]
    options += ["--no-emit-index-url", "--no-header", "-q"]
    for name in REQUIREMENTS.values():
        code = run([uv, "pip", "compile", str(Path(name).with_suffix(".in")), "-o", name, *options])
        if code:
            return code
    return 0


def clean() -> int:
    """Remove caches and build leftovers inside the project."""
    found = [PROJECT / name for name in LEFTOVERS]
    found += [
        PROJECT / "dbt" / "target",
        PROJECT / "dbt" / "logs",
        PROJECT / "docs" / "_build",
        *PROJECT.glob("*.egg-info"),
    ]
    for top in PROJECT.iterdir():
        if top.is_dir() and top.name not in (".venv", ".git", "data"):
            found += [*top.rglob("__pycache__"), *([top] if top.name == "__pycache__" else [])]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def show_help() -> int:
    """One line per target, in both languages, those of users first."""
    say("make TARGET, or on Windows: py bootstrap.py TARGET / Windows 用法：py bootstrap.py TARGET")
    for name, target in TARGETS.items():
        if name in GROUPS:
            say(f"\n{GROUPS[name]}")
        say(f"  {name:<15} {target.en} | {target.zh}")
    return 0


def say(text: str, end: str = "\n") -> None:
    """Print at once; a console that lacks a character shows a question mark instead of stopping."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), end=end, flush=True)


def main(arguments: list[str]) -> int:
    """Run the target named first; whatever follows is passed on to its last command."""
    name, extra = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name not in TARGETS:
        show_help()
        say(f"\nno target {name!r} / 没有目标 {name!r}")
        return 2
    own = {"help": show_help, "wheelhouse": wheelhouse, "requirements": resolve, "clean": clean}
    if name in own:
        return own[name]()
    target = TARGETS[name]
    python = setup(target.installs)
    if name in ("test", "lint"):
        return check_all(python, CHECKS + ((TESTS,) if name == "test" else ()), extra)
    for position, command in enumerate(target.commands):
        more = extra if position == len(target.commands) - 1 else []
        code = run([str(python), *command, *more])
        if code:
            return code
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
