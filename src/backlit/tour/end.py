"""The end: what to try next."""

from collections.abc import Iterator

from .blocks import Block, Code, Prose


def end(seed: int) -> Iterator[Block]:
    """The verbs, each with what it shows."""
    yield Prose(
        "Every figure above was computed while you read. Take the parts into your own hands:"
    )
    yield Code(
        "# chapter 1 on any function\n"
        'backlit descend "x**4 - 3*x**2 + x" --start 2 --rate 0.02\n\n'
        "# chapter 4 for a network of any size, or for your own loss, in your own names\n"
        "backlit derive 2-3-1 --numbers\n"
        "backlit derive my.py:loss --check\n\n"
        "# chapter 8 with more trials\n"
        "backlit prove --trials 20\n\n"
        "# all of it with other random numbers\n"
        f"backlit tour --seed {seed + 1}"
    )
    yield Prose(
        "In Python, `bl.derive`, `bl.check` and `bl.fit` do the same to any NumPy function."
    )
