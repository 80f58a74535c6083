"""Axes as NumPy counts them, and parts of arrays along them; no ops."""

import math

import numpy as np


def normal_axes(axis, ndim):
    """An int or a tuple → a tuple of different non-negative axes, or NumPy's AxisError."""
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def all_axes(axis, ndim):
    """None, an int or a tuple → a sorted tuple of non-negative axes."""
    return tuple(range(ndim)) if axis is None else tuple(sorted(normal_axes(axis, ndim)))


def one_axis(a, axis):
    """An array and a non-negative axis; without an axis, all entries one after the other."""
    if axis is None:
        return np.ravel(a), 0
    (axis,) = normal_axes(axis, np.ndim(a))
    return a, axis


def part(a, axis, key):
    """``a[:, …, key]`` with the key at a (non-negative) axis."""
    return a[(*(slice(None),) * axis, key)]


def lying_along(x, axis, ndim):
    """A vector as an array of `ndim` axes, all but one of size 1."""
    return np.reshape(x, [-1 if i == axis else 1 for i in range(ndim)])


def count(shape, axes):
    """How many entries lie along some axes of a shape."""
    return math.prod(shape[i] for i in axes)
