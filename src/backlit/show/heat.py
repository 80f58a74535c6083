"""A map of a surface in colours, as one self-contained SVG; and the PNG inside it."""

import base64
import struct
import zlib
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from .contour import level_lines
from .plot import Axis, runs, svg_line, svg_text, tick_text

_LEFT, _RIGHT, _TOP, _BOTTOM, _BAR = 44, 58, 34, 40, 14  # margins and the scale, in pixels
# from low to high: blue over white to orange, told apart by colour-blind readers as well
_STOPS = np.array([(5, 48, 97), (67, 147, 195), (247, 247, 247), (230, 145, 56), (127, 59, 8)])


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Heights z over a grid, shape (len(y), len(x)); `scale` makes the colours of maps agree.

    >>> HeatMap([0, 1], [0, 1], [[0, 1], [1, 2]], title="x + y").svg().startswith("<svg")
    True
    """

    x: Any
    y: Any
    z: Any
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    scale: Axis | None = None  # by default from the smallest to the largest height

    def svg(self, width: int = 330, height: int = 310) -> str:
        """A drawing that needs nothing else: the pixels are a PNG inside it."""
        x, y, z = (np.asarray(values, float) for values in (self.x, self.y, self.z))
        scale = self.scale or Axis.over(z)
        x_axis, y_axis = Axis.over(x), Axis.over(y)
        right, bottom = width - _RIGHT, height - _BOTTOM
        inner = right - _LEFT, bottom - _TOP

        def across(values: Any) -> Any:
            return _LEFT + inner[0] * x_axis.place(values)

        def up(values: Any, axis: Axis = y_axis) -> Any:
            return _TOP + inner[1] * (1 - axis.place(values))

        lines = level_lines(x, y, z, scale.ticks(8))
        stretches = runs(across(lines[0]), up(lines[1]))
        paths = ["M" + " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(*s, strict=True))
                 for s in stretches]  # fmt: skip
        bar = np.linspace(scale.high, scale.low, 64)[:, None]
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="system-ui, sans-serif" '
            'font-size="12" fill="#333">',
            f"<title>{escape(self.title or 'map')}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            _image(colours(z[::-1], scale), _LEFT, _TOP, *inner),
            f'<path d="{"".join(paths)}" fill="none" stroke="#000" stroke-opacity=".35"/>',
            _image(colours(bar, scale), right + 10, _TOP, _BAR, inner[1]),
            *[svg_text(across(v), bottom + 16, tick_text(v)) for v in x_axis.ticks()],
            *[svg_text(_LEFT - 6, up(v) + 4, tick_text(v), "end") for v in y_axis.ticks()],
            *[svg_text(right + 14 + _BAR, up(v, scale) + 4, tick_text(v), "start")
              for v in scale.ticks()],
            '<g stroke="#333">',
            *[svg_line(across(v), bottom, across(v), bottom + 4) for v in x_axis.ticks()],
            *[svg_line(_LEFT - 4, up(v), _LEFT, up(v)) for v in y_axis.ticks()],
            "</g>",
            svg_text((_LEFT + right) / 2, height - 8, self.x_label),
            svg_text(12, (_TOP + bottom) / 2, self.y_label),
            svg_text(_LEFT, 20, self.title, "start", "600"),
            "</svg>",
        ]) + "\n"  # fmt: skip


def colours(z: Any, scale: Axis) -> Any:
    """Heights (rows, columns) → bytes (rows, columns, 3); grey where there is no height.

    >>> colours([[-1.0, 0.0, 1.0]], Axis(-1, 1)).tolist()
    [[[5, 48, 97], [247, 247, 247], [127, 59, 8]]]
    """
    place = np.clip(scale.place(z), 0, 1)
    stops = np.linspace(0, 1, len(_STOPS))
    rgb = np.stack([np.interp(place, stops, channel) for channel in _STOPS.T], axis=-1)
    return np.rint(np.where(np.isnan(place)[..., None], 200, rgb)).astype(np.uint8)


def png(pixels: Any) -> bytes:
    """Bytes (rows, columns, 3) as a PNG file. Source: W3C, Portable Network Graphics."""
    pixels = np.asarray(pixels, np.uint8)
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # 0: no filter before compression

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, RGB
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _image(pixels: Any, x: float, y: float, width: float, height: float) -> str:
    data = base64.b64encode(png(pixels)).decode()
    return (
        f'<image x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>'
    )
