"""erf, Φ and e^(−x²) on NumPy arrays, to the last digits and out to the ends of both tails.

They are computed in float64 and rounded once to the dtype of their argument.

Source: W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of
Computation 23 (1969), 631-637: the three quotients of polynomials below, the highest power first.
"""

import math

import numpy as np

_NEAR, _FAR = 0.46875, 4.0  # where one quotient hands over to the next
_NOTHING = 40.0  # e^(−x²/2) is 0 in float64 from here on

_ERF = np.array([  # erf(t)/t in t², t ≤ _NEAR
    [1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3],
    [1, 2.36012909523441209e1, 2.44024637934444173e2,
     1.28261652607737228e3, 2.84423683343917062e3],
])  # fmt: skip
_MIDDLE = np.array([  # e^(t²) erfc(t) in t, t < _FAR
    [2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3],
    [1, 1.57449261107098347e1, 1.17693950891312499e2,
     5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
     4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3],
])  # fmt: skip
_TAIL = np.array([  # (1/√π − t e^(t²) erfc(t)) t² in 1/t²
    [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4],
    [1, 2.56852019228982242e0, 1.87295284992346725e0,
     5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3],
])  # fmt: skip


def in_float64(function):
    """A function of a flat float64 array, for numbers and arrays of any shape and real dtype."""

    def wrapped(x):
        x = np.asarray(x)
        out = function(x.astype(float).ravel()).reshape(x.shape)
        return out.astype(x.dtype if x.dtype.kind == "f" else float, copy=False)[()]

    return wrapped


@in_float64
def erf(x):
    """2/√π ∫₀ˣ e^(−t²) dt."""
    out, near = np.empty_like(x), np.abs(x) <= _NEAR
    small, large = x[near], x[~near]
    out[near] = small * _quotient(_ERF, small * small)
    out[~near] = np.copysign(1 - _exp_minus(1, large) * _scaled_erfc(np.abs(large)), large)
    return out


@in_float64
def normal_cdf(x):
    """½ erfc(−x/√2)."""
    t = x / math.sqrt(2)
    out, near = np.empty_like(x), np.abs(t) <= _NEAR
    small, large = t[near], x[~near]
    out[near] = 0.5 + 0.5 * small * _quotient(_ERF, small * small)
    beyond = 0.5 * _exp_minus(0.5, large) * _scaled_erfc(np.abs(t[~near]))
    out[~near] = np.where(large > 0, 1 - beyond, beyond)
    return out


@in_float64
def gelu(x):
    """x Φ(x), and its limit 0 at −∞."""
    return np.maximum(x, -_NOTHING) * normal_cdf(x)


@in_float64
def gaussian(x):
    """e^(−x²)."""
    return _exp_minus(1, x)


@in_float64
def normal_density(x):
    """e^(−x²/2)/√(2π)."""
    return _exp_minus(0.5, x) / math.sqrt(2 * math.pi)


def _exp_minus(factor, x):
    """e^(−factor·x²). x² = r² + (x − r)(x + r), where r has few digits: no digit of r² is lost."""
    x = np.minimum(np.abs(x), _NOTHING)
    r = x.astype(np.float32).astype(float)
    return np.exp(-factor * r * r) * np.exp(-factor * (x - r) * (x + r))


def _scaled_erfc(t):
    """e^(t²) erfc(t) for t ≥ _NEAR."""
    out, far = np.empty_like(t), t >= _FAR
    middle, inverse = t[~far], 1 / t[far]
    out[~far] = _quotient(_MIDDLE, middle)
    squared = inverse * inverse
    out[far] = inverse * (1 / math.sqrt(math.pi) - squared * _quotient(_TAIL, squared))
    return out


def _quotient(coefficients, x):
    """P(x)/Q(x) by Horner's rule, both at once."""
    if not x.size:
        return x
    first, *rest = coefficients.T[..., None]
    both = np.repeat(first, x.size, axis=1)
    for pair in rest:
        both *= x
        both += pair
    return both[0] / both[1]
