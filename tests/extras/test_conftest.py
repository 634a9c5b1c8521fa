"""What is said of programs this machine lacks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def extras() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extras_conftest", Path(__file__).with_name("conftest.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_an_absent_program_fails_and_says_what_to_install(extras: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.EXTRAS, "java", extras.Extra(("no-such-program",), "default-jre-headless"))
    monkeypatch.setenv(extras.WITHOUT, "r")
    with pytest.raises(pytest.fail.Exception, match=r"no-such-program.*apt-get install default-jre.*请安装"):
        extras.needed("java")


def test_one_the_machine_is_not_to_have_is_left_out_with_the_reason(
    extras: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(extras.EXTRAS, "java", extras.Extra(("no-such-program",), "default-jre-headless"))
    monkeypatch.setenv(extras.WITHOUT, "r java")
    with pytest.raises(pytest.skip.Exception, match="names java"):
        extras.needed("java")


def test_one_that_is_there_is_found_with_its_folder(extras: ModuleType) -> None:
    assert extras.found("network_namespace") is None or (extras.found("network_namespace") / "unshare").exists()
