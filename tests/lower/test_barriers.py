"""Between two barriers no thread touches a number that another writes: every number, counted."""

import sys

import numpy as np
import pytest

from backlit import nn
from backlit.optim import sgd

from .native import step_program
from .test_forms import FORMS


def share(size, thread, threads):
    """As csrc/player.cpp divides rows."""
    if thread == threads:
        return size
    step = 6 if size >= 24 else 1
    return min(size, (size * thread // threads + step // 2) // step * step)


class Traffic:
    """The numbers that one thread reads and writes in an instruction."""

    def __init__(self, x, thread, threads):
        self.reads, self.writes = set(), set()
        stack = x.numbers[0] if x.op == "MATMUL" else 1
        whole = x.n if x.split == "columns" else stack if stack > 1 else x.m
        own = range(share(whole, thread, threads), share(whole, thread + 1, threads))
        if x.split == "none":
            own = range(whole if thread == threads - 1 else 0)
        if not own:
            return
        rows, columns = (range(x.m), own) if x.split == "columns" else (own, range(x.n))
        block = [i * x.n + j for i in rows for j in columns]
        if stack > 1:
            block = [i * x.m * x.n + j for i in own for j in range(x.m * x.n)]
        if x.split == "none":
            block = range(x.out.buffer.size)
        for place in x.reads():
            self._add(self.reads, place, self._read(x, place, own))
        if x.out is not None:
            self._add(self.writes, x.out, block)
        for step in x.tail:
            for o in step.inputs:
                entries = {"full": block, "row": columns, "column": rows, "scalar": [0]}
                if o.kind != "register":
                    self._add(self.reads, o, entries[o.kind])
            if step.out.kind != "register":
                self._add(self.writes, step.out, block)

    def _read(self, x, place, own):
        lines = {"REDUCE": x.k * x.n, "LINE": x.k, "TAKE_LINE": x.k, "PUT_LINE": x.k, "DROP": x.n}
        index = {"TAKE": 1, "TAKE_LINE": x.n, "PUT_LINE": x.k, "ONE_HOT": 1}
        by_row = x.split == "rows"
        if place is x.a and x.op == "MATMUL" and x.numbers[0] == 1 and by_row:
            _, row, column = x.numbers[:3]
            return [i * row + j * column for i in own for j in range(x.k)]
        length = lines.get(x.op) if place is x.a else None
        length = index.get(x.op, length) if place is not x.a or x.op == "ONE_HOT" else length
        if length is not None and by_row and place is not x.b:
            return [i * length + j for i in own for j in range(length)]
        return range(place.buffer.size - place.offset)

    def _add(self, where, place, entries):
        root = place.buffer.root
        where.update((root.segment, root.offset + place.offset + i) for i in entries)


def collisions(program, threads=3):
    """Pairs of instructions in which threads touch the same number at the same time."""
    found, since = [], []
    for number, x in enumerate(program.code):
        if x.barrier:
            since = []
        since.append((number, [Traffic(x, t, threads) for t in range(threads)]))
        now = since[-1][1]
        for earlier, traffic in since:
            for t, mine in enumerate(now):
                for u, other in enumerate(traffic):
                    crossed = mine.writes & (other.reads | other.writes) | mine.reads & other.writes
                    if t != u and crossed:
                        found.append((earlier, number))
    return found


@pytest.mark.parametrize("name", FORMS)
def test_threads_do_not_collide_between_barriers(name, monkeypatch):
    monkeypatch.setattr(sys.modules["backlit.lower.lower"], "_ROOMY", 0)
    loss, params, *batch = FORMS[name]
    if name == "wide":
        params = [params[0][:, :40], params[1][:40]]
    program = step_program(loss, params, batch)
    assert collisions(program) == []


def test_without_barriers_they_would():
    def loss(p, X, Y):
        return nn.mse(nn.mlp(p, X), Y)

    program = step_program(loss, nn.dense([4, 8, 1]), [np.zeros((32, 4)), np.zeros((32, 1))], sgd())
    assert collisions(program) == []
    for x in program.code:
        x.barrier = False
    assert collisions(program)
