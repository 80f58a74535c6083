// The exponential and what is made of it: e^x, e^x − 1, 2^x, hyperbolic functions.
#pragma once
#include "maths_base.hpp"

namespace {

constexpr Series<12> EXP_TAIL([](int k) { return 1 / factorial(k + 2); });  // (e^r − 1 − r) / r²

// Where e^x is beyond all numbers, even times x. NaN passes: it is the second operand.
template <class L>
INLINE V<L> from_below(V<L> x) {
  return L::max(num<L>(L::SINGLE ? -112 : -760), x);
}
template <class L>
INLINE V<L> from_above(V<L> x) {
  return L::min(num<L>(L::SINGLE ? 92 : 713), x);
}

// x = n ln 2 + r with |r| <= ln(2)/2: answers e^r − 1, and t = n + MAGIC. A second part of x, far
// below it, may follow.
template <class L, class... Low>
INLINE V<L> reduced_expm1(V<L> x, V<L>& t, Low... low) {
  t = L::fma(x, num<L>(1.4426950408889634), L::splat(MAGIC<L>));
  V<L> n = t - MAGIC<L>;
  V<L> r = L::fma(n, L::splat(-LN2<L>), x);  // exact
  r = L::fma(n, L::splat(-LN2_LOW<L>), r);
  ((r += low), ...);
  if constexpr (L::SINGLE) {  // a minimax polynomial, 2^-31
    V<L> p = horner<L>(r, 1.984595814e-4, 1.394165251e-3, 8.333391637e-3, 4.166634871e-2,
                       1.666666635e-1, 5.000000047e-1);
    return L::fma(p, r * r, r);
  }
  return L::fma(EXP_TAIL.of<L>(r), r * r, r);
}

template <class L, class... Low>
INLINE V<L> exp_(V<L> x, Low... low) {
  V<L> t, y = reduced_expm1<L>(from_above<L>(from_below<L>(x)), t, low...) + 1;
  return scale<L>(y, t);
}

template <class L, class... Low>
INLINE V<L> exp_negative(V<L> x, Low... low) {  // of an x <= 0
  V<L> t, y = reduced_expm1<L>(from_below<L>(x), t, low...) + 1;
  return scale<L>(y, t);
}

template <class L>
V<L> expm1_(V<L> x) {  // 2^n (e^r − 1) + (2^n − 1), halved while 2^n may be out of range
  x = L::min(num<L>(L::SINGLE ? 89 : 710), L::max(num<L>(-40), x));
  V<L> t, q = reduced_expm1<L>(x, t);
  V<L> half = scale<L>(num<L>(0.5), t), y = L::fma(q, half, half - num<L>(0.5));
  return L::copysign(L::select(t == L::splat(MAGIC<L>), q, y + y), x);
}

template <class L>
V<L> exp2_(V<L> x) {
  IN_DOUBLE(exp2_, x);
  V<L> y = L::min(num<L>(1030), L::max(num<L>(-1080), x));
  V<L> t = y + MAGIC<L>, r = y - (t - MAGIC<L>), z = r * num<L>(LN2_DOUBLE);
  V<L> low = L::fma(r, num<L>(LN2_DOUBLE), -z);
  z += L::fma(r, L::splat(LN2_LOW<L>), low);
  return scale<L>(L::fma(EXP_TAIL.of<L>(z), z * z, z) + 1, t);
}

template <class L>
INLINE V<L> half_exp(V<L> x) {  // e^x / 2 of an x >= 0: finite a little longer than e^x
  V<L> t, y = reduced_expm1<L>(from_above<L>(x), t) + 1;
  return scale<L>(y, t - 1);
}

template <class L>
V<L> sinh_(V<L> x) {
  IN_DOUBLE(sinh_, x);
  V<L> size = L::abs(x), e = expm1_<L>(L::min(num<L>(1), size)), half = half_exp<L>(size);
  V<L> small = (e + e / (e + 1)) / 2, large = half - num<L>(0.25) / half;
  return L::copysign(L::select(size < num<L>(1), small, large), x);
}

template <class L>
V<L> cosh_(V<L> x) {
  IN_DOUBLE(cosh_, x);
  V<L> half = half_exp<L>(L::abs(x));
  return half + num<L>(0.25) / half;
}

template <class L>
INLINE V<L> tanh_(V<L> x) {
  V<L> size = L::abs(x), one = num<L>(1);
  if constexpr (!L::SINGLE) {
    V<L> e = expm1_<L>(L::min(num<L>(44), size + size));
    return L::copysign(e / (e + 2), x);
  }
  // 1 − 2e / (1 + e) with e = e^(−2|x|); near 0 an odd polynomial, 2^-28
  V<L> z = x * x, t, q = reduced_expm1<L>(L::min(num<L>(10), size) * num<L>(-2), t);
  V<L> e = (q + one) * power_of_two<L>(L::bits(t) - (L::bits(L::splat(MAGIC<L>)) - L::BIAS));
  V<L> large = one - (e + e) / (one + e);
  V<L> p = horner<L>(z, -5.717045110e-3, 2.065058737e-2, -5.374349812e-2, 1.333149129e-1,
                     -3.333328393e-1);
  V<L> small = L::fma(p, z * size, size);
  return L::copysign(L::select(size < num<L>(0.625), small, large), x);
}

template <class L>
INLINE V<L> sigmoid_(V<L> x) {  // e^min(x, 0) / (1 + e^−|x|)
  V<L> e = exp_negative<L>(-L::abs(x)), one = num<L>(1);
  return L::select(x < num<L>(0), e, one) / (one + e);
}

template <class L>
INLINE V<L> silu_(V<L> x) {  // x goes in before e^x is rounded to a subnormal number
  V<L> t, y = reduced_expm1<L>(from_below<L>(-L::abs(x)), t) + 1, e = scale<L>(y, t);
  V<L> tail = scale<L>(from_below<L>(x) * y, t);
  return L::select(x < num<L>(0), tail, x) / (e + 1);
}

}  // namespace
