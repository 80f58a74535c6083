"""``backlit doctor``: is this installation sound, and what does it run on?"""

import importlib.metadata
import importlib.util
import json
import platform
import re
import sys
import textwrap
from dataclasses import asdict
from typing import Any

import click
import numpy as np

from .. import __version__, fit, nn
from ..check import check
from ..optim import adam
from ..train.player_engine import cores, native
from .bits import bits, steps

_AGREEMENT = 1e-12  # of player and NumPy: both round, each in its own order
_NOT_BUILT = (
    "NumPy: the native player was not built. It needs a C++ compiler, on Debian and Ubuntu `apt "
    "install g++`; then install backlit again, with pip's --force-reinstall"
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.option(
    "--bits", "with_bits", is_flag=True, help="Compare the bits of trainings, too: all are equal."
)
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, with_bits: bool) -> None:
    """Versions, CPU features, the engine in use and a self-test.

    The self-test compares the gradient of a small network with complex-step differences, weight
    by weight, and a training step of the native player with NumPy's. --bits plays fixed trainings
    with every kind of vectors that this CPU has, by 1, 2 and 3 threads; another machine prints the
    same sha256. Exit code 1 if something differs.
    """
    report = examine()
    if with_bits:
        report["bits"] = compared_bits()
    click.echo(json.dumps(report, indent=2) if as_json else page(report))
    sound = report["self-test"]["passed"] and (not with_bits or report["bits"]["equal"])
    ctx.exit(0 if sound else 1)


def examine() -> dict[str, Any]:
    """Everything doctor knows, as plain data."""
    build: Any = np.show_config(mode="dicts")
    blas, simd = build["Build Dependencies"]["blas"], build["SIMD Extensions"]
    return {
        "backlit": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": {
            "model": _cpu_model(),
            "cores": cores(),
            "features": [*simd.get("baseline", []), *simd.get("found", [])],
        },
        "engine": engine(),
        "numpy": {
            "version": np.__version__,
            "blas": f"{blas['name']} {blas.get('version', '')}".strip(),
            "blas threads": _blas_threads(),
        },
        "packages": packages(),
        "self-test": self_test(),
    }


def engine() -> dict[str, Any]:
    """Who plays trainings: the player with its kinds of vectors, the best last; or NumPy."""
    player = native()
    lanes = [] if player is None else player.LANES
    return {
        "name": "NumPy" if player is None else "player",
        "lanes": [{"name": name, "floats": size} for name, size in lanes],
    }


def compared_bits() -> dict[str, Any]:
    """The bits of all kinds of vectors and numbers of threads; they are equal if there are none."""
    found = [] if native() is None else [*bits()]
    return {
        "equal": len({x.sha256 for x in found}) <= 1,
        "steps": steps(),
        "found": [asdict(x) for x in found],
    }


def packages() -> list[dict[str, Any]]:
    """Each dependency of backlit: its version, or None, and the extra that brings it."""
    found = []
    for requirement in importlib.metadata.requires("backlit") or []:
        name = re.match(r"[\w.-]+", requirement)[0]  # type: ignore[index]
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if name != "backlit" and (extra is None or extra[1] not in ("all", "dev")):
            found.append(
                {"name": name, "version": _version(name), "extra": extra[1] if extra else None}
            )
    return found


def self_test() -> dict[str, Any]:
    """A 3-5-4-2 network of tanh units: its gradient against complex-step differences, and a step
    of Adam by the player against NumPy's."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    found = check(lambda params: nn.mse(nn.mlp(params, X), Y), nn.dense([3, 5, 4, 2]))
    apart = None if native() is None else _apart(X, Y)
    return {
        "passed": bool(found) and (apart is None or apart <= _AGREEMENT),
        "weights": found.total,
        "method": found.method,
        "worst relative error": found.error,
        "worst weight": found.worst,
        "player and NumPy differ by": apart,
    }


def _apart(X: Any, Y: Any) -> float:
    """The largest difference between the weights after a step of the player, and of NumPy."""
    ends = [
        fit(
            lambda params, X, Y: nn.mse(nn.mlp(params, X), Y),
            nn.dense([3, 5, 4, 2]), (X, Y), optimizer=adam(lr=0.1), engine=engine,
        ).params
        for engine in ("player", "numpy")
    ]  # fmt: skip
    pairs = zip(*([x for layer in params for x in layer] for params in ends), strict=True)
    return max(float(np.max(np.abs(a - b))) for a, b in pairs)


def page(report: dict[str, Any]) -> str:
    """The report for reading."""
    cpu, numpy, test = report["cpu"], report["numpy"], report["self-test"]
    verdict = "passed" if test["passed"] else "FAILED"
    lines = [
        f"backlit   {report['backlit']}",
        f"Python    {report['python']}",
        f"System    {report['system']}",
        f"CPU       {cpu['model']}, {cpu['cores']} cores usable",
        f"SIMD      {' '.join(cpu['features']) or 'unknown to NumPy'}",
        f"Engine    {_engine(report['engine']['lanes'], cpu['cores'])}",
        f"NumPy     {numpy['version']} ({numpy['blas']}, "
        f"threads: {numpy['blas threads'] or 'unknown'})",
        f"Self-test {verdict}: {test['weights']} weights of a small network against "
        f"{test['method']}, worst relative error {test['worst relative error']:.1e} at "
        f"{test['worst weight']}{_step(test['player and NumPy differ by'])}",
        *_bits_lines(report.get("bits")),
        "",
        "Packages",
        *map(_package_line, report["packages"]),
    ]
    return "\n".join(
        textwrap.fill(line, 80, subsequent_indent=" " * 10) if len(line) > 80 else line
        for line in lines
    )


def _engine(lanes: list[dict[str, Any]], cores: int) -> str:
    if not lanes:
        return _NOT_BUILT
    *others, best = lanes
    size, more = best["floats"], f", {cores} where steps are large" if cores > 1 else ""
    slower = ", ".join(x["name"] for x in others)
    return (
        f"the native player: {best['name']}, {size} floats or {max(size // 2, 1)} doubles at once; "
        f"1 thread{more}" + (f"; slower with the same bits: {slower}" if slower else "")
    )


def _step(apart: float | None) -> str:
    return "" if apart is None else f"; a step of the player against NumPy's, {apart:.1e} apart"


def _bits_lines(report: dict[str, Any] | None) -> list[str]:
    """The verdict; then each sha256 that came, and who gave it."""
    if report is None:
        return []
    if not report["found"]:
        return ["Bits      nothing to compare: the native player was not built"]
    ways: dict[str, dict[str, list[str]]] = {}
    for x in report["found"]:
        ways.setdefault(x["sha256"], {}).setdefault(x["lanes"], []).append(str(x["threads"]))
    lines = [f"Bits      {'all equal' if report['equal'] else 'DIFFERENT'}: the sha256 of what "
             f"{report['steps']} steps of training end with"]  # fmt: skip
    for sha256, lanes in ways.items():
        by = "; ".join(f"{name} {', '.join(threads)}" for name, threads in lanes.items())
        lines += [f"  {sha256}", f"{'':10}lanes and threads: {by}"]
    return lines


def _package_line(package: dict[str, Any]) -> str:
    state = package["version"] or f"absent: pip install 'backlit[{package['extra']}]'"
    why = f"extra {package['extra']}" if package["extra"] else "required"
    return f"  {package['name']:<14} {why:<14} {state}"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _blas_threads() -> int | None:
    """Threads of the BLAS library, if threadpoolctl (which comes with scikit-learn) is there."""
    if importlib.util.find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import threadpool_info

    return next((pool["num_threads"] for pool in threadpool_info()), None)
