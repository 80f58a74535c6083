"""csrc/ulp.cpp, every 1,009th float: the functions of the player's kernels keep their bounds."""

import re

import pytest

from .compiled import CSRC, arm_only, compiler_only, output

pytestmark = [pytest.mark.slow, compiler_only]
NAMES = ("exp", "log1p", "tanh", "gelu", "sin", "pow")


def table(folder, *names, **facts):
    """Function and type → what the program prints of them; and its exit status."""
    lines, status = output(folder, "ulp.cpp", "--quick", *names, **facts)
    found = [line.split() for line in lines[1:]]
    return {(function, kind): rest for function, kind, *rest in found}, status


def bits(found):
    """Function and type → the hash of all results."""
    return {key: next(x for x in rest if len(x) == 16) for key, rest in found.items()}


def test_every_function_keeps_its_bound(tmp_path):
    found, status = table(tmp_path)
    headers = "".join(p.read_text("utf-8") for p in CSRC.glob("maths*.hpp"))
    functions = set(re.findall(r"\bV<L> (\w+)_\(", headers))
    by_definition = {"abs", "copysign", "max", "min", "fmax", "fmin"}
    of_fmod = {"remainder", "floor_divide"}
    assert {name for name, _ in found} - {"elu"} == functions - by_definition - of_fmod
    assert [key for key, text in found.items() if "BROKEN" in text] == []
    assert status == 0


def test_the_bits_do_not_depend_on_the_instruction_set(tmp_path):
    """One number at a time, without any flag, against the widest vectors of this machine."""
    alone, _ = table(tmp_path, *NAMES, flags=("-O3", "-DLANE_BYTES=4"))
    widest, _ = table(tmp_path, *NAMES, flags=("-O3", "-march=native", "-DLANE_BYTES=64"))
    assert alone == widest
    assert len(alone) == 2 * len(NAMES)


@arm_only
def test_an_arm_computes_the_same_bits(tmp_path):
    here, _ = table(tmp_path, *NAMES)
    there, status = table(tmp_path, *NAMES, flags=("-O2", "-DLANE_BYTES=16"), arm=True)
    assert bits(there) == bits(here)
    assert (len(there), status) == (2 * len(NAMES), 0)
