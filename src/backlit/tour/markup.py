"""The three marks in prose: mathematics, code, stress."""

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["", "maths", "code", "stress"]
_MARK = re.compile(r"\$([^$]+)\$|`([^`]+)`|\*([^*]+)\*")
_KINDS: tuple[Kind, ...] = ("maths", "code", "stress")


def spans(text: str) -> Iterator[tuple[Kind, str]]:
    """The parts of a paragraph and what each is.

    >>> list(spans("so $x ← x − α$ is *not* `x`"))[:4]
    [('', 'so '), ('maths', 'x ← x − α'), ('', ' is '), ('stress', 'not')]
    """
    end = 0
    for mark in _MARK.finditer(text):
        if mark.start() > end:
            yield "", text[end : mark.start()]
        index = mark.lastindex or 1
        yield _KINDS[index - 1], mark[index]
        end = mark.end()
    if end < len(text):
        yield "", text[end:]
