"""``backlit doctor``: is this installation sound, and what does it run on?"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
import textwrap
from typing import Any

import click
import numpy as np

from .. import __version__, nn
from ..check import check


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Versions, CPU features, the engine in use and a self-test.

    The self-test compares the gradient of a small network with complex-step differences, weight
    by weight. Exit code 1 if it fails.
    """
    report = examine()
    click.echo(json.dumps(report, indent=2) if as_json else page(report))
    ctx.exit(0 if report["self-test"]["passed"] else 1)


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
            "cores": _cores(),
            "features": [*simd.get("baseline", []), *simd.get("found", [])],
        },
        "engine": {
            "name": "NumPy",
            "version": np.__version__,
            "blas": f"{blas['name']} {blas.get('version', '')}".strip(),
            "blas threads": _blas_threads(),
        },
        "packages": packages(),
        "self-test": self_test(),
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
    """The gradient of a 3-5-4-2 network of tanh units, against complex-step differences."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    found = check(lambda params: nn.mse(nn.mlp(params, X), Y), nn.dense([3, 5, 4, 2]))
    return {
        "passed": bool(found),
        "weights": found.total,
        "method": found.method,
        "worst relative error": found.error,
        "worst weight": found.worst,
    }


def page(report: dict[str, Any]) -> str:
    """The report for reading."""
    cpu, engine, test = report["cpu"], report["engine"], report["self-test"]
    verdict = "passed" if test["passed"] else "FAILED"
    lines = [
        f"backlit   {report['backlit']}",
        f"Python    {report['python']}",
        f"System    {report['system']}",
        f"CPU       {cpu['model']}, {cpu['cores']} cores usable",
        f"SIMD      {' '.join(cpu['features']) or 'unknown to NumPy'}",
        f"Engine    {engine['name']} {engine['version']} ({engine['blas']}, "
        f"threads: {engine['blas threads'] or 'unknown'})",
        f"Self-test {verdict}: {test['weights']} weights of a small network against "
        f"{test['method']}, worst relative error {test['worst relative error']:.1e} at "
        f"{test['worst weight']}",
        "",
        "Packages",
        *map(_package_line, report["packages"]),
    ]
    return "\n".join(
        textwrap.fill(line, 80, subsequent_indent=" " * 10) if len(line) > 80 else line
        for line in lines
    )


def _package_line(package: dict[str, Any]) -> str:
    state = package["version"] or f"absent: pip install 'backlit[{package['extra']}]'"
    why = f"extra {package['extra']}" if package["extra"] else "required"
    return f"  {package['name']:<14} {why:<14} {state}"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cores() -> int:
    """The cores this process may use: a container or taskset may allow fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
