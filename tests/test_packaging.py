"""The package holds all that it needs, with a C++ compiler and without one."""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import backlit

HERE = Path(__file__).parent.parent
SOURCE = HERE / "src"
COMPILER = shutil.which(os.environ.get("CXX", "c++"))
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler")
PLATLIB = sysconfig.get_path("platlib")


def written(folder: Path) -> set[str]:
    """The files of a folder that are not made by running things in it."""
    files = (f.relative_to(folder) for f in folder.rglob("*") if f.is_file())
    return {f.as_posix() for f in files if "__pycache__" not in f.parts}


@needs_compiler
def test_the_player_is_the_one_that_was_built_here():
    spec = importlib.util.find_spec("backlit._player")
    assert spec, "the player was not built: make setup"
    assert Path(spec.origin).is_relative_to(PLATLIB)


@needs_compiler
def test_the_player_shows_python_its_entry_only():
    module = importlib.util.find_spec("backlit._player").origin
    command = ["nm", "--dynamic", "--defined-only", module]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[2] for line in lines if line.split()[1] == "T"] == ["PyInit__player"]


@needs_compiler
def test_editors_are_told_all_that_the_player_has():
    player = importlib.import_module("backlit._player")
    stub = Path(player.__file__).with_name("_player.pyi").read_text(encoding="utf-8")
    public = {name for name in dir(player) if not name.startswith("_")}
    assert public
    assert not {name for name in public if name not in stub}


@needs_compiler
def test_no_function_is_shared_by_instruction_sets():
    """Of equal functions the linker keeps one, for AVX-512 perhaps, that not every CPU can run."""
    objects = list(HERE.glob("build/player/CMakeFiles/*.dir/csrc/variant.cpp.o"))
    assert objects, "the player was not built: make setup"
    for file in objects:
        command = ["nm", "--demangle", "--defined-only", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert not [line for line in done.stdout.splitlines() if line.split()[1] == "W"], file


def test_uv_builds_again_when_the_player_changes():
    settings = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    keys = settings["tool"]["uv"]["cache-keys"]
    watched = {file for key in keys for file in HERE.glob(key["file"])}
    assert watched >= {
        HERE / "pyproject.toml",
        HERE / "CMakeLists.txt",
        *(HERE / "csrc").iterdir(),
        *(SOURCE / "backlit" / "ops").glob("*.py"),
        SOURCE / "backlit" / "lower" / "compound.py",
    }


def build(kind: str, project: Path, out: Path, settings: object = None, **env: str) -> Path:
    """Build an sdist or a wheel as pip does."""
    code = f"from scikit_build_core.build import *; build_{kind}({str(out)!r}, {settings!r})"
    subprocess.run([sys.executable, "-c", code], cwd=project, env=os.environ | env, check=True)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The project as someone gets it who downloads its sources."""
    pytest.importorskip("scikit_build_core")
    file = build("sdist", HERE, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("sources")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    (project,) = folder.iterdir()
    return project


def test_the_sdist_holds_all_that_is_built_from(sdist):
    assert written(sdist / "src") == written(SOURCE)
    assert written(sdist / "csrc") == written(HERE / "csrc")
    assert (sdist / "CMakeLists.txt").is_file()


def run_from(wheel: Path, folder: Path, code: str) -> str:
    """What code prints that sees the wheel, unpacked, and not the backlit installed here."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    code = f"import sys; sys.path[:0] = {[str(folder), PLATLIB]}; {code}"
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout


def test_without_a_compiler_the_wheel_has_all_but_the_player(sdist, tmp_path):
    wheel = build("wheel", sdist, tmp_path / "wheel", CXX="/nonexistent")
    code = "import backlit as b; print(b.__file__, b.__version__)"
    seen = run_from(wheel, tmp_path / "site", code).split()
    assert seen == [str(tmp_path / "site" / "backlit" / "__init__.py"), backlit.__version__]
    assert written(tmp_path / "site" / "backlit") == written(SOURCE / "backlit")


@needs_compiler
@pytest.mark.slow
def test_with_a_compiler_the_wheel_has_the_player_too(sdist, tmp_path):
    quick = {"cmake.build-type": "Debug"}
    wheel = build("wheel", sdist, tmp_path / "wheel", quick)
    seen = run_from(
        wheel, tmp_path / "site", "from backlit import _player; print(_player.__file__)"
    )
    module = Path(seen.strip())
    assert module.parent == tmp_path / "site" / "backlit"
    added = written(tmp_path / "site" / "backlit") - written(SOURCE / "backlit")
    assert added == {module.name, "_player.pyi"}
