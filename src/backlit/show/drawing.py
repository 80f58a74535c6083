"""Boxes with formulas, arrows and broken lines as SVG."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from .layout import Box, Point

_FONT, _SMALL, _INDEX = 15.0, 11.5, 10.5  # sizes of letters: of formulas, of notes, of indices
_LEADING, _PAD = 19.0, 9.0  # height of a row, room around the rows
_CORNER, _HEAD = 5.0, 7.0  # roundness of a corner, length of an arrow's head
_NARROW, _WIDE = " .,:;|!'()[]ijltfrI", "MWmw∂⊙−+=≥≤≠→≈<>GHKNOQDAVXZ"
_SLACK = 1.05  # fonts differ


class Writing:
    """Formulas in which the names known are set as mathematics: Z₁ with an index below."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def pieces(self, text: str) -> list[tuple[str, str]]:
        """(letters, how): a variable of one letter, its index, or anything else."""
        found: list[tuple[str, str]] = []
        for word in re.split(r"([^\W\d_ᵀ²]+\d*(?:_\w+)*)", text):
            stem = re.fullmatch(r"([^\W\d_]+)_?(\d*)", word)
            if word in self.names and stem:
                base, index = stem.groups()
                found.append((base, "variable" if len(base) == 1 else ""))
                found += [(index, "index")] if index else []
            elif word:
                found.append((word, ""))
        return found

    def width(self, text: str) -> float:
        """About how wide a formula is, in any of the fonts of the style sheet."""
        sizes = {"index": _INDEX}
        widths = [letters_width(t, sizes.get(how, _FONT)) for t, how in self.pieces(text)]
        return sum(widths) * _SLACK

    def text(self, text: str, y: float) -> str:
        spans, low = [], False
        for letters, how in self.pieces(text):
            shift = {(True, False): ' dy="4"', (False, True): ' dy="-4"'}.get(
                (how == "index", low), ""
            )
            low = how == "index"
            size = f' font-size="{_INDEX}"' if low else ""
            kind = ' class="variable"' if how == "variable" else ""
            spans.append(f"<tspan{kind}{size}{shift}>{escape(letters)}</tspan>")
        return f'<text text-anchor="middle" y="{y:.1f}">{"".join(spans)}</text>'

    def box(
        self, rows: Sequence[str], below: str, column: float, side: int, rank: int
    ) -> tuple[Box, str]:
        """A box around rows of formulas and a note, and its drawing around (0, 0)."""
        width = max([*map(self.width, rows), letters_width(below, _SMALL)]) + 2 * _PAD
        height = _LEADING * len(rows) + _SMALL + 1.4 * _PAD
        top = -height / 2 + _PAD * 0.5
        texts = [self.text(row, top + _LEADING * (i + 0.75)) for i, row in enumerate(rows)]
        drawn = (
            f'<rect x="{-width / 2:.1f}" y="{-height / 2:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" rx="5"/>{"".join(texts)}'
            f'<text class="small" text-anchor="middle" y="{height / 2 - _PAD * 0.7:.1f}">'
            f"{escape(below)}</text>"
        )
        return Box(column, side, width, height, rank), drawn

    def legend(self, kinds: Mapping[str, str], lines: Mapping[str, str]) -> tuple[str, float]:
        """What the colours and the lines mean, in one row, and its width."""
        out, x = [], 0.0
        for kind, words in {**kinds, **lines}.items():
            if kind in lines:
                drawn = path([(x, -4), (x + 22, -4)], kind)
            else:
                drawn = (
                    f'<g class="{kind}"><rect x="{x:.1f}" y="-10" width="18" height="12" '
                    'rx="3"/></g>'
                )
            out.append(f'{drawn}<text class="small" x="{x + 27:.1f}">{escape(words)}</text>')
            x += 27 + letters_width(words, _SMALL) + 18
        return "".join(out), x


def letters_width(text: str, size: float) -> float:
    """About how wide letters are in a serif font."""
    ems = sum(0.31 if c in _NARROW else 0.74 if c in _WIDE else 0.54 for c in text)
    return ems * size


def path(points: Sequence[Point], kind: str = "link") -> str:
    """A line around corners, with a head at its end."""
    (x, y), *rest = points
    words = [f"M{x:.1f} {y:.1f}"]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        legs = abs(bx - ax) + abs(by - ay), abs(cx - bx) + abs(cy - by)
        r = min(_CORNER, *(leg / 2 for leg in legs))
        before = bx - r * _sign(bx - ax), by - r * _sign(by - ay)
        after = bx + r * _sign(cx - bx), by + r * _sign(cy - by)
        words.append(f"L{before[0]:.1f} {before[1]:.1f}")
        words.append(f"Q{bx:.1f} {by:.1f} {after[0]:.1f} {after[1]:.1f}")
    words.append(f"L{rest[-1][0]:.1f} {rest[-1][1]:.1f}")
    leftwards = points[-1][0] < points[-2][0]
    return f'<path class="{kind}" d="{"".join(words)}"/>{_head(points[-1], leftwards, kind)}'


def arrow(way: Sequence[Box], kind: str) -> str:
    """From box to box, level where columns are passed, curved between them; with a head."""
    start, end = way[0], way[-1]
    back = kind == "back"
    x, y = (start.left if back else start.right), _port(start, back)
    words = [f"M{x:.1f} {y:.1f}"]
    for box, following in pairwise(way):
        out, into = (box.span[0], following.span[1]) if back else (box.span[1], following.span[0])
        level, middle = _port(following, back), (out + into) / 2
        words.append(f"L{out:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {level:.1f}")
        words.append(f"{into:.1f} {level:.1f}")
        y = level
    tip = (end.right if back else end.left), y
    words.append(f"L{tip[0]:.1f} {y:.1f}")
    return f'<path class="{kind}" d="{" ".join(words)}"/>{_head(tip, back, kind)}'


def _port(box: Box, low: bool) -> float:
    """Where an arrow meets a box: of the loss, forward above and backward below its middle."""
    return box.y + (box.height / 4 if low else -box.height / 4) * (box.side == 0)


def _head(tip: Point, leftwards: bool, kind: str) -> str:
    x, y = tip
    back = x + (_HEAD if leftwards else -_HEAD)
    corners = f"M{x:.1f} {y:.1f}L{back:.1f} {y - _HEAD / 2:.1f}L{back:.1f} {y + _HEAD / 2:.1f}Z"
    return f'<path class="{kind} head" d="{corners}"/>'


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)
