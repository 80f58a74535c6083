"""Charts: curves and points as one self-contained SVG, as text for a terminal, or as PNG."""

import io
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import InputError
from ..files import write_whole
from .notation import plain

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 46  # margins of the drawing, in pixels


@dataclass(frozen=True, eq=False)
class Series:
    """One curve (``line``), its dots (``points``), or dots joined in order (``path``)."""

    x: Any
    y: Any
    style: Literal["line", "points", "path"] = "line"
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", np.asarray(self.x, float))
        object.__setattr__(self, "y", np.asarray(self.y, float))
        if self.x.shape != self.y.shape or self.x.ndim != 1:
            raise InputError(
                f"a series needs two lists of equal length, found shapes {self.x.shape} and "
                f"{self.y.shape}."
            )


@dataclass(frozen=True)
class Axis:
    """A range of numbers, linear or logarithmic, laid over the interval [0, 1]."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Any, log: bool = False) -> "Axis":
        """The axis on which all finite values fit; what is beyond 1e300 has no place."""
        values = np.asarray(values, float)
        values = np.where(np.abs(values) < 1e300, values, np.nan)
        kept = values[np.isfinite(values) & ((values > 0) | (not log))]
        low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 1.0)
        if low == high:
            margin = max(1.0, abs(low) / 1000)
            low, high = (low / 2, high * 2) if log else (low - margin, high + margin)
        return cls(low, high, log)

    def place(self, values: Any) -> Any:
        """Where values lie: 0 at the low end, 1 at the high end; nan where they have no place."""
        with np.errstate(all="ignore"):
            low, high, at = (self._scale(x) for x in (self.low, self.high, values))
            return np.where(np.isfinite(at), (at - low) / (high - low), np.nan)

    def ticks(self, count: int = 5) -> list[float]:
        """About `count` round numbers in the range: 1, 2 or 5 times a power of ten."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            if first < last:
                stride = max(1, math.ceil((last - first) / count))
                return [10.0**k for k in range(first, last + 1, stride)]
        rough = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
        marks = range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
        return [k * step for k in marks]

    def _scale(self, values: Any) -> Any:
        return np.log10(values) if self.log else np.asarray(values, float)


@dataclass(frozen=True)
class Chart:
    """Series on common axes; ``log_y`` makes the vertical axis logarithmic.

    >>> chart = Chart((Series([0, 1, 2], [4, 1, 0]),), title="f", x_label="x")
    >>> chart.svg().startswith("<svg")
    True
    """

    series: tuple[Series, ...]
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    log_y: bool = False

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The horizontal and the vertical axis, wide enough for every series."""
        x = np.concatenate([s.x for s in self.series])
        y = np.concatenate([s.y for s in self.series])
        return Axis.over(x), Axis.over(y, self.log_y)

    def svg(self, width: int = 640, height: int = 400) -> str:
        """A drawing that needs nothing else: no style sheet, font, script or request."""
        x_axis, y_axis = self.axes
        inner = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM

        def across(values: Any) -> Any:
            return _LEFT + inner[0] * x_axis.place(values)

        def up(values: Any) -> Any:
            return _TOP + inner[1] * (1 - y_axis.place(values))

        bottom, right = height - _BOTTOM, width - _RIGHT
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="system-ui, sans-serif" '
            'font-size="12" fill="#333">',
            f"<title>{escape(self.title or self.y_label or 'chart')}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            '<g stroke="#ddd">',
            *[svg_line(across(x), _TOP, across(x), bottom) for x in x_axis.ticks()],
            *[svg_line(_LEFT, up(y), right, up(y)) for y in y_axis.ticks()],
            "</g>",
            *[svg_text(across(x), bottom + 17, tick_text(x)) for x in x_axis.ticks()],
            *[svg_text(_LEFT - 8, up(y) + 4, tick_text(y), "end") for y in y_axis.ticks()],
            svg_text((_LEFT + right) / 2, height - 10, self.x_label),
            svg_text(_LEFT, 20, self.title, "start", "600"),
            f'<g transform="rotate(-90 14 {(_TOP + bottom) / 2:.1f})">',
            svg_text(14, (_TOP + bottom) / 2, self.y_label),
            "</g>",
        ]
        for colour, series in zip(_colours(len(self.series)), self.series, strict=True):
            out += _drawn(series, across(series.x), up(series.y), colour)
        out.append(self._legend(right))
        return "\n".join([*out, "</svg>"]) + "\n"

    def _legend(self, right: float) -> str:
        """The labels, each with a dot of its colour, at the right end of the top line."""
        pairs = zip(_colours(len(self.series)), self.series, strict=True)
        words = [
            f'<tspan dx="14" fill="{colour}">●</tspan><tspan dx="4">{escape(s.label)}</tspan>'
            for colour, s in pairs
            if s.label
        ]
        return f'<text x="{right:.1f}" y="20" text-anchor="end">{"".join(words)}</text>'

    def text(self, width: int = 76, height: int = 14) -> str:
        """The chart in characters (dots of braille), for a terminal of `width` columns."""
        from .braille import drawn

        return drawn(self, width, height)

    def save(self, path: str | Path) -> None:
        """Write the chart as ``.svg`` or ``.png`` (PNG needs matplotlib, backlit's extra plot)."""
        path = Path(path)
        kind = path.suffix.lower()
        if kind == ".svg":
            write_whole(path, self.svg())
        elif kind == ".png":
            write_whole(path, self._png())
        else:
            raise InputError(f"{path}: expected a name that ends in .svg or .png.")

    def _png(self) -> bytes:
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise InputError(
                "a PNG needs matplotlib: pip install 'backlit[plot]', or write an .svg."
            ) from None
        figure = Figure(figsize=(6.4, 4.0), dpi=200, layout="constrained")
        axes = figure.add_subplot(
            title=self.title, xlabel=self.x_label, ylabel=self.y_label,
            yscale="log" if self.log_y else "linear",
        )  # fmt: skip
        style = {"line": "-", "points": "o", "path": "o-"}
        for colour, s in zip(_colours(len(self.series)), self.series, strict=True):
            axes.plot(s.x, s.y, style[s.style], color=colour, label=s.label or None, markersize=4)
        axes.grid(color="#dddddd")
        if any(s.label for s in self.series):
            axes.legend()
        content = io.BytesIO()
        figure.savefig(content, format="png")
        return content.getvalue()


def tick_text(value: float) -> str:
    """A number beside an axis."""
    return plain(value, 4)


def runs(*columns: Any) -> list[tuple[Any, ...]]:
    """The unbroken stretches of a curve: it is interrupted where it has no place."""
    known = np.all(np.isfinite(columns), axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]])))
    return [tuple(c[a:b] for c in columns) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _drawn(series: Series, x: Any, y: Any, colour: str) -> list[str]:
    """One path for the line, however often it is interrupted, and its dots."""
    out = []
    stretches = runs(x, y)
    if series.style != "points":
        pairs = [[f"{a:.1f},{b:.1f}" for a, b in zip(*s, strict=True)] for s in stretches]
        width = 1.2 if series.style == "path" or len(stretches) > 20 else 2
        out.append(
            f'<path d="{"".join("M" + " ".join(points) for points in pairs)}" fill="none" '
            f'stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
        )
    if series.style != "line":
        out += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>'
            for stretch in stretches
            for a, b in zip(*stretch, strict=True)
        ]
    return out


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def svg_line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def svg_text(x: float, y: float, text: str, anchor: str = "middle", weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
