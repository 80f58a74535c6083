"""Nothing in a file is ever run: what could do that is not in the code that reads files."""

import ast
from pathlib import Path

import pytest

import backlit

SOURCE = Path(backlit.__file__).parent
READERS = [
    SOURCE / "models.py",
    *(path for room in ("files", "tables", "estimators") for path in (SOURCE / room).glob("*.py")),
]
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "runpy"}
CALLS = {"eval", "exec", "compile", "__import__"}
LOADERS = {"np.load", "np.loads", "np.fromregex", "numpy.load", "np.lib.format.read_array"}


def dangers(source):
    """What in a source could run what a file says."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & MODULES
            found |= {f"np.{x.name}" for x in node.names if node.module == "numpy"} & LOADERS
        elif isinstance(node, ast.Name):
            found |= {node.id} & CALLS
        elif isinstance(node, ast.Attribute):
            found |= {ast.unparse(node)} & LOADERS
    return found


@pytest.mark.parametrize("path", READERS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_nothing_that_reads_files_can_run_them(path):
    assert not dangers(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import pickle", {"pickle"}),
        ("def f():\n    from joblib.numpy_pickle import load", {"joblib"}),
        ("x = np.load(path)", {"np.load"}),
        ("from numpy import load as read", {"np.load"}),
        ("run = eval", {"eval"}),
        ("exec('1')", {"exec"}),
        ("import re, numpy as np\nre.compile('x')\nload(path)", set()),
    ],
)
def test_a_planted_danger_is_seen(line, found):
    assert dangers(line) == found
