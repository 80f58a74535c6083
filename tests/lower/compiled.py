"""The player's programs of C++ that stand alone, compiled for this machine or for an ARM."""

import shutil
import subprocess
from pathlib import Path

import pytest

CSRC = Path(__file__).parents[2] / "csrc"
FLAGS = [
    "-std=c++17", "-ffp-contract=off", "-fwrapv", "-fno-math-errno", "-Wall", "-Wextra",
    "-Wno-psabi", "-pthread",
]  # fmt: skip
COMPILER = next(filter(shutil.which, ("g++", "clang++")), None)
ARM, ON_ARM = ["aarch64-linux-gnu-g++", "-static"], ["qemu-aarch64"]

compiler_only = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler")
arm_only = pytest.mark.skipif(
    not (shutil.which(ARM[0]) and shutil.which(ON_ARM[0])),
    reason="for ARM: apt-get install g++-aarch64-linux-gnu qemu-user",
)


def output(folder, source, *words, flags=("-O3", "-march=native"), arm=False):
    """What a program of csrc/ prints, line by line; and its exit status."""
    program = folder / f"{Path(source).stem}{'_arm' * arm}"
    compiler = ARM if arm else [COMPILER]
    subprocess.run([*compiler, *FLAGS, *flags, CSRC / source, "-o", program], check=True)
    command = [*(ON_ARM if arm else ()), program, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.splitlines(), done.returncode
