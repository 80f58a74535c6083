"""csrc/matmul_bench.cpp checks the matrix product: all layouts, cuts and odd sizes, to the bit."""

import pytest

from .compiled import arm_only, compiler_only, output

pytestmark = [pytest.mark.slow, compiler_only]
WIDEST = ("-O1", "-march=native", "-DWIDTH=16")


def hashes(lines):
    """What a line says but for the width of the vectors: the bits of so many products."""
    return [line.split(": ")[1] for line in lines]


def test_every_layout_and_every_cut_gives_the_bits_of_the_definition(tmp_path):
    lines, status = output(tmp_path, "matmul_bench.cpp", "check", flags=WIDEST)
    assert (len(lines), status) == (8, 0), lines
    assert all("products right" in line for line in lines)


@arm_only
def test_vectors_of_an_arm_give_the_same_bits(tmp_path):
    here, _ = output(tmp_path, "matmul_bench.cpp", "few", flags=WIDEST)
    there, status = output(
        tmp_path, "matmul_bench.cpp", "few", flags=("-O2", "-DWIDTH=4"), arm=True
    )
    assert (len(there), status) == (6, 0), there
    assert hashes(there) == hashes(here)
