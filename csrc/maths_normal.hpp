// The error function and the normal law. Source of the quotients: W. J. Cody, Rational Chebyshev
// approximations for the error function, Mathematics of Computation 23 (1969), as in special.py.
#pragma once
#include "maths_exp.hpp"

namespace {

// e^(low − factor x²), for a small low: the rounding of x² is put back
template <class L>
INLINE V<L> exp_minus_square(V<L> x, double factor, V<L> low = V<L>{}) {
  V<L> size = L::min(num<L>(40), L::abs(x)), square = size * size;
  V<L> error = L::fma(size, size, -square);
  return exp_negative<L>(square * num<L>(-factor), L::fma(error, num<L>(-factor), low));
}

template <class L>
INLINE V<L> gaussian_(V<L> x) {
  return exp_minus_square<L>(x, 1);
}

template <class L>
INLINE V<L> normal_density_(V<L> x) {
  return exp_minus_square<L>(x, 0.5) * num<L>(0.3989422804014327);
}

constexpr double NEAR = 0.75;  // up to here erf(t) / t by its power series, in t²
constexpr Series<18> ERF([](int k) {
  return (k % 2 ? -1.1283791670955126 : 1.1283791670955126) / (factorial(k) * (2 * k + 1));
});

template <class L>
INLINE V<L> scaled_erfc(V<L> t) {  // e^(t²) erfc(t), t >= 0.46875 and so from NEAR on
  V<L> middle =
      horner<L>(t, 2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594,
                6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
                1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3) /
      horner<L>(t, 1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
                1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
                3.43936767414372164e3, 1.23033935480374942e3);
  V<L> inverse = num<L>(1) / t, z = inverse * inverse;
  V<L> tail = horner<L>(z, 1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
                        1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4) /
              horner<L>(z, 1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1,
                        6.05183413124413191e-2, 2.33520497626869185e-3);
  return L::select(t < num<L>(4), middle, inverse * (num<L>(0.5641895835477563) - z * tail));
}

template <class L>
INLINE V<L> erf_(V<L> x) {
  V<L> t = L::abs(x), z = x * x, one = num<L>(1);
  if constexpr (L::SINGLE) {  // minimax polynomials: erf(t)/t − 1, and ln erfc(t)
    V<L> small = horner<L>(z, -5.987235500e-4, 4.992981929e-3, -2.676690528e-2, 1.128183868e-1,
                           -3.761249762e-1, 1.283791505e-1);
    V<L> s = L::min(num<L>(4), t);
    V<L> p = horner<L>(s, -1.152572917e-5, 3.257534017e-4, -3.654463359e-3, 2.378747846e-2,
                       -1.062664170e-1, -6.351334341e-1, -1.286528991e-1);
    V<L> large = L::copysign(one - exp_<L>(L::fma(p, s, -s)), x);
    return L::select(t < num<L>(0.9277), L::fma(small, x, x), large);
  }
  V<L> large = L::fma(-exp_minus_square<L>(x, 1), scaled_erfc<L>(t), one);
  return L::select(t < num<L>(NEAR), x * ERF.of<L>(z), L::copysign(large, x));
}

// factor Φ(−t) for t >= 0; the factor goes in before the tail is too small to hold its digits
template <class L>
INLINE V<L> normal_tail(V<L> t, V<L> factor) {
  if constexpr (L::SINGLE) {  // e^(t²/2) Φ(−t) is u p(u), p a minimax polynomial, 2^-28
    V<L> one = num<L>(1), c = num<L>(0.296875), v = L::fma(t, c, one), u = one / v;
    V<L> error = L::fma(-u, v, one) - u * L::fma(t, c, one - v);  // of u; times d ln(u p) / d ln u:
    V<L> e = exp_minus_square<L>(t, 0.5, error * L::fma(u, num<L>(1.8), num<L>(0.9)));
    V<L> p = horner<L>(u, -2.043749370e-2, 1.147855367e-1, -2.423630320e-1, 2.176473719e-1,
                       -9.786864773e-2, 1.064956100e-1, 7.514607595e-2, 1.098861815e-1,
                       1.182657352e-1, 1.184426624e-1);
    return factor * (u * p) * e;
  }
  V<L> s = t * num<L>(0.7071067811865476), half = factor * num<L>(0.5);
  V<L> near = half * L::fma(-s, ERF.of<L>(s * s), num<L>(1));
  V<L> far = half * scaled_erfc<L>(s) * exp_minus_square<L>(t, 0.5);
  return L::select(s < num<L>(NEAR), near, far);
}

template <class L>
INLINE V<L> normal_cdf_(V<L> x) {
  V<L> tail = normal_tail<L>(L::min(num<L>(40), L::abs(x)), num<L>(1));
  return L::select(x > num<L>(0), num<L>(1) - tail, tail);
}

template <class L>
INLINE V<L> gelu_(V<L> x) {  // x Φ(x), and its limit 0 at −∞
  V<L> y = L::min(num<L>(40), L::max(num<L>(-40), x)), part = normal_tail<L>(L::abs(y), y);
  return L::select((x < num<L>(0)) | (x == num<L>(0)), part, x - part);
}

}  // namespace
