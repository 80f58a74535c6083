"""The operations, one entry each. To add one, write its entry in the file where it belongs.

A new file is listed here; nothing else in backlit is edited (see docs/ops.md).
"""

from . import (  # noqa: F401  (importing registers the entries)
    activation,
    along,
    arithmetic,
    arrange,
    compare,
    diagonal,
    dropout,
    einsum,
    elementary,
    extremes,
    index,
    linalg,
    linear,
    norms,
    reduce,
    rounding,
    shape,
    spectral,
    statistics,
    trigonometry,
    window,
)
