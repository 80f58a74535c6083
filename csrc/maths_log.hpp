// Logarithms, and what is made of them: inverse hyperbolic functions, softplus, powers.
#pragma once
#include "maths_exp.hpp"

namespace {

// 2 (atanh(s)/s − 1) / s², in s²
constexpr Series<12> ATANH_TAIL([](int k) { return 2.0 / (2 * k + 3); });

// a positive x = m 2^e with √½ <= m < √2
template <class L>
INLINE V<L> split(V<L> x, V<L>& e) {
  const typename L::Int bias = typename L::Int(L::BIAS) << L::MANTISSA;
  M<L> root = L::bits(num<L>(0.70710678118654752)), whole = L::bits(x);
  M<L> biased = shift_right<L>(whole - root + bias, L::MANTISSA);
  e = L::from_bits(biased + L::bits(L::splat(MAGIC<L>))) - (MAGIC<L> + L::BIAS);
  return L::from_bits(whole - (biased << L::MANTISSA) + bias);
}

// ln(1 + f) + e ln 2 for √½ <= 1 + f < √2
template <class L>
INLINE V<L> log_of(V<L> f, V<L> e) {
  V<L> half = num<L>(0.5) * f * f;
  if constexpr (L::SINGLE) {  // a minimax polynomial, 2^-30
    V<L> p = horner<L>(f, 6.915427818e-2, -1.178983534e-1, 1.187296403e-1, -1.238434299e-1,
                       1.421865909e-1, -1.666925116e-1, 2.000222657e-1, -2.499998659e-1,
                       3.333331044e-1);
    V<L> r = L::fma(p, f * f * f, e * LN2_LOW<L>);
    return L::fma(e, L::splat(LN2<L>), (r - half) + f);
  }
  V<L> s = f / (f + 2), z = s * s, r = s * L::fma(ATANH_TAIL.of<L>(z), z, half);
  return L::fma(e, L::splat(LN2<L>), f - (half - L::fma(e, L::splat(LN2_LOW<L>), r)));
}

template <class L>
INLINE V<L> log_ends(V<L> x, V<L> y) {  // y = ln x where x is positive and finite
  V<L> zero = num<L>(0), endless = num<L>(INFINITY);
  V<L> rest = L::select(x < zero, num<L>(NAN), x - endless);  // −∞ at 0, and NaN passes
  return L::select(x > zero, L::select(x < endless, y, x), rest);
}

template <class L>
INLINE V<L> split_any(V<L> x, V<L>& e) {  // subnormal numbers, too
  M<L> tiny = x < L::splat(std::numeric_limits<typename L::T>::min());
  const double up = L::SINGLE ? 8388608.0 : 4503599627370496.0;
  V<L> m = split<L>(L::select(tiny, x * num<L>(up), x), e);
  e -= L::select(tiny, num<L>(L::MANTISSA), num<L>(0));
  return m;
}

template <class L>
INLINE V<L> log_(V<L> x) {
  V<L> e, m = split_any<L>(x, e);
  return log_ends<L>(x, log_of<L>(m - 1, e));
}

template <class L>
V<L> log2_(V<L> x) {
  IN_DOUBLE(log2_, x);
  V<L> e, m = split_any<L>(x, e), y = log_of<L>(m - 1, num<L>(0));
  return log_ends<L>(x, L::fma(y, num<L>(1.4426950408889634), e));
}

template <class L>
V<L> log10_(V<L> x) {
  IN_DOUBLE(log10_, x);
  V<L> e, m = split_any<L>(x, e), y = log_of<L>(m - 1, num<L>(0));
  y = L::fma(e, num<L>(-2.8037281277851704e-18), y * num<L>(0.4342944819032518));  // lg 2, lg e
  return log_ends<L>(x, L::fma(e, num<L>(0.3010299956639812), y));
}

template <class L>
INLINE V<L> log1p_(V<L> x) {  // of the rounded 1 + x, with its error put back
  V<L> one = num<L>(1), u = one + x, error = sum_error<L>(one, x, u), e;
  V<L> m = split<L>(u, e);
  V<L> shrunk = error * L::from_bits(L::bits(one) + L::bits(m) - L::bits(u));  // error / 2^e
  V<L> f = (m - one) + L::select(u < num<L>(1e18), shrunk, num<L>(0));
  return L::select(x == num<L>(0), x, log_ends<L>(u, log_of<L>(f, e)));
}

// ln(1 + e^x) for x <= 0: there 1 + e^x is at most 2
template <class L>
INLINE V<L> log1p_exp(V<L> x) {
  V<L> e = exp_negative<L>(x), one = num<L>(1);
  M<L> far = e > num<L>(0.41421356237309503);
  V<L> f = L::select(far, (e - one) * num<L>(0.5), e);
  return log_of<L>(f, L::select(far, one, num<L>(0)));
}

template <class L>
INLINE V<L> softplus_(V<L> x) {
  return L::select(x < num<L>(0), num<L>(0), x) + log1p_exp<L>(-L::abs(x));
}

template <class L>
INLINE V<L> logaddexp_(V<L> x, V<L> y) {
  V<L> apart = L::select(x == y, num<L>(0), L::abs(x - y));  // ∞ − ∞
  return L::select((x >= y) | (x != x), x, y) + log1p_exp<L>(-apart);
}

template <class L>
V<L> asinh_(V<L> x) {
  IN_DOUBLE(asinh_, x);
  V<L> size = L::abs(x), z = size * size, root = L::sqrt(z + 1) + 1;
  V<L> large = log_<L>(size) + LN2<L>;
  return L::copysign(L::select(size < num<L>(1e9), log1p_<L>(size + z / root), large), x);
}

template <class L>
V<L> acosh_(V<L> x) {
  IN_DOUBLE(acosh_, x);
  V<L> u = x - 1, small = log1p_<L>(u + L::sqrt(L::fma(u, u, u + u)));
  V<L> y = L::select(x < num<L>(1e9), small, log_<L>(x) + LN2<L>);
  return L::select(x < num<L>(1), num<L>(NAN), y);
}

template <class L>
V<L> atanh_(V<L> x) {
  IN_DOUBLE(atanh_, x);
  V<L> size = L::abs(x), twice = size + size;
  V<L> y = log1p_<L>(L::fma(twice, size / (num<L>(1) - size), twice)) / 2;
  return L::copysign(L::select(size > num<L>(1), num<L>(NAN), y), x);
}

}  // namespace
