"""The house keeps its order: imports, dependencies, sizes, public names."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import backlit

HERE = Path(__file__).parent.parent
SOURCE = HERE / "src" / "backlit"
FILES = sorted(SOURCE.rglob("*.py"))
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Data flows down this list, and imports point only upwards in it. "backlit" is the package itself.
ROOMS = (
    "errors", "_player", "files", "ir", "ops", "passes", "derivatives", "check", "optim", "show",
    "lower", "train", "nn", "data", "prove", "estimators", "tables", "models", "onnx", "backlit",
    "tour", "cli", "__main__",
)  # fmt: skip
LONGEST = 310  # lines of a file: "about 300"
DEEP_LEARNING = {
    "autograd", "chainer", "dm-haiku", "equinox", "flax", "jax", "jaxlib", "keras", "mlx", "mxnet",
    "mygrad", "paddlepaddle", "pytensor", "pytorch-lightning", "tensorflow", "theano", "tinygrad",
    "torch",
}  # fmt: skip
IMPORTED_AS = {"scikit-learn": "sklearn"}
COMES_ALONG = {"threadpoolctl"}  # with scikit-learn; asked for politely


def room_of(module: str) -> str:
    """``backlit.ir.graph`` → ``ir``; a name that is no room belongs to the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "backlit"


def module_of(file: Path) -> str:
    """``src/backlit/ir/graph.py`` → ``backlit.ir.graph``."""
    return ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)


def imports(module: str, source: str) -> list[str]:
    """The full names of all that a module imports, wherever in it that stands."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            path = [*base, node.module] if node.module else base
            found += [".".join([*path, alias.name]) for alias in node.names]
    return found


def wrong_imports(module: str, source: str) -> list[str]:
    """The imports of a module that point down the list of rooms."""
    place = ROOMS.index(room_of(module))
    own = [name for name in imports(module, source) if name.split(".")[0] == "backlit"]
    return [name for name in own if ROOMS.index(room_of(name)) > place]


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_upwards(file):
    assert not wrong_imports(module_of(file), file.read_text(encoding="utf-8"))


def test_every_room_has_its_place():
    here = {p.stem for p in SOURCE.iterdir() if p.suffix == ".py" or list(p.glob("*.py"))}
    assert here - {"__init__"} <= set(ROOMS), "name the new room's place in ROOMS"


@pytest.mark.parametrize(
    ("module", "line", "wrong"),
    [
        ("backlit.ir.graph", "from ..show import derive", ["backlit.show.derive"]),
        ("backlit.ir.__init__", "from ..show import derive", ["backlit.show.derive"]),
        ("backlit.ir.graph", "from .. import cli", ["backlit.cli"]),
        ("backlit.ir.graph", "from .. import __version__", ["backlit.__version__"]),
        ("backlit.derivatives", "from .train import fit", ["backlit.train.fit"]),
        ("backlit.__init__", "from .cli import main", ["backlit.cli.main"]),
        ("backlit.train.fit", "import backlit.cli.descend", ["backlit.cli.descend"]),
        ("backlit.train.fit", "def f():\n    from ..nn import mse", ["backlit.nn.mse"]),
        ("backlit.show.story", "if X:\n    from ..train import Fit", ["backlit.train.Fit"]),
        ("backlit.ir.build", "from .graph import Var\nimport numpy, cli", []),
        ("backlit.nn.losses", "from ..ops.activation import sigmoid", []),
        ("backlit.cli.doctor", "from .. import __version__, nn", []),
    ],
)
def test_a_planted_import_is_seen(module, line, wrong):
    assert wrong_imports(module, line) == wrong


def test_no_star_imports():
    texts = {file.name: file.read_text(encoding="utf-8") for file in FILES}
    assert not [n for n, text in texts.items() if re.search(r"^\s*from .* import \*", text, re.M)]


def declared() -> dict[str, set[str]]:
    """Extra (or "") → the names of the packages it asks for."""
    groups = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    return {
        extra: {re.match(r"[\w.-]+", requirement)[0] for requirement in requirements}
        for extra, requirements in groups.items()
    }


def test_no_deep_learning_library_among_the_dependencies():
    assert not set.union(*declared().values()) & DEEP_LEARNING
    installed = importlib.metadata.requires("backlit")
    assert installed
    assert not {re.match(r"[\w.-]+", r)[0] for r in installed} & DEEP_LEARNING


def test_nothing_is_imported_that_is_not_declared():
    known = {IMPORTED_AS.get(n, n) for e, names in declared().items() if e != "dev" for n in names}
    used = {
        name.split(".")[0]
        for file in FILES
        for name in imports(module_of(file), file.read_text(encoding="utf-8"))
    }
    assert used - set(sys.stdlib_module_names) <= known | COMES_ALONG | {"backlit"}


def test_the_extra_all_brings_every_extra():
    (everything,) = PROJECT["optional-dependencies"]["all"]
    named = set(re.search(r"\[(.+)\]", everything)[1].split(","))
    assert named == set(PROJECT["optional-dependencies"]) - {"all", "dev"}


def test_no_file_is_long():
    every = [f for room in ("src", "tests", "examples") for f in (HERE / room).rglob("*.py")]
    long = {f.name: n for f in every if (n := len(f.read_text("utf-8").splitlines())) > LONGEST}
    assert not long


def test_importing_backlit_imports_numpy_only():
    code = "import sys, backlit; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    optional = {IMPORTED_AS.get(n, n) for names in declared().values() for n in names}
    assert "numpy" in loaded
    assert not loaded & (optional | {"pandas", "scipy", "torch", "hypothesis"}) - {
        "numpy",
        "backlit",
    }


def test_public_names_are_explicit():
    assert len(set(backlit.__all__)) == len(backlit.__all__)
    public = {name for name, value in vars(backlit).items() if not name.startswith("_")}
    modules = {p.stem for p in SOURCE.iterdir()}
    assert public - set(backlit.__all__) <= modules
    for name in backlit.__all__:
        assert getattr(backlit, name).__doc__, f"{name} has no docstring"
