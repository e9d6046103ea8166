"""Tools of the build that come first in PATH but belong to another compiler are not taken."""

import os
import re
import subprocess

import pytest
from conftest import ROOT


@pytest.fixture
def other_tools(tmp_path):
    """An environment in which other versions of the compiler's tools come first, and do nothing but fail."""
    for name in ("clang", "clang++", "docc", "lld", "ld.lld", "llvm-nm", "swiftc"):
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\necho 'the wrong {name} was run' >&2\nexit 9\n")
        tool.chmod(0o755)
    return os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}


def toolchain(environment, *tools):
    return subprocess.run([ROOT / ".ci" / "toolchain", *tools], env=environment, capture_output=True, text=True, timeout=60)


def test_compiler_is_the_one_beside_swift(other_tools):
    found = toolchain(other_tools, "clang", "swiftc")
    assert found.returncode == 0, found.stderr
    for tool in found.stdout.split():
        version = subprocess.run([tool, "--version"], env=other_tools, capture_output=True, text=True, timeout=60)
        assert version.returncode == 0 and "wrong" not in version.stderr
    missing = toolchain(other_tools, "no-such-tool")
    assert missing.returncode == 1 and "no-such-tool" in missing.stderr


def test_missing_swift_is_named(tmp_path):
    """A PATH with the system's tools and no Swift."""
    for name in ("sh", "dirname", "sed", "head", "realpath"):
        path = next(f"{folder}/{name}" for folder in ("/bin", "/usr/bin") if os.path.exists(f"{folder}/{name}"))
        (tmp_path / name).symlink_to(path)
    found = toolchain({"PATH": str(tmp_path)}, "clang")
    assert found.returncode == 1 and "Swift 6.1 or newer, which is not installed" in found.stderr


def test_benchmark_compiles_the_kernels(other_tools):
    """As the package compiles them, which other compilers cannot."""
    code = "import kernels; print(kernels.Ours().lib.sg_threads())"
    benchmarks = ROOT / "Tests" / "Benchmarks"
    python = subprocess.run([ROOT / ".ci" / "test-python"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()
    result = subprocess.run(
        [python if python.startswith("/") or "/" not in python else ROOT / python, "-c", code],
        cwd=benchmarks, env=other_tools, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) >= 1


def test_no_script_takes_a_compiler_from_path():
    scripts = [*(ROOT / ".ci").iterdir(), *(ROOT / "Tests").glob("*/*.sh"), *(ROOT / "Tests").glob("*/*.py"), ROOT / "Makefile"]
    for script in scripts:
        if script.name == "test_tools.py" or not script.is_file():
            continue
        for line in script.read_text().splitlines():
            assert not re.search(r'^\s*(clang|docc|swiftc|lld|llvm-\w+)\s+-|\["(clang|docc|swiftc|llvm-\w+)"', line), (script, line)
