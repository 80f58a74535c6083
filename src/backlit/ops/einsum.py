"""Einstein's sums: products of arrays of any rank, their axes named by letters."""

import math
import re
import string

import numpy as np

from ..ir.op import array, implements, op


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
    return np.einsum(subscripts, *xs, optimize=len(xs) > 1)


@einsum.expand
def _(*xs, subscripts):
    """Two at a time: what stays in both is a stack, what goes in both is the product's sum."""
    words, result = subscripts.split("->")
    words = words.split(",")
    word, x = _summed(words[0], xs[0], set(result).union(*words[1:]))
    for i, (other, y) in enumerate(zip(words[1:], xs[1:], strict=True), 2):
        later = set(result).union(*words[i:])
        other, y = _summed(other, y, later | set(word))
        word, x = _summed(word, x, later | set(other))
        word, x = _product(word, x, other, y, later)
    return np.transpose(x, [word.index(c) for c in result])


def _summed(word, x, needed):
    """Summed over the letters that nobody else needs."""
    gone = tuple(i for i, c in enumerate(word) if c not in needed)
    return "".join(c for c in word if c in needed), np.sum(x, axis=gone) if gone else x


def _product(left, x, right, y, later):
    """One matrix product, in a stack: the letters of both words that are needed later come first"""
    stack = [c for c in left if c in right and c in later]
    summed = [c for c in left if c in right and c not in later]
    rows, columns = ([c for c in w if c not in v] for w, v in ((left, right), (right, left)))
    sizes = dict(zip(left + right, np.shape(x) + np.shape(y), strict=True))

    def sized(*parts):
        return [math.prod(sizes[c] for c in part) for part in parts]

    x = np.transpose(x, [left.index(c) for c in [*stack, *rows, *summed]])
    y = np.transpose(y, [right.index(c) for c in [*stack, *summed, *columns]])
    x = np.reshape(x, sized(stack, rows, summed))
    y = np.reshape(y, sized(stack, summed, columns))
    word = [*stack, *rows, *columns]
    return "".join(word), np.reshape(np.matmul(x, y), [sizes[c] for c in word])


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
    if not isinstance(subscripts, str):
        subscripts, *operands = _lettered([subscripts, *operands])
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    words = left.split(",")
    if not re.fullmatch(r"[a-zA-Z.,]*", left + result) or len(words) != len(operands):
        raise ValueError(f"{subscripts!r} with {len(operands)} arrays: expected a word for each")
    if not arrow:
        once = [c for c in left if c.isalpha() and left.count(c) == 1]
        result = "..." * ("..." in left) + "".join(sorted(once))
    operands = [array(x) for x in operands]
    words, result = _spell_out(words, result, operands)
    pairs = [_diagonals(word, x) for word, x in zip(words, operands, strict=True)]
    sizes = [pair for word, x in pairs for pair in zip(word, np.shape(x), strict=False)]
    pairs = [_thinned(word, x, {c for c, n in sizes if n != 1}) for word, x in pairs]
    return einsum(*[x for _, x in pairs], subscripts=",".join(w for w, _ in pairs) + "->" + result)


def _lettered(arguments):
    """Arrays each with a list of numbers for its axes (…, axes of the result) in letters."""

    def word(axes):
        return "".join("..." if a is ... else string.ascii_letters[a] for a in axes)

    words = ",".join(map(word, arguments[1::2]))
    if len(arguments) % 2:
        return f"{words}->{word(arguments[-1])}", *arguments[:-1:2]
    return words, *arguments[::2]


def _spell_out(words, result, operands):
    """Letters of their own in place of each ``...``, the last axes alike in all operands."""
    used = set("".join(words))
    free = [c for c in string.ascii_letters if c not in used]
    most, answer = 0, []
    for word, x in zip(words, operands, strict=True):
        n = np.ndim(x) - len(word.replace("...", "")) if "..." in word else 0
        most = max(most, n)
        answer.append(word.replace("...", "".join(free[:n][::-1])))
    return answer, result.replace("...", "".join(free[:most][::-1]))


def _thinned(word, x, wide):
    """Without the axes of size 1 that are stretched: their letter is wide in another operand."""
    if len(word) != np.ndim(x):
        return word, x
    kept = [(c, n) for c, n in zip(word, np.shape(x), strict=True) if n != 1 or c not in wide]
    if len(kept) == len(word):
        return word, x
    return "".join(c for c, _ in kept), np.reshape(x, tuple(n for _, n in kept))


def _diagonals(word, x):
    """Of a letter that stands twice in one word, the diagonal, as a last axis."""
    for letter in sorted(set(word)):
        while word.count(letter) > 1:
            first, second = word.index(letter), word.rindex(letter)
            x = np.diagonal(x, 0, first, second)
            word = word[:first] + word[first + 1 : second] + word[second + 1 :] + letter
    return word, x
