"""Widths of layers as they are typed: 2-8-1."""

import re

_WIDTHS = re.compile(r"[1-9]\d{0,5}(-[1-9]\d{0,5})*")


def widths(text: str) -> list[int]:
    """``2-8-1`` → [2, 8, 1]; [] for what are no widths of 1 to 999,999."""
    return [int(word) for word in text.split("-")] if _WIDTHS.fullmatch(text) else []
