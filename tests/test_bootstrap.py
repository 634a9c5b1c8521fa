"""bootstrap.py: what it installs when, what it passes on, what it says when it cannot go on."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

SOURCE = bootstrap.PROJECT / "bootstrap.py"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PINNED = (
    "alpha==1.0\npip==9.9 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r requirements.in\nzeta==1\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with an interpreter in .venv, so that nothing is really installed."""
    for name in (*bootstrap.REQUIREMENTS.values(), "pyproject.toml"):
        (tmp_path / name).write_text(PINNED, encoding="utf-8")
    python = bootstrap.venv_python(tmp_path / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    return tmp_path


@pytest.fixture
def pip_calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands given to pip, which is not run."""
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "pip", lambda command, total: calls.append(command))
    monkeypatch.setattr(bootstrap, "run", lambda command: 0)
    return calls


def requirements_installed(calls: list[list[str]]) -> list[str]:
    """Names of the requirements files given to `pip install -r`, after that of pip itself."""
    files = [Path(call[call.index("-r") + 1]).name for call in calls if "-r" in call]
    assert files[:1] == ["pip.txt"][: len(files)]
    return files[1:]


def test_an_old_interpreter_can_parse_it() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_interpreter_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(SOURCE), run_name="__main__")
    message = str(stopped.value)
    assert "3.11" in message and "PYTHON=python3.11" in message and CHINESE.search(message)


def test_it_needs_the_standard_library_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names


def test_help_names_every_target_in_both_languages() -> None:
    shown = subprocess.run(
        [sys.executable, str(SOURCE), "help"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    ).stdout.decode()
    lines = {line.split()[0]: line for line in shown.splitlines() if line.startswith("  ")}
    assert list(lines) == list(bootstrap.TARGETS)
    users, developers = shown.index(bootstrap.GROUPS["help"]), shown.index(bootstrap.GROUPS["generate"])
    assert users < shown.index("  demo ") < shown.index("  query ") < developers < shown.index("  test ")
    for name, line in lines.items():
        target = bootstrap.TARGETS[name]
        assert target.en in line and target.zh in line and CHINESE.search(target.zh)


def test_an_unknown_target_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["dmeo"]) == 2
    assert "no target 'dmeo'" in capsys.readouterr().out


def test_a_second_setup_installs_nothing(project: Path, pip_calls: list[list[str]]) -> None:
    bootstrap.setup("runtime")
    assert requirements_installed(pip_calls) == ["requirements.txt"]
    assert pip_calls[-1][-1] == "check"
    pip_calls.clear()
    bootstrap.setup("runtime")
    assert pip_calls == []


def test_the_development_set_serves_running_too_and_not_the_other_way(
    project: Path, pip_calls: list[list[str]]
) -> None:
    bootstrap.setup("runtime")
    pip_calls.clear()
    bootstrap.setup("dev")
    assert requirements_installed(pip_calls) == ["requirements-dev.txt"]
    pip_calls.clear()
    bootstrap.setup("runtime")
    assert pip_calls == []


def test_several_sets_are_installed_one_after_the_other_and_stay(project: Path, pip_calls: list[list[str]]) -> None:
    bootstrap.setup("dev office")
    given = [Path(call[call.index("-r") + 1]).name for call in pip_calls if "-r" in call]
    assert given == ["pip.txt", "requirements-dev.txt", "pip.txt", "requirements-office.txt"]
    for wanted in ("runtime", "dev", "office", "office dev"):
        pip_calls.clear()
        bootstrap.setup(wanted)
        assert pip_calls == []


def test_a_set_that_is_added_keeps_those_before(project: Path, pip_calls: list[list[str]]) -> None:
    bootstrap.setup("office")
    bootstrap.setup("dev")
    pip_calls.clear()
    bootstrap.setup("dev office")
    assert pip_calls == []


def test_the_wheelhouse_holds_every_set(project: Path, pip_calls: list[list[str]]) -> None:
    assert bootstrap.main(["wheelhouse"]) == 0
    assert [call[call.index("-r") + 1] for call in pip_calls] == list(bootstrap.REQUIREMENTS.values())
    assert {call[call.index("-d") + 1] for call in pip_calls} == {str(project / "wheelhouse")}
    assert all("--require-hashes" in call for call in pip_calls)


def test_a_further_set_joins_those_that_are_there(project: Path, pip_calls: list[list[str]]) -> None:
    bootstrap.setup("dev")
    pip_calls.clear()
    bootstrap.setup("docs")
    installed = [name for name in requirements_installed(pip_calls) if name != "pip.txt"]
    assert installed == ["requirements-dev.txt", "requirements-docs.txt"]
    pip_calls.clear()
    for name in ("docs", "dev", "runtime"):
        bootstrap.setup(name)
    assert pip_calls == []


@pytest.mark.parametrize("name", [*bootstrap.REQUIREMENTS.values(), "pyproject.toml"])
def test_a_changed_file_installs_again_what_was_there(project: Path, pip_calls: list[list[str]], name: str) -> None:
    bootstrap.setup("dev")
    pip_calls.clear()
    (project / name).write_text(PINNED.replace("alpha==1.0", "alpha==1.1"), encoding="utf-8")
    bootstrap.setup("runtime")
    assert requirements_installed(pip_calls) == ["requirements-dev.txt"]


def test_a_failed_installation_does_not_look_finished(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[str], total: int) -> None:
        sys.exit("pip failed")

    monkeypatch.setattr(bootstrap, "pip", fail)
    monkeypatch.setattr(bootstrap, "run", lambda command: 0)
    with pytest.raises(SystemExit):
        bootstrap.setup("runtime")
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "pip", lambda command, total: calls.append(command))
    bootstrap.setup("runtime")
    assert requirements_installed(calls) == ["requirements.txt"]


def test_a_wheelhouse_replaces_the_network(project: Path, pip_calls: list[list[str]]) -> None:
    (project / "wheelhouse").mkdir()
    bootstrap.setup("runtime")
    assert "--no-index" in pip_calls[0] and str(project / "wheelhouse") in pip_calls[0]


def test_without_a_wheelhouse_pips_own_configuration_decides(project: Path, pip_calls: list[list[str]]) -> None:
    bootstrap.setup("runtime")
    assert not {"--no-index", "--find-links", "-f", "-i"} & set(pip_calls[0])


def test_the_pip_that_is_pinned_comes_first_and_by_its_hashes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def pip(command: list[str], total: int) -> None:
        if "-r" in command:
            assert {"--require-hashes", "--no-deps"} <= set(command)
            given.append(Path(command[command.index("-r") + 1]).read_text(encoding="utf-8"))

    monkeypatch.setattr(bootstrap, "pip", pip)
    monkeypatch.setattr(bootstrap, "run", lambda command: 0)
    bootstrap.setup("runtime")
    assert given == ["pip==9.9 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n", PINNED]


def test_requirements_without_pip_stop_with_the_reason(project: Path, pip_calls: list[list[str]]) -> None:
    (project / "requirements.txt").write_text("alpha==1.0\npipx==1\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"does not pin pip.*未锁定"):
        bootstrap.setup("runtime")


@pytest.mark.parametrize("name", bootstrap.REQUIREMENTS.values())
def test_the_pip_of_the_project_is_no_older_than_the_project(name: str) -> None:
    lines = bootstrap.pinned("pip", bootstrap.PROJECT / name).splitlines()
    version = lines[0].split()[0].removeprefix("pip==")
    assert tuple(map(int, version.split("."))) >= (26, 3)
    assert len(lines) >= 2 and all("--hash=sha256:" in line for line in lines[1:])


def test_a_venv_that_cannot_be_made_stops_with_the_remedy(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.venv_python(project / ".venv").unlink()
    monkeypatch.setattr(sys, "executable", "/bin/false" if os.name != "nt" else "where.exe")
    with pytest.raises(SystemExit, match=r"python3\.11-venv"):
        bootstrap.make_venv()
    assert not (project / ".venv").exists()


def test_pips_failure_shows_its_last_lines_and_stops(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('no matching distribution'); raise SystemExit(1)"
    with pytest.raises(SystemExit, match="PIP_INDEX_URL"):
        bootstrap.pip([sys.executable, "-c", script], 1)
    assert "no matching distribution" in capsys.readouterr().out


def test_pips_pages_of_output_are_not_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.pip([sys.executable, "-c", "print('Collecting alpha==1.0')"], 1)
    assert "Collecting" not in capsys.readouterr().out


def test_children_report_no_usage(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = {
        "DO_NOT_TRACK": "1",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONUTF8": "1",
    }
    for name in expected:
        monkeypatch.delenv(name, raising=False)  # conftest.py sets them for the tests themselves
    script = f"import os; print(*[os.environ[name] for name in {list(expected)!r}])"
    assert bootstrap.run([sys.executable, "-c", script]) == 0
    assert capfd.readouterr().out.split() == list(expected.values())


def test_all_checks_run_and_every_failure_is_reported(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    commands = (
        ("-c", "raise SystemExit(3)"),
        ("-c", "print('the second ran')"),
        ("-c", "raise SystemExit(1)"),
    )
    assert bootstrap.check_all(Path(sys.executable), commands, []) == 1
    out = capfd.readouterr().out
    assert "the second ran" in out and out.count("FAILED") == 2


@pytest.mark.parametrize(("begun", "code"), [("print('types')", 0), ("raise SystemExit('types')", 1)])
def test_the_long_check_runs_beside_the_others_and_its_output_is_shown(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], begun: str, code: int
) -> None:
    monkeypatch.setattr(bootstrap, "BESIDE", ("-c", begun))
    assert bootstrap.check_all(Path(sys.executable), (("-c", begun), ("-c", "print('first')")), []) == code
    out = capfd.readouterr().out
    assert out.index("first") < out.index("types")
    assert out.count("FAILED") == code


def test_checks_that_all_pass_end_well(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.check_all(Path(sys.executable), (("-c", "pass"),), []) == 0
    assert "FAILED" not in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["demo"], [["-m", "medpanel", "demo"]]),
        (["demo", "--seed", "7"], [["-m", "medpanel", "demo", "--seed", "7"]]),
        (
            ["ui-real"],
            [["-m", "medpanel", "ui", "--data", "data/real", "--sources", "catalog/inputs/real.yaml"]],
        ),
        (["wild-benchmark"], [["-m", "benchmarks.wild_bootstrap"]]),
        (
            ["coverage-study"],
            [
                ["benchmarks/coverage_study.py", "--panels", "500"],
                ["-m", "benchmarks.coverage_few_clusters", "--panels", "500"],
                ["-m", "benchmarks.coverage_inequality", "--samples", "1000"],
                ["-m", "benchmarks.coverage_spatial_durbin", "--panels", "500"],
                ["-m", "benchmarks.coverage_ergm", "--networks", "500", "--simulated", "200"],
            ],
        ),
        (["specification-benchmark"], [["-m", "benchmarks.specification_curve"]]),
        (["survey-benchmark"], [["-m", "benchmarks.survey_edges"]]),
        (["flow-benchmark"], [["-m", "benchmarks.flow_aggregation"]]),
        (["audit"], [["-m", "benchmarks.advisories"]]),
        (["soak"], [["-m", "benchmarks.soak"]]),
        (["offline"], [["-m", "benchmarks.offline"]]),
        (["fuzz"], [["-m", "benchmarks.fuzz_campaign"]]),
        (["extras-test", "-k", "r"], [["-m", "pytest", "tests/extras", "-k", "r"]]),
        (["fmt"], [["-m", "ruff", "check", "--fix", "."], ["-m", "ruff", "format", "."]]),
    ],
)
def test_a_target_runs_its_commands(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: list[list[str]]
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "setup", lambda wanted: Path("python"))
    monkeypatch.setattr(bootstrap, "run", lambda command: ran.append(command[1:]) or 0)
    assert bootstrap.main(arguments) == 0
    assert ran == expected


def test_the_test_target_ends_with_pytest_and_fails_when_a_check_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> int:
        ran.append(command)
        return int("importlinter" in command[-1])

    begun: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "setup", lambda wanted: Path("python"))
    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(
        bootstrap, "begin", lambda command, output: begun.append(command) or bootstrap.subprocess.Popen(["true"])
    )
    assert bootstrap.main(["test", "-k", "names"]) == 1
    assert [command[1:] for command in begun] == [[*bootstrap.BESIDE]]
    assert len(ran) == len(bootstrap.CHECKS)
    assert ran[-1][1:] == [*bootstrap.TESTS, "-k", "names"]
    assert ran[0][1:] == ["-m", "ruff", "check", "."]


def test_a_failing_command_ends_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "setup", lambda wanted: Path("python"))
    monkeypatch.setattr(bootstrap, "run", lambda command: ran.append(command) or 4)
    assert bootstrap.main(["fmt"]) == 4
    assert len(ran) == 1


def test_clean_leaves_data_and_the_environment(project: Path) -> None:
    kept = [project / "data" / "__pycache__", project / ".venv" / "__pycache__"]
    removed = [project / ".mypy_cache", project / "dbt" / "target", project / "catalog" / "__pycache__"]
    for folder in kept + removed:
        folder.mkdir(parents=True)
    bootstrap.clean()
    assert [folder.exists() for folder in kept + removed] == [True, True, False, False, False]


def test_a_console_without_chinese_does_not_stop_it() -> None:
    shown = subprocess.run(
        [sys.executable, str(SOURCE)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    ).stdout
    assert b"demo" in shown and b"?" in shown
