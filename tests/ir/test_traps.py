"""What would go wrong in silence is refused with a sentence that says where and what to do."""

import copy
import math

import numpy as np
import pytest

from backlit import grad, value_and_grad
from backlit.errors import BacklitError, InputError, ShapeError, TraceError
from backlit.ops.activation import leaky_relu

X = np.array([1.0, 2.0, 3.0])
LEAKED = []


def in_place(x):
    y = x * 1
    y += 1
    return np.sum(y)


def fill(x):
    y = np.zeros(3)
    y[0] = x[0]
    return np.sum(y)


def fill_slice(x):
    y = np.zeros(3)
    y[1:] = x[1:]
    return np.sum(y)


def into_array(x):
    y = np.zeros(3)
    y += x
    return np.sum(y)


def assign(x):
    x[0] = 1
    return np.sum(x)


def branch(x):
    return np.sum(x) if np.sum(x) > 0 else 0.0


def swallowed(x):
    try:
        scale = float(x[0])  # which is 1.0
    except TypeError:
        scale = 1.0
    return np.sum(x) * scale


def cut_out(x):
    try:
        return np.sum(x[x < 9])  # which are all
    except TypeError:
        return np.sum(x)


TRAPS = [
    (branch, "the truth of", "np.where"),
    (lambda x: np.sum(x) and 1.0, "the truth of", "np.where"),
    (lambda x: max(x), "the truth of", "np.maximum"),
    (lambda x: 1.0 if 2.0 in list(x) else 0.0, "the truth of", "np.where"),
    (lambda x: 1.0 if 2.0 in x else 0.0, "`in` on x", "np.where"),
    (lambda x: np.asarray(x).sum(), "np.asarray of x", "np.stack"),
    (lambda x: np.array([x[0], x[1]]).sum(), "a list of traced arrays", "np.stack"),
    (lambda x: np.sum([x[0], x[1]]), "a list of traced arrays", "np.stack"),
    (lambda x: X[np.argsort(x)].sum(), "a plain array with a traced index", "np.take_along_axis"),
    (lambda x: float(x[0]), "plain number", "NumPy's functions"),
    (lambda x: math.exp(x[0]), "plain number", "NumPy's functions"),
    (lambda x: [1.0, 2.0][x[0]], "plain number", "NumPy's functions"),
    (lambda x: x[0].item(), "plain number", "NumPy's functions"),
    (lambda x: len(f"{x}") * np.sum(x), "plain number", "NumPy's functions"),
    (fill, "plain number", "np.stack to fill"),
    (fill_slice, "np.asarray of", "np.stack"),
    (into_array, "writing into an array", "x = x + y"),
    (in_place, "+= on y", "x = x +"),
    (assign, "item assignment to x", "np.where"),
    (lambda x: np.sum(np.add(x, x, out=np.zeros(3))), "np.add with out=", "x = x + y"),
    (lambda x: np.sum(x, out=np.zeros(())), "np.sum with out=", "Leave out= away"),
    (lambda x: np.sum(np.add(x, x, where=x > 0)), "keyword argument 'where'", "Known arguments"),
    (lambda x: np.sum(x, dtype=float), "keyword argument 'dtype'", "a, axis, keepdims"),
    (lambda x: np.sum(x, None, float), "keyword argument 'dtype'", "a, axis, keepdims"),
    (lambda x: np.sum(x, 0, None, X), "keyword argument 'out'", "a, axis, keepdims"),
    (lambda x: x.sum(dtype=float), "keyword argument 'dtype'", "a, axis, keepdims"),
    (lambda x: x.max(initial=0.0), "keyword argument 'initial'", "a, axis, keepdims"),
    (lambda x: np.sum(x.clip(0, out=x)), "np.clip with out=", "Leave out= away"),
    (lambda x: np.sum(x.ravel("F")), "keyword argument 'order'", "Known arguments: a"),
    (lambda x: np.sum(x.flatten("F")), "keyword argument 'order'", "Known arguments: a"),
    (lambda x: np.sum(x.reshape(3, 1, order="F")), "argument 'order'", "a, shape"),
    (lambda x: x.nonzero(), ".nonzero", "Known: T, all, any, argmax"),
    (lambda x: x.sort(), "sorting x in place", "x = np.sort(x)"),
    (lambda x: memoryview(x)[0], "'Tracer'", "stand-ins"),
    (lambda x: setattr(x, "shape", (3, 1)), "'Tracer'", "stand-ins"),
    (lambda x: np.sum(x * -(x > 1)), "np.negative (The numpy boolean", "NumPy itself"),
    (lambda x: np.sum(leaky_relu(x, slope=x[0])), "an array for slope", "np.where"),
    (lambda x: np.sum(leaky_relu(x, slope=X)), "an array for slope", "np.where"),
    (lambda x: np.abs(x.astype(complex)).sum(), "a cast to complex128", "Only real"),
    (lambda x: np.sum(np.delete(x, np.argmax(x))), "a cut at a traced", "plain numbers"),
    (lambda x: np.sum(x[: np.argmax(x)]), "a slice that ends at a traced", "np.where"),
    (lambda x: np.quantile(x, [0.1, 0.5])[0], "np.quantile for several q", "one plain number"),
    (lambda x: np.percentile(x, x[0]), "np.quantile for several q, or a traced", "one plain"),
    (lambda x: np.quantile(x, 0.5, method="lower"), "by the method 'lower'", "'linear'"),
    (lambda x: np.sum(np.select([x], [x])), "np.select with conditions that are", "masks"),
    (lambda x: np.sum(np.pad(x, {0: 1})), "np.pad (int() argument", "kind that is not known"),
    (lambda x: np.linalg.svd(x[None])[0][0, 0], "full_matrices=True", "full_matrices=False"),
    (cut_out, "a mask that is traced", "np.where"),
    (swallowed, "plain number", "NumPy's functions"),
    (lambda x: np.add.reduce(x), "np.add.reduce", "np.sum"),
    (lambda x: np.sum(np.nancumsum(x)), "np.nancumsum", "np.cumsum"),
    (lambda x: np.sum(np.left_shift(x, 2)), "np.left_shift", "docs/language.md"),
    (lambda x: np.linalg.eig(x), "np.linalg.eig", "cannot be traced"),
    (lambda x: x.cumsums(), ".cumsums", "Nearest known: cumsum"),
    (lambda x: np.sum(x * np.random.rand(3)), "np.random", "pass them as an argument"),
    (lambda x: np.sum(x[x > 1]), "no fixed shape", "np.where"),
    (lambda x: np.sum(x * np.array([1, None, 2], object)), "dtype object", "only real numbers"),
    (lambda x: np.sum(x * np.array(["a", "b", "c"])), "dtype <U1", "only real numbers"),
    (lambda x: np.sum(x * 1j), "complex", "only real numbers"),
    (lambda x: np.sum(np.arange(3) & x), "&, |, ^ and ~", "masks"),
]


