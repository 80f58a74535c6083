"""csrc/ulp.cpp, every 1,009th float: the functions of the player's kernels keep their bounds."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CSRC = Path(__file__).parents[2] / "csrc"
FLAGS = ["-std=c++17", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-psabi", "-pthread"]
COMPILER = next(filter(shutil.which, ("g++", "clang++")), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler"),
]


def table(folder, *names, flags=()):
    """Function and type → what the program prints of them; and its exit status."""
    program = folder / "ulp"
    subprocess.run([COMPILER, *FLAGS, *flags, CSRC / "ulp.cpp", "-o", program], check=True)
    done = subprocess.run([program, "--quick", *names], capture_output=True, text=True)
    lines = [line.split() for line in done.stdout.splitlines()[1:]]
    return {(function, kind): " ".join(rest) for function, kind, *rest in lines}, done.returncode


def test_every_function_keeps_its_bound(tmp_path):
    found, status = table(tmp_path, flags=["-march=native"])
    headers = "".join(p.read_text("utf-8") for p in CSRC.glob("maths*.hpp"))
    functions = set(re.findall(r"\bV<L> (\w+)_\(", headers))
    by_definition = {"abs", "copysign", "max", "min", "fmax", "fmin"}
    of_fmod = {"remainder", "floor_divide"}
    assert {name for name, _ in found} - {"elu"} == functions - by_definition - of_fmod
    assert [key for key, text in found.items() if "BROKEN" in text] == []
    assert status == 0


def test_the_bits_do_not_depend_on_the_instruction_set(tmp_path):
    """One number at a time, without any flag, against the widest vectors of this machine."""
    names = ("exp", "log1p", "tanh", "gelu", "sin", "pow")
    found = [
        table(tmp_path, *names, flags=flags)[0]
        for flags in (["-DLANE_BYTES=4"], ["-march=native", "-DLANE_BYTES=64"])
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 2 * len(names)
