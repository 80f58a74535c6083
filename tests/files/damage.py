"""Files of backlit, taken apart, changed and put together again."""

import json

import numpy as np

from backlit.files.header import DTYPES
from backlit.files.tensors import _sum, array_sum


def split(content):
    """The header, as JSON, and the numbers."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def join(header, numbers):
    text = header if isinstance(header, bytes) else compact(header).encode(errors="surrogatepass")
    return len(text).to_bytes(8, "little") + text + numbers


def compact(node):
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))


def described(header):
    """What the metadata tell: the object, and the sums."""
    return json.loads(header["__metadata__"]["backlit"])


def described_by(header, known, numbers):
    """A file whose sums fit what it says, whatever that is: the sums alone do not protect it."""
    known["sum"] = _sum(known["about"])
    for name, entry in header.items():
        if name in known["sums"]:
            start, stop = entry["data_offsets"]
            array = np.frombuffer(numbers[start:stop], DTYPES[entry["dtype"]])
            known["sums"][name] = array_sum(array.reshape(entry["shape"]))
    header["__metadata__"]["backlit"] = compact(known)
    return join(header, numbers)


def places(node, path=()):
    """Where something stands in JSON, inner places last."""
    yield path
    if isinstance(node, (dict, list)):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from places(node[key], (*path, key))


WILD = [None, True, -1, 0, 10**30, 1e308, 5e-324, "", "tanh", [], {}, [1, 2], {"kind": "Number"},
        {"kind": "nan"}, 2**40, [[]] * 3]  # fmt: skip


def with_other(node, place, wild):
    """The JSON with something else at a place."""
    top = json.loads(json.dumps(node))
    if not place:
        return wild
    inner = top
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = wild
    return top


def flipped(content, rng):
    content = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        content[rng.integers(len(content))] ^= 1 << rng.integers(8)
    return bytes(content)


def cut(content, rng):
    return content[: rng.integers(len(content))]


def inserted(content, rng):
    place = rng.integers(len(content) + 1)
    return content[:place] + rng.bytes(rng.integers(1, 40)) + content[place:]


def swapped(content, rng):
    a, b = sorted(rng.integers(len(content), size=2))
    content = bytearray(content)
    content[a], content[b] = content[b], content[a]
    return bytes(content)


def longer(content, rng):
    """A header that is said to have another length."""
    length = int.from_bytes(content[:8], "little") + int(rng.integers(-9, 2 ** rng.integers(4, 50)))
    return (max(length, 0) % 2**64).to_bytes(8, "little") + content[8:]


def edited(content, rng):
    """Something else in one field of the header, or of what it describes; the sums fit."""
    header, numbers = split(content)
    known = described(header)
    wild = WILD[rng.integers(len(WILD))]
    if rng.random() < 0.3:
        every = [*places(header)][1:]
        return join(with_other(header, every[rng.integers(len(every))], wild), numbers)
    every = [*places(known["about"])][1:]
    known["about"] = with_other(known["about"], every[rng.integers(len(every))], wild)
    return described_by(header, known, numbers)


def renumbered(content, rng):
    """Other bytes in the arrays; the sums fit."""
    header, numbers = split(content)
    return described_by(header, described(header), flipped(numbers, rng))


def retyped(content, rng):
    """An array of another dtype, as many bytes as before; the sums fit."""
    header, numbers = split(content)
    known = described(header)
    names = [*known["sums"]]
    entry = header[names[rng.integers(len(names))]]
    entry["dtype"] = [*DTYPES][rng.integers(len(DTYPES))]
    start, stop = entry["data_offsets"]
    entry["shape"] = [(stop - start) // DTYPES[entry["dtype"]].itemsize]
    try:
        return described_by(header, known, numbers)
    except ValueError:  # as many bytes are no array of that
        return join(header, numbers)


BLIND = (flipped, cut, inserted, swapped, longer)
DAMAGES = (*BLIND, edited, renumbered, retyped)


def damaged(content, rng):
    """The file with a fault of a kind that is drawn; one of ten with another one."""
    content = DAMAGES[rng.integers(len(DAMAGES))](content, rng)
    if content and rng.random() < 0.1:
        content = BLIND[rng.integers(len(BLIND))](content, rng)
    return content
