"""Products of matrices, and of arrays of any rank by einsum."""

import re

import numpy as np

from ..ir.op import implements, op


@op(
    holomorphic=True,
    numpy=np.matmul,
    latex="{x:product} \\, {y:unary}",
    text="{x:product} {y:unary}",
    level="product",
    cases=(
        (((3, 4), (4, 2)), {}),
        (((4,), (4,)), {}),
        (((3, 4), (4,)), {}),
        (((3,), (3, 4)), {}),
        (((2, 3, 4), (4, 5)), {}),
        (((2, 1, 3, 4), (5, 4, 2)), {}),
        (((2, 3, 4), (4,)), {}),
        (((3,), (2, 3, 4)), {}),
        (((0, 4), (4, 2)), {}),
        (((3, 0), (0, 2)), {}),
    ),
)
def matmul(x, y):
    """Matrix product, with NumPy's rank cases."""
    return x @ y


@matmul.backward
def _(grad, out, x, y):
    rows, columns = np.ndim(x), np.ndim(y)
    if rows == 1 and columns == 1:
        return grad * y, grad * x
    if columns == 1:
        grad = np.expand_dims(grad, -1)
        return grad * y, grad * x
    if rows == 1:
        grad = np.expand_dims(grad, -1)
        back = y @ grad
        return np.reshape(back, np.shape(back)[:-1]), np.swapaxes(grad * x, -1, -2)
    return grad @ np.swapaxes(y, -1, -2), np.swapaxes(x, -1, -2) @ grad


@matmul.shape
def _(x, y):
    if not x or not y:
        raise ValueError("a scalar has no matrix product: use *")
    if x[-1] != y[-2 if len(y) > 1 else -1]:
        raise ValueError(f"the inner sizes {x[-1]} and {y[-2 if len(y) > 1 else -1]} differ")
    stack = np.broadcast_shapes(x[:-2], y[:-2])
    return (*stack, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


@implements(np.dot)
def _dot(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) > 2:
        raise ValueError("more than two axes: use np.matmul or np.einsum")
    return matmul(a, b)


def _sum_over(*xs, subscripts):
    return f"einsum({', '.join(map(format, xs))}: {subscripts.replace('->', ' → ')})"


def _sum_over_latex(*xs, subscripts):
    words = re.sub("[a-zA-Z]+", r"\\mathrm{\g<0>}", subscripts).replace("->", r" \to ")
    return rf"\operatorname{{einsum}}_{{{words}}}({', '.join(map(format, xs))})"


@op(
    holomorphic=True,
    text=_sum_over,
    latex=_sum_over_latex,
    cases=(
        (((3, 4), (4, 2)), {"subscripts": "ij,jk->ik"}),
        (((2, 3, 4),), {"subscripts": "abc->ca"}),
        (((2, 3), (3,), (2,)), {"subscripts": "ij,j,i->"}),
        (((3,), (4,)), {"subscripts": "i,j->ij"}),
    ),
)
def einsum(*xs, subscripts):
    """Einstein's sum: products of entries, summed over the letters that the result lacks."""
    return np.einsum(subscripts, *xs, optimize=len(xs) > 2)


@einsum.backward
def _(grad, out, *xs, subscripts):
    words, result = subscripts.split("->")
    words = words.split(",")
    answer = []
    for i, (x, word) in enumerate(zip(xs, words, strict=True)):
        others = [(w, v) for j, (w, v) in enumerate(zip(words, xs, strict=True)) if j != i]
        known = set(result).union(*[set(w) for w, _ in others])
        alone = [letter for letter in word if letter not in known]  # summed in x alone: spread
        ones = [(c, np.ones(np.shape(x)[word.index(c)], grad.dtype)) for c in alone]
        terms = [(result, grad), *others, *ones]
        swapped = ",".join(w for w, _ in terms) + "->" + word
        answer.append(einsum(*[v for _, v in terms], subscripts=swapped))
    return tuple(answer)


@einsum.shape
def _(*xs, subscripts):
    words, result = subscripts.split("->")
    sizes = {}
    for word, x in zip(words.split(","), xs, strict=True):
        if len(word) != len(x):
            raise ValueError(f"{word!r} names {len(word)} axes of {len(x)}")
        for letter, n in zip(word, x, strict=True):
            if sizes.setdefault(letter, n) != n:
                raise ValueError(f"{letter!r} stands for {sizes[letter]} and for {n}")
    if len(set(result)) != len(result) or not set(result) <= set(sizes):
        raise ValueError(f"{result!r} must name axes of the operands, each once")
    return tuple(sizes[letter] for letter in result)


@implements(np.einsum)
def _einsum(subscripts, *operands, optimize=False):
    words = str(subscripts).replace(" ", "")
    if "..." in words or not words.replace(",", "").replace("->", "").isalpha():
        raise ValueError(f"{subscripts!r}: only letters, ',' and '->' can be traced")
    if "->" not in words:
        letters = words.replace(",", "")
        words += "->" + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if any(len(set(w)) != len(w) for w in words.split("->")[0].split(",")):
        raise ValueError(f"{subscripts!r}: a letter twice in one operand is not known")
    return einsum(*operands, subscripts=words)
