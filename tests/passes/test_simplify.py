"""Every row of the table: it applies, and what it writes has the same value."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from backlit import grad
from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.ops.index import one_hot
from backlit.ops.shape import ones_like, sum_to
from backlit.passes import canonical, simplify
from backlit.passes.canonical import TABLE as CANONICAL
from backlit.passes.rewrite import Identity, identity, rewrite, table
from backlit.passes.simplify import TABLE

RNG = np.random.default_rng(3)
A, B, P = RNG.normal(size=(3, 4)), RNG.normal(size=(4,)), RNG.uniform(0.5, 2, size=(3, 1))
IDENTITIES = [row for t in (TABLE, CANONICAL) for rows in t.values() for row in rows]
IDENTITIES = [row for row in IDENTITIES if isinstance(row, Identity)]


def same(graph, other, *values):
    """The values of two graphs agree to the last bits."""
    with np.errstate(all="ignore"):
        pairs = zip(interpret(graph, *values), interpret(other, *values), strict=True)
    for a, b in pairs:
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(b, a, rtol=1e-14, atol=1e-14 * np.max(np.abs(a), initial=1e-300))


@pytest.mark.parametrize("row", IDENTITIES, ids=lambda row: row.why[:40])
@pytest.mark.parametrize("numbers", [(-2.5, 0.75), (3.0, -7.0), (-1.0, -1.0), (0.0, 2.0)])
@pytest.mark.parametrize("arrays", [(A, B), (P, A), (B, P), (A, 0 * A), (-A, A.copy())])
def test_an_identity_holds(row, numbers, arrays):
    numbers, arrays = iter(numbers), iter(arrays)
    values = [next(numbers if v.name in "cd" else arrays) for v in row.pattern.inputs]
    with np.errstate(all="ignore"):
        ours = row.replacement(*values)
        (theirs,) = interpret(row.pattern, *values)
    if ours is not None:  # a row may hold for some numbers only
        finite = np.isfinite(theirs)
        scale = np.max(np.abs(np.where(finite, theirs, 0)), initial=1.0)
        np.testing.assert_allclose(
            np.asarray(ours)[finite], theirs[finite], rtol=1e-14, atol=1e-14 * scale
        )


@dataclass
class Watched:
    """A row that counts how often it gives an answer."""

    row: object
    hits: Counter

    def __getattr__(self, name):
        return getattr(self.row, name)

    def __call__(self, rewriter, eqn):
        answer = self.row(rewriter, eqn)
        self.hits[self.row.op, self.row.why] += answer is not None
        return answer


labels = np.array([2, 0, 1])
SIMPLE = [
    lambda x: ones_like(np.sum(x)) * x,
    lambda x: x.T.T,
    lambda x: np.transpose(x[None], (2, 0, 1)).T,
    lambda x: np.transpose(x, (0, 1)),
    lambda x: (x.T @ np.abs(x)).T,
    lambda x: np.swapaxes(np.stack([x, -x]) @ np.swapaxes(np.stack([x, x]), 1, 2), 1, 2),
    lambda x: np.reshape(x, (3, 4)),
    lambda x: np.reshape(np.reshape(x, (2, 6)), (12,)),
    lambda x: np.broadcast_to(x, (3, 4)),
    lambda x: np.reshape(np.broadcast_to(np.sum(x), (2, 2)), (4,)),
    lambda x: np.broadcast_to(np.reshape(np.sum(x), (1, 1)), (3, 4)),
    lambda x: np.reshape(np.sum(x), (1, 1)) * x,
    lambda x: np.broadcast_to(np.broadcast_to(x[:1], (3, 4)), (2, 3, 4)) + 0.5,
    lambda x: -np.broadcast_to(x[0, 0], (3, 4)) * x,
    lambda x: 2 * np.broadcast_to(x[0, 0], (3, 4)) - x,
    lambda x: x + np.broadcast_to(x[:1], (3, 4)),
    lambda x: np.broadcast_to(x[0, 0], (3, 4)) - x,
    lambda x: x * np.broadcast_to(x[0], (3, 4)),
    lambda x: x / np.broadcast_to(x[0, 0], (3, 4)),
    lambda x: np.maximum(x, np.broadcast_to(x[0], (3, 4))),
    lambda x: np.minimum(np.broadcast_to(x[0], (3, 4)), x),
    lambda x: np.where(x > 0, np.broadcast_to(x[0], (3, 4)), x),
    lambda x: np.broadcast_to(x[:1], (3, 4)) * x[:1],
    lambda x: np.sum(-3 * x, axis=1),
    lambda x: np.sum(one_hot(labels + 0 * x.astype(int)[:, 0], classes=4), axis=1) * x[:, 0],
    lambda x: x * 2,
    lambda x: -2 * (x - x[0]),
    lambda x: -2 * x + 2 * x[0],
    lambda x: 2 * x + -2 * x[0],
    lambda x: 3 * x - 3 * x[0],
    lambda x: x * 1 + 0 + (0 - x) / 1,
    lambda x: x**1 + x**2 + x * x - 0,
    lambda x: np.negative(-x) + -(x - x[0]) + (x - (-x[0])) + (-x[0]),
    lambda x: (-x) * x[0] + (-x) / x[0],
    lambda x: -(3 * x) + 2 * (3 * x) + 2 * (x / 3) + (2 * x) / 3,
    lambda x: (2 * x) * x[0] + x * (2 * x[0]) + (2 * x) / x[0],
    lambda x: -1 * x + -3 / x,
    lambda x: (x + -3.0) * (x - -3.0),
    lambda x: x[0] + -3 * x,
    lambda x: x[0] - -3 * x,
]
NUMBERS = ("add", "subtract", "multiply", "divide", "negative", "power", "square", "sqrt")


def test_every_row_of_the_table_applies_and_keeps_the_value():
    hits = Counter()
    watched = {op: [Watched(row, hits) for row in rows] for op, rows in TABLE.items()}
    for f in SIMPLE:
        graph = trace(f, A).graph
        same(graph, rewrite(graph, watched), A)
    folded = Counter({(op, "arithmetic on numbers"): 1 for op in NUMBERS})  # tested below
    rows = {(row.op, row.why) for rows in TABLE.values() for row in rows}
    assert rows - set(+hits) - set(folded) == set()


@pytest.mark.parametrize("op", NUMBERS)
def test_numbers_are_computed_at_once(op):
    from backlit.ir.build import Builder
    from backlit.ir.op import REGISTRY

    entry, builder = REGISTRY[op], Builder()
    x = builder.input("x", np.zeros(2), "data")
    with builder.active():
        numbers = [np.float64(4.0), np.float64(0.5)][: len(entry.inputs)]
        folded = builder.emit(entry, numbers, {})
        graph = builder.finish([folded * x])
    simple = simplify(graph)
    same(graph, simple, np.ones(2))
    assert not [e for e in simple.equations if e.op is entry and e.out.shape == ()]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1e300 * (1e300 * x),
        lambda x: (1e300 * x) / 1e-300,
        lambda x: 2 * (x / 0),
        lambda x: -1 * (x > 0) * x,
        lambda x: (0 - (x > 0)) * x,
        lambda x: (2 * (x > 0) - 2 * (x > 1)) * x,
        lambda x: (3 * (x > 0) + -3 * (x > 1)) * x,
        lambda x: (x > 0) * 1 * x,
        lambda x: np.float32(2) * x.astype(np.float32) * np.float64(2),
        lambda x: x + np.inf,
        lambda x: np.inf * (2 * x),
        lambda x: np.nan * x,
        lambda x: 1e-200 * (1e-200 * np.exp(300 * x)),
        lambda x: 2.0 * (x / np.float32(3)),
        lambda x: (2.0 * x) / np.float16(3),
        lambda x: np.float32(0.1) * (np.float32(0.3) * x),
        lambda x: np.inf * x - np.inf * x[::-1],
        lambda x: np.sum(np.float64(2) * x.astype(np.float16)) * x,
        lambda x: np.sum(2 * (200 + x).astype(np.uint8)) * x,
    ],
)
def test_what_must_not_be_rewritten_keeps_its_value_and_type(f):
    small = np.array([1e-300, 2e-301, -1.0, 0.5, 2.0])
    with np.errstate(all="ignore"):
        graph = trace(f, small).graph
        simple = simplify(graph)
        for a, b in zip(interpret(graph, small), interpret(simple, small), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-14)
            assert b.dtype == a.dtype
        grad(lambda x: np.sum(f(x)))(small)


def test_simplify_ends():
    """A second time changes nothing."""
    for f in SIMPLE:
        once = simplify(trace(f, A).graph)
        assert [e.op for e in simplify(once).equations] == [e.op for e in once.equations]


def test_names_of_the_user_stay():
    def f(x):
        twice = 2 * x
        again = twice * 3
        return -(again - x)

    simple = simplify(trace(f, A).graph)
    assert {"twice", "again"} <= {e.out.name for e in simple.equations}


def test_a_product_with_a_name_is_not_turned():
    def f(x):
        G = x.T @ np.abs(x)
        return G.T

    assert [e.op.name for e in simplify(trace(f, A).graph).equations][-2:] == [
        "matmul",
        "transpose",
    ]
    turned = simplify(trace(lambda x: (x.T @ np.abs(x)).T, A).graph)
    assert [e.op.name for e in turned.equations][-1] == "matmul"


def test_a_wrong_row_would_be_seen():
    wrong = identity(lambda x, y: x - y, lambda x, y: x + y, "wrong")
    with pytest.raises(AssertionError):
        test_an_identity_holds(wrong, (1.0, 1.0), (A, B))
    graph = trace(lambda x: x - x[0], A).graph
    with pytest.raises(AssertionError):
        same(graph, rewrite(graph, table(wrong)), A)


def test_an_answer_of_another_shape_or_type_is_refused():
    graph = trace(lambda x: x - x[0], A).graph
    for wrong in (lambda x, y: y, lambda x, y: (x + y).astype(np.float32), lambda x, y: None):
        rows = table(identity(lambda x, y: x - y, wrong, "wrong"))
        same(graph, rewrite(graph, rows), A)


def test_canonical_and_simplify_agree_on_sum_to():
    graph = trace(lambda x: sum_to(x * 2, shape=(1, 4)), A).graph
    same(graph, simplify(canonical(graph)), A)