@pytest.mark.parametrize(("f", "found", "advice"), TRAPS)
def test_refused_with_a_sentence(f, found, advice):
    with pytest.raises(TraceError) as caught:
        grad(f)(X)
    sentence = str(caught.value)
    assert found in sentence, sentence
    assert advice in sentence, sentence
    assert "_new" not in sentence  # a provisional name means nothing to a user


def test_the_place_is_named():
    with pytest.raises(TraceError, match=r"in assign \(test_traps\.py, line \d+\)"):
        grad(assign)(X)


SHAPES = [
    (lambda x: np.sum(np.round(x, 400)), "out of range"),
    (lambda x: x @ np.ones((4, 2)), "inner sizes 3 and 4 differ"),
    (lambda x: x + np.ones(4), "add: shapes"),
    (lambda x: np.sum(x, axis=1), "np.sum"),
    (lambda x: np.concatenate([x, x], axis=5), "np.concatenate"),
    (lambda x: np.concatenate([x[0], x[1]]), "np.concatenate"),
    (lambda x: np.stack([x, x[:2]]), "only axis 0 may differ"),
    (lambda x: np.expand_dims(x, 3), "np.expand_dims"),
    (lambda x: np.squeeze(x, 0), "not of size 1"),
    (lambda x: np.transpose(x, (0, 1)), "np.transpose"),
    (lambda x: np.transpose(x[None], (0, 0)), "np.transpose"),
    (lambda x: np.transpose(x[None], (0,)), "do not name each"),
    (lambda x: np.reshape(x, (2, 2)), "np.reshape"),
    (lambda x: np.reshape(x, (-1, -1)), "np.reshape"),
    (lambda x: np.broadcast_to(x, (3, 2)), "broadcast_to"),
    (lambda x: x[9], "out of bounds"),
    (lambda x: x[1.5], "1.5 is no index"),
    (lambda x: x[True], "True or False"),
    (lambda x: x[np.array(True)], "True or False"),
    (lambda x: np.max(x[:0]), "of no entries"),
    (lambda x: np.average(x[None], 0, X), "give axis"),
    (lambda x: x[np.array([0.0, 1.0])], "dtype float64"),
    (lambda x: x[0, 0], "too many indices"),
    (lambda x: np.einsum("ij->i", x), "names 2 axes of 1"),
    (lambda x: np.einsum("i;->i", x), "expected a word for each"),
    (lambda x: np.einsum("i,i->i", x), "with 1 arrays: expected a word for each"),
    (lambda x: np.einsum("i->j", x), "must name axes"),
    (lambda x: np.dot(x, np.ones((2, 4, 3))), "the axes that meet have sizes [3] and [4]"),
]


