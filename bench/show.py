"""The tables of a run, for a terminal."""

from typing import Any

from figures import OURS, Figure, figures, libraries, mistakes, notes, strongest, title
from race import TOLERANCES
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def show(results: dict[str, Any], console: Console) -> None:
    """Everything that a run found."""
    training = [cases(name, results) for name in results["cases"]]
    for table in (*training, cold(results), growth(results), products(results)):
        if table.rows:
            console.print(table, "")
    for line in foot(results):
        console.print(f"- {line}", highlight=False)
    for line in mistakes(results):
        console.print("[bold red]error[/]", escape(line), highlight=False)


def _table(name: str, *columns: str) -> Table:
    """A table for 80 columns; in the first are words, in the others numbers."""
    table = Table(title=name, title_justify="left", min_width=len(name), box=SIMPLE_HEAD)
    table.show_edge, table.padding = False, (0, 1, 0, 0)
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", no_wrap=True)
    return table


def cases(name: str, results: dict[str, Any]) -> Table:
    """A case, each peer: time, ratio, loss, rate of the products."""
    result = results["cases"][name]
    heading = f"{name}: {title(result['case'])}"
    columns = ("µs/step", "spread", "× ours (a round)", "loss", "gap", "Gflop/s", "peak")
    table = _table(heading, "peer, threads", *columns)
    found = [*figures(result, results["peak"])]
    best = strongest(found)
    for figure in found:
        style = "bold" if figure.peer == OURS else "green" if figure is best else None
        table.add_row(*_row(figure), style=style)
    return table


def _row(figure: Figure) -> list[str]:
    ratio = ""
    if figure.ratio and figure.peer != OURS:
        best, least, most = figure.ratio
        ratio = f"{best:.3g} ({least:.1f}–{most:.1f})"
    return [
        f"{figure.peer} {figure.threads}",
        f"{figure.us:,.2f}",
        f"+{figure.spread:.0%}",
        ratio,
        f"{figure.loss:.4f}",
        "–" if figure.gap is None else f"{figure.gap:.0e}",
        f"{figure.gflops:.1f}",
        f"{figure.share:.0%}",
    ]


def cold(results: dict[str, Any]) -> Table:
    """A fresh process: Python, import, a first small training."""
    table = _table("Cold start: import and a first small training", "", "seconds, best", "worst")
    for peer, facts in results["cold"].items():
        if not facts["error"]:
            seconds = facts["seconds"]
            table.add_row(peer, f"{min(seconds):.2f}", f"{max(seconds):.2f}")
    return table


def growth(results: dict[str, Any]) -> Table:
    """How time grows with rows and width, each peer against itself."""
    if not results["growth"]:
        return Table()
    (_, base), *grown = results["growth"].items()
    heading = f"Growth, times as much as {title(base['case'])}"
    table = _table(heading, "", "an epoch", "a step", "products of a step")
    start = {f.peer: f for f in figures(base, results["peak"])}
    for name, result in grown:
        table.add_section()
        work = result["case"]["flops"] / base["case"]["flops"]
        for f in figures(result, results["peak"]):
            if one := start.get(f.peer):
                grew = (f.seconds / one.seconds, f.us / one.us, work)
                table.add_row(f"{name}: {f.peer}", *(f"{times:.2f}" for times in grew))
    return table


def products(results: dict[str, Any]) -> Table:
    """backlit's matrix product alone."""
    table = _table("backlit's matrix product alone", "", "threads", "Gflop/s", "of peak")
    for peak in results["peak"]:
        for p in peak.get("products", ()):
            size = f"{p['m']} × {p['k']} by {p['k']} × {p['n']}"
            share = p["gflops"] / peak["gflops"]
            table.add_row(size, str(peak["threads"]), f"{p['gflops']:.1f}", f"{share:.0%}")
    return table


def foot(results: dict[str, Any]) -> list[str]:
    """What must be known to read the figures."""
    machine, peaks = results["machine"], results["peak"]
    cpu = f"{machine['cpu']}, {machine['cores']} cores"
    rates = ", ".join(f"{p['gflops']:.0f} Gflop/s with {p['threads']}" for p in peaks)
    agree = " and ".join(f"{tolerance:g}" for tolerance in TOLERANCES)
    return [
        f"{cpu}, {machine['system']}, Python {machine['python']}, float32. "
        f"Rounds in which the peers alternate: {results['rounds']}. Each has one thread and then "
        "all; the better counts.",
        f"{', '.join(libraries(results))}.",
        f"Peak: {rates} ({peaks[0]['by']}).",
        f"From the same weights, in the same order of rows, losses agree to {agree} in the first "
        "epochs.",
        *notes(results),
        *_busy(results),
    ]


def _busy(results: dict[str, Any]) -> list[str]:
    load = results["load"]
    busy = load > results["quiet"]
    return [f"The machine was busy ({load:.1f} processes): do not trust the times."] * busy
