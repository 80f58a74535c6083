// Powers and roots. x^y = e^(y ln x) asks for a logarithm of twice the digits.
#pragma once
#include "maths_log.hpp"

namespace {

template <class L>
struct Pair {  // high + low, low far below high
  V<L> high, low;
};

template <class L>
INLINE Pair<L> joined(V<L> a, V<L> b) {  // |a| >= |b|
  V<L> high = a + b;
  return {high, b - (high - a)};
}

template <class L>
INLINE Pair<L> times(Pair<L> a, Pair<L> b) {
  V<L> high = a.high * b.high, low = L::fma(a.high, b.high, -high);
  return joined<L>(high, L::fma(a.high, b.low, L::fma(a.low, b.high, low)));
}

constexpr Series<11> ATANH_FAR([](int k) { return 1.0 / (2 * k + 5); });  // terms from s⁴ on

// ln x for a positive double: e ln 2 + 2 s (1 + s²/3 + s⁴/5 + …) with s = (m − 1) / (m + 1)
template <class L>
INLINE Pair<L> log_pair(V<L> x) {
  V<L> e, m = split_any<L>(x, e), f = m - 1, g = m + 1, s = f / g;
  V<L> rest = L::fma(-s, g, f) - s * (m - (g - 1));
  Pair<L> root = joined<L>(s, rest / g), z = times<L>(root, root);
  Pair<L> third = {num<L>(1.0 / 3), num<L>(1.850371707708594e-17)};
  V<L> far = ATANH_FAR.of<L>(z.high) * z.high;
  Pair<L> sum = joined<L>(third.high, far);
  Pair<L> inner = times<L>(z, {sum.high, sum.low + third.low});
  Pair<L> one = joined<L>(num<L>(1), inner.high);
  Pair<L> log = times<L>({root.high * 2, root.low * 2}, {one.high, one.low + inner.low});
  V<L> whole = e * LN2<L>, low = L::fma(e, L::splat(LN2<L>), -whole);
  V<L> high = whole + log.high;
  low += sum_error<L>(whole, log.high, high) + L::fma(e, L::splat(LN2_LOW<L>), log.low);
  return joined<L>(high, low);
}

template <class L>
INLINE M<L> whole_number(V<L> x) {
  const typename L::T large = typename L::T(int64_t(1) << L::MANTISSA);
  V<L> size = L::abs(x), y = (size + large) - large;
  return (size == y) | (size >= L::splat(large));
}

template <class L>
V<L> pow_(V<L> x, V<L> y) {
  IN_DOUBLE(pow_, x, y);
  V<L> size = L::abs(x), zero = num<L>(0), one = num<L>(1), endless = num<L>(INFINITY);
  Pair<L> log = log_pair<L>(size);
  V<L> high = y * log.high, low = L::fma(y, log.high, -high) + y * log.low;
  V<L> power = exp_<L>(high, L::select(L::abs(high) < num<L>(800), low, zero));
  V<L> ends = L::select((size < one) == (y < zero), endless, zero);  // of 0, ∞, and to ±∞
  power = L::select((size == zero) | (size == endless) | (L::abs(y) == endless), ends, power);
  power = L::select((size == one) & (x == x), one, power);
  M<L> whole = whole_number<L>(y), odd = whole & ~whole_number<L>(y * num<L>(0.5));
  M<L> minus = L::bits(x) < M<L>{};
  power = L::select(odd & minus, -power, power);
  power = L::select((x < zero) & ~whole & (size != endless), num<L>(NAN), power);
  power = L::select((x != x) | (y != y), x + y, power);
  return L::select((y == zero) | (x == one), one, power);
}

template <class L>
V<L> cbrt_(V<L> x) {
  IN_DOUBLE(cbrt_, x);
  M<L> tiny = L::abs(x) < num<L>(0x1p-1000);
  V<L> size = L::select(tiny, L::abs(x) * num<L>(0x1p54), L::abs(x));
  V<L> e, m = split<L>(size, e);
  V<L> third = L::fma(e, num<L>(1.0 / 3), L::splat(MAGIC<L>)), n = third - MAGIC<L>;
  m = scale<L>(m, (e - n * 3) + MAGIC<L>);  // 2^(e − 3n) m lies in [0.35, 2.9]
  V<L> y = horner<L>(m, 0.0322, -0.208, 0.66, 0.5);  // to a few percent
  for (int i = 0; i < 4; i++) y -= (y * y * y - m) / (y * y * 3);
  V<L> square = y * y, error = L::fma(-square, y, m) - L::fma(y, y, -square) * y;
  y = scale<L>(L::fma(error, num<L>(1.0 / 3) / square, y), third);
  y = L::select(tiny, y * num<L>(0x1p-18), y);
  return L::select((x - x != num<L>(0)) | (x == num<L>(0)), x, L::copysign(y, x));
}

template <class L>
V<L> hypot_(V<L> x, V<L> y) {  // both divided by a power of two near the larger
  IN_DOUBLE(hypot_, x, y);
  V<L> a = L::abs(x), b = L::abs(y), large = L::max(a, b);
  V<L> up = L::select(large > num<L>(1), num<L>(0x1p-600), num<L>(0x1p600));
  M<L> middle = (large < num<L>(0x1p500)) & (large > num<L>(0x1p-450));
  up = L::select(middle, num<L>(1), up);
  V<L> down = L::select(middle, num<L>(1), num<L>(1) / up), p = a * up, q = b * up;
  V<L> square = q * q, length = L::sqrt(L::fma(p, p, square)) * down;
  M<L> endless = (a == num<L>(INFINITY)) | (b == num<L>(INFINITY));
  return L::select(endless, num<L>(INFINITY), length);
}

}  // namespace
