"""`make accuracy`: measure every op, print the table, and write it into docs/accuracy.md.

The page shows the bounds of the tables here, not the digits measured: those change with the
machine's exp and sin, and the tests hold all machines to the bounds. The hardest points are those
of the machine that wrote the page.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from backlit.ir.op import REGISTRY

from .measure import Worst, measure
from .reference import ELEMENTWISE, KNOWN
from .rows import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
HEAD = (
    "| op | value, float64 | float32 | slope, float64 | float32 | hardest |",
    "|---|---|---|---|---|---|",
)
FRACTIONS = {0.5: "½"}
TABLES = {**ELEMENTWISE, **ROWS}
EXACT = [name for name, row in TABLES.items() if not any(row.most)]


def cells(name: str) -> list[str]:
    """The bounds of an op as the page prints them: `2`, or `2 · 1` for 2 ulp of 1."""
    row = TABLES[name]
    found = []
    for i, most in enumerate(row.most):
        beside = row.beside[i // 2]
        scale = beside.__doc__ if callable(beside) else beside
        text = FRACTIONS.get(most, str(most)) + (f" of {scale}" if scale and most else "")
        found.append("*" if i >= 2 and name in KNOWN else text)
    return [f"`{name}`", *found, *["flat"] * (4 - len(found))]


def hardest(name: str, worst: Sequence[Worst]) -> str:
    """Which of the figures is the largest, and at which point."""
    kinds = ("value, float64", "value, float32", "slope, float64", "slope, float32")
    shown = [w for i, w in enumerate(worst) if i < 2 or name not in KNOWN]
    i = max(range(len(shown)), key=lambda i: shown[i].ulps)
    if name in ROWS or shown[i].ulps <= 0.5:
        return ""
    return f"{kinds[i]}, at {', '.join(f'{x:.6g}' for x in shown[i].point)}".replace("-", "−")


def table(lines: dict[str, str]) -> str:
    """Heads and rows; `lines` has what stands in the last column."""
    names = [name for name in TABLES if name not in EXACT]
    return "\n".join([*HEAD, *(f"| {' | '.join(cells(n))} | {lines[n]} |" for n in names)])


def exact() -> str:
    """The ops whose values and slopes have no error at all."""
    return ", ".join(f"`{name}`" for name in EXACT)


def known() -> str:
    """The slopes marked with *, and why."""
    return "\n".join(f"- `{name}`: {why}" for name, why in KNOWN.items())


def with_part(text: str, mark: str, part: str) -> str:
    """A page with what stands between <!-- mark --> and <!-- end --> replaced."""
    start = f"<!-- {mark} -->\n"
    before, after = text.split(start)
    return before + start + part + after[after.index("\n<!-- end -->") :]


def main() -> int:
    lines, bad = {}, []
    for name in TABLES:
        worst = measure(name)
        lines[name] = hardest(name, worst)
        figures = (f"{w.ulps:8.3g}{'!' if w.warned else ''}" for w in worst)
        print(f"{name:22}", *figures, lines[name])
        late = [w.ulps > most or w.warned for w, most in zip(worst, TABLES[name].most, strict=True)]
        bad += [name] if any(late) and name not in KNOWN else []
    text = PAGE.read_text(encoding="utf-8")
    for mark, part in (("table", table(lines)), ("exact", exact()), ("known", known())):
        text = with_part(text, mark, part)
    PAGE.write_text(text, encoding="utf-8")
    missing = [op.name for op in REGISTRY.values() if op.elementwise and op.name not in TABLES]
    print("no row in the tables:", *missing or ["none"])
    print("outside of its bound:", *bad or ["none"])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