@pytest.mark.parametrize(("f", "found"), SHAPES)
def test_shapes_that_do_not_fit_say_where(f, found):
    with pytest.raises(ShapeError) as caught:
        grad(lambda x: np.sum(f(x)))(X)
    assert found in str(caught.value)
    assert "test_traps.py, line" in str(caught.value)


def test_a_tracer_that_leaked():
    def leaking(x):
        LEAKED.append(x)
        return np.sum(x)

    grad(leaking)(X)
    for use in (lambda: LEAKED[0] + 1, lambda: grad(lambda y: np.sum(y * LEAKED[0]))(X)):
        with pytest.raises(TraceError, match="belongs to a trace that has ended"):
            use()
    with pytest.raises(TraceError, match="belongs to a trace that has ended"):
        grad(lambda x: grad(leaking)(x * 2)[0] + np.sum(LEAKED[-1]))(X)


def test_arguments_are_never_changed():
    x = X.copy()
    grad(lambda x: np.sum(x * x))(x)
    assert np.array_equal(x, X)
    params = {"W": x}

    def replace(p):
        p["W"] = p["W"] * 2
        return np.sum(p["W"])

    assert np.array_equal(grad(replace)(params)["W"], [2, 2, 2])
    assert params["W"] is x


@pytest.mark.parametrize(
    "bad",
    [
        np.array([1, 2], object),
        np.array([1 + 1j]),
        np.array(["a"]),
        np.array([None]),
        np.ma.array([1.0, 2.0]),
    ],
)
def test_arguments_that_are_no_numbers(bad):
    with pytest.raises(InputError, match=r"dtype .* expected real numbers"):
        grad(lambda x: np.sum(x))(bad)


@pytest.mark.parametrize("nothing", ["text", None, object(), [], {}, np.bool_(True)])
def test_nothing_to_differentiate_by(nothing):
    with pytest.raises(InputError, match="no arrays or numbers"):
        grad(lambda x: 1.0)(nothing)


def test_every_refusal_is_ours():
    for f, *_ in TRAPS + SHAPES:
        with pytest.raises(BacklitError):
            grad(f)(X)


# what looks like a trap and is none


def plain_facts(x):
    return np.sum(x) * np.shape(x)[0] * np.ndim(x) * np.size(x) * x.size * len(x) * x.ndim


def accumulate(x):
    total = 0.0
    for row in x:
        total += row**2
    total *= 2
    return total


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (plain_facts, [81.0, 81.0, 81.0]),
        (accumulate, [4.0, 8.0, 12.0]),
        (lambda x: np.sum(np.where((x > 1) & ~(x > 2) | (x == 3), x, 0)), [0, 1, 1]),
        (lambda x: np.sum(copy.deepcopy(x) * x.copy()), [2, 4, 6]),
        (lambda x: np.sum(x[np.array([True, False, True])]), [1, 0, 1]),
        (lambda x: np.sum(x[[0, 0, 2]]) + np.sum(x[[]]), [2, 0, 1]),
        (lambda x: np.sum(x[::-1][:2] * np.array([1, 2])), [0, 2, 1]),
        (lambda x: sum(x), [1, 1, 1]),
        (lambda x: np.concatenate([x[:, None], x[:, None]], axis=None) @ np.arange(6), [3, 5, 7]),
        (lambda x: 2 * (x / 1e-300)[0] * 1e-300, [2, 0, 0]),
        (lambda x: np.mean(x, axis=(0,)), [1 / 3, 1 / 3, 1 / 3]),
        (lambda x: 0.0 if x is None else np.sum(x), [1, 1, 1]),
        (lambda x: np.sum(np.expand_dims(x, [0, 2]) * X[:, None]), [1, 2, 3]),
        (lambda x: np.sum(x * 2.0 ** -np.fabs(x.astype(int))), [0.5, 0.25, 0.125]),
        (lambda x: np.sum(x) if hasattr(x, "shape") and not hasattr(x, "iloc") else 0, [1, 1, 1]),
        (lambda x: np.clip(x, None, 2.5).sum() + x.clip(0).sum(), [2, 2, 1]),
        (lambda x: np.clip(x, min=0, max=2.5).sum() + x.clip(max=1.5).sum(), [2, 1, 0]),
        (lambda x: x[None].squeeze().swapaxes(0, -1).astype(float, copy=False).max(0), [0, 0, 1]),
        (lambda x: 3.0, [0, 0, 0]),
        (lambda x: 3, [0, 0, 0]),
    ],
)
def test_allowed(f, expected):
    assert np.allclose(grad(f)(X), expected, rtol=1e-14)


def test_division_by_zero_is_numpys_affair():
    with np.errstate(all="ignore"):
        value, slope = value_and_grad(lambda x: np.sum(2 * (x / 0)))(X)
        assert value == np.inf
        assert np.all(slope == np.inf)
        empty = np.zeros((0, 3))
        assert np.array_equal(grad(lambda w: np.sum(np.exp(empty @ w)))(X), np.zeros(3))
