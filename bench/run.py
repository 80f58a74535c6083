"""backlit side by side with its peers.

python bench/run.py --cases A,B --peers sklearn,torch,jax,numpy --json out.json
"""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from cases import CASES
from figures import mistakes
from race import HERE, OURS, cold_start, cores, environment, race
from rich.console import Console

from show import show

PEERS = sorted(
    name.replace("_", "-")
    for path in (HERE / "peers").glob("*_peer.py")
    if (name := path.stem.removesuffix("_peer")) != OURS
)
GROWN, ROWS, WIDTH = "B", 10, 4  # the case that is grown, and how many times
QUIET = 0.5  # processes that run when the machine is free enough to be timed


class Names(click.ParamType):
    """``A,B``: some of the known names."""

    name = "names"

    def __init__(self, known):
        self.known = known

    def convert(self, value, param, ctx):
        """The names one by one."""
        found = value.split(",") if value else []
        for name in found:
            if name not in self.known:
                self.fail(f"{name!r} is not known; known: {', '.join(self.known)}", param, ctx)
        return found


@click.command()
@click.option("--cases", type=Names([*CASES]), default=",".join(CASES), show_default=True)
@click.option(
    "--peers", type=Names(PEERS), default="sklearn,torch,jax,numpy", show_default=True,
    help=f"Of {', '.join(PEERS)}.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--engine", default="auto", show_default=True, help="backlit's.")
@click.option("--cold/--no-cold", default=True, show_default=True, help="Time fresh processes.")
@click.option("--growth/--no-growth", default=True, show_default=True, help="More rows; wider.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write all.")
@click.pass_context
def main(ctx, cases, peers, rounds, engine, cold, growth, out):
    """Train the same networks with backlit and its peers, in turns; print times and ratios.

    Exit code 1 if a peer could not run, or reached another loss.
    """
    results = measure(cases, peers, rounds, engine, cold=cold, growth=growth)
    if out:
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    show(results, Console())
    ctx.exit(1 if mistakes(results) else 0)


def measure(cases, peers, rounds, engine, *, cold, growth) -> dict[str, Any]:
    """Everything that was asked for, as plain data."""
    settings = {"rounds": rounds, "engine": engine}
    results = {
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        "quiet": QUIET,
        "machine": machine(),
        "peak": [peak(threads) for threads in sorted({1, cores()})],
        **settings,
        "cases": {name: race(tell(CASES[name]), peers, **settings) for name in cases},
        "cold": cold_start(peers, **settings) if cold else {},
        "growth": {},
    }
    if growth:
        base = CASES[GROWN]
        grown = {
            GROWN: base,
            f"rows × {ROWS}": base.grown(rows=ROWS),
            f"width × {WIDTH}": base.grown(width=WIDTH),
        }
        results["growth"] = {n: race(tell(case), peers, **settings) for n, case in grown.items()}
    return results


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return {
        "cpu": model[1] if model else platform.processor() or platform.machine(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def peak(threads: int) -> dict[str, Any]:
    """The yardstick, measured in a process of so many threads."""
    command = [sys.executable, HERE / "peak.py", str(threads)]
    done = subprocess.run(command, env=environment(threads), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def tell(case):
    """Say what comes: it takes minutes."""
    click.echo(f"{case.name} {case.title} …", err=True)
    return case


if __name__ == "__main__":
    main()
