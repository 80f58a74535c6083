// Rounding to integers, remainders, the larger and the smaller: all exact.
#pragma once
#include "maths_base.hpp"

namespace {

template <class L>
INLINE V<L> sqrt_(V<L> x) {
  return L::sqrt(x);
}

template <class L>
INLINE V<L> abs_(V<L> x) {
  return L::abs(x);
}

template <class L>
INLINE V<L> copysign_(V<L> x, V<L> sign) {
  return L::copysign(x, sign);
}

template <class L>
INLINE V<L> max_(V<L> x, V<L> y) {  // NaN passes
  return L::select((x >= y) | (x != x), x, y);
}

template <class L>
INLINE V<L> min_(V<L> x, V<L> y) {
  return L::select((x <= y) | (x != x), x, y);
}

template <class L>
INLINE V<L> fmax_(V<L> x, V<L> y) {  // the other one where one is NaN
  return L::select((x >= y) | (y != y), x, y);
}

template <class L>
INLINE V<L> fmin_(V<L> x, V<L> y) {
  return L::select((x <= y) | (y != y), x, y);
}

template <class L>
INLINE V<L> rint_(V<L> x) {  // beyond 2^MANTISSA all numbers are integers
  const typename L::T large = typename L::T(int64_t(1) << L::MANTISSA);
  V<L> size = L::abs(x), y = (size + large) - large;
  return L::copysign(L::select(size < L::splat(large), y, size), x);
}

template <class L>
INLINE V<L> floor_(V<L> x) {
  V<L> y = rint_<L>(x);
  return L::copysign(y - L::truth(y > x), x);
}

template <class L>
INLINE V<L> ceil_(V<L> x) {
  return -floor_<L>(-x);
}

template <class L>
INLINE V<L> trunc_(V<L> x) {
  return L::copysign(floor_<L>(L::abs(x)), x);
}

template <class L>
V<L> fmod_(V<L> x, V<L> y) {  // exact by definition, so the C library's will do
  for (int i = 0; i < L::W; i++) x[i] = std::fmod(x[i], y[i]);
  return x;
}

template <class L>
INLINE M<L> opposite(V<L> r, V<L> y) {  // has the remainder the wrong sign?
  return (r != num<L>(0)) & ((r < num<L>(0)) != (y < num<L>(0)));
}

template <class L>
V<L> remainder_(V<L> x, V<L> y) {  // with the sign of y, as NumPy's and Python's
  V<L> r = fmod_<L>(x, y), signed_zero = L::copysign(r, y);
  r = L::select(opposite<L>(r, y), r + y, r);
  return L::select(r == num<L>(0), signed_zero, r);
}

template <class L>
V<L> floor_divide_(V<L> x, V<L> y) {  // as NumPy's: 1 // 0.1 is 9, for 0.1 is a little larger
  V<L> r = fmod_<L>(x, y), whole = (x - r) / y - L::truth(opposite<L>(r, y));
  whole = L::select(whole == num<L>(0), L::copysign(whole, x / y), rint_<L>(whole));
  return L::select(y == num<L>(0), x / y, whole);
}

}  // namespace
