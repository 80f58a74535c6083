"""The table of README.md, written between its two marks from the results of a run.

python bench/table.py bench/results.json README.md
"""

import json
from pathlib import Path
from typing import Any

import click
from figures import OURS, figures, mistakes, strongest, title

from show import foot

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


@click.command()
@click.argument("results", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(results, page):
    """Put the table of RESULTS, which run.py wrote, into PAGE."""
    found = json.loads(results.read_text(encoding="utf-8"))
    if wrong := mistakes(found):
        raise click.ClickException(f"{results} has errors, nothing is written: {'; '.join(wrong)}")
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise click.ClickException(f"{page}: expected one {BEGIN} and one {END} after it")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{markdown(found)}\n{END}{after}", encoding="utf-8")


def markdown(results: dict[str, Any]) -> str:
    """A line a case; in it our time, and that of each peer with how many times ours it is."""
    rows = {name: [*figures(result, results["peak"])] for name, result in results["cases"].items()}
    libraries = {f.peer: f.library for found in rows.values() for f in found}
    ours = libraries.pop(OURS)
    head = ["", f"{ours}, µs a step", *libraries.values()]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for name, found in rows.items():
        cells = {f.peer: f"{f.us:,.1f} ({f.ratio[0]:.1f}×)" for f in found}
        if best := strongest(found):
            cells[best.peer] = f"**{cells[best.peer]}**"
        us = next(f.us for f in found if f.peer == OURS)
        case = f"{name}: {title(results['cases'][name]['case'])}"
        lines.append([case, f"{us:,.1f}", *(cells.get(peer, "–") for peer in libraries)])
    if cold := results["cold"]:
        best = {peer: min(facts["seconds"]) for peer, facts in cold.items()}
        cells = [f"{best[p]:.2f} s ({best[p] / best[OURS]:.1f}×)" for p in libraries]
        lines.append(["cold start: import and a first training", f"{best[OURS]:.2f} s", *cells])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{' '.join(foot(results))}"


if __name__ == "__main__":
    main()
