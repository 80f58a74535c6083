// Sine, cosine, tangent and their inverses.
#pragma once
#include "maths_angle.hpp"

namespace {

constexpr Series<8> SINE([](int k) { return (k % 2 ? 1 : -1) / factorial(2 * k + 3); });
constexpr Series<8> COSINE([](int k) { return (k % 2 ? -1 : 1) / factorial(2 * k + 4); });

template <class L>
INLINE V<L> near_sin(V<L> x, V<L> low) {  // sin(x + low) for |x| <= π/4
  V<L> z = x * x;
  return x + L::fma(SINE.of<L>(z), z * x, low * L::fma(z, num<L>(-0.5), num<L>(1)));
}

template <class L>
INLINE V<L> near_cos(V<L> x, V<L> low) {
  V<L> z = x * x, half = z * num<L>(0.5), y = num<L>(1) - half;
  return y + (((num<L>(1) - y) - half) + L::fma(COSINE.of<L>(z), z * z, -x * low));
}

template <class L>
INLINE M<L> odd(V<L> quadrant) {
  return (quadrant == num<L>(1)) | (quadrant == num<L>(3));
}

template <class L>
V<L> sin_(V<L> x) {
  IN_DOUBLE(sin_, x);
  Angle<L> a = angle<L>(x);
  V<L> y = L::select(odd<L>(a.quadrant), near_cos<L>(a.high, a.low), near_sin<L>(a.high, a.low));
  return L::select(x == num<L>(0), x, L::select(a.quadrant >= num<L>(2), -y, y));
}

template <class L>
V<L> cos_(V<L> x) {
  IN_DOUBLE(cos_, x);
  Angle<L> a = angle<L>(x);
  V<L> y = L::select(odd<L>(a.quadrant), near_sin<L>(a.high, a.low), near_cos<L>(a.high, a.low));
  return L::select((a.quadrant == num<L>(1)) | (a.quadrant == num<L>(2)), -y, y);
}

template <class L>
V<L> tan_(V<L> x) {
  IN_DOUBLE(tan_, x);
  Angle<L> a = angle<L>(x);
  V<L> s = near_sin<L>(a.high, a.low), c = near_cos<L>(a.high, a.low);
  M<L> swap = odd<L>(a.quadrant);
  return L::select(x == num<L>(0), x, L::select(swap, -c, s) / L::select(swap, s, c));
}

constexpr double PI_LOW = 2 * HALF_PI[1];

constexpr Series<23> ATAN([](int k) { return (k % 2 ? -1.0 : 1.0) / (2 * k + 1); });
constexpr Series<26> ASIN([](int k) {
  double term = 1;
  for (int i = 1; i <= k; i++) term *= (2.0 * i - 1) / (2 * i);
  return term / (2 * k + 1);
});

// atan(x) for 0 <= x <= 1 by atan((x − 1) / (x + 1)) = atan(x) − π/4
template <class L>
INLINE V<L> near_atan(V<L> x) {
  M<L> far = x > num<L>(0.41421356237309503);
  V<L> s = L::select(far, (x - 1) / (x + 1), x), z = s * s, zero = num<L>(0);
  V<L> tail = (ATAN.of<L>(z) - 1) * s + L::select(far, num<L>(HALF_PI[1] / 2), zero);
  return L::select(far, num<L>(HALF_PI[0] / 2), zero) + (s + tail);
}

template <class L>
V<L> atan2_(V<L> y, V<L> x) {
  IN_DOUBLE(atan2_, y, x);
  V<L> a = L::abs(y), b = L::abs(x), zero = num<L>(0), one = num<L>(1);
  M<L> steep = a > b, back = L::bits(x) < M<L>{}, endless = (a == b) & (a == num<L>(INFINITY));
  V<L> above = L::select(steep, b, a), below = L::select(steep, a, b);
  V<L> slope = L::select(endless, one, L::select(a == zero, zero, above / below));
  V<L> angle = near_atan<L>(slope);
  angle = L::select(steep, num<L>(HALF_PI[0]) + (num<L>(HALF_PI[1]) - angle), angle);
  angle = L::select(back, num<L>(2 * HALF_PI[0]) + (num<L>(PI_LOW) - angle), angle);
  return L::select((x != x) | (y != y), x + y, L::copysign(angle, y));
}

template <class L>
V<L> atan_(V<L> x) {
  return atan2_<L>(x, num<L>(1));
}

template <class L>
INLINE V<L> near_asin(V<L> x) {  // for |x| <= ½
  V<L> z = x * x;
  return L::fma((ASIN.of<L>(z) - 1), x, x);
}

template <class L>
V<L> asin_(V<L> x) {  // beyond ½: π/2 − 2 asin √((1 − x) / 2)
  IN_DOUBLE(asin_, x);
  V<L> size = L::abs(x), half = num<L>(0.5);
  M<L> far = size > half;
  V<L> y = near_asin<L>(L::select(far, L::sqrt((num<L>(1) - size) * half), size));
  V<L> end = num<L>(HALF_PI[0]) - (y + y - num<L>(HALF_PI[1]));
  return L::copysign(L::select(far, end, y), x);
}

template <class L>
V<L> acos_(V<L> x) {
  IN_DOUBLE(acos_, x);
  V<L> size = L::abs(x), half = num<L>(0.5);
  M<L> far = size > half, minus = x < num<L>(0);
  V<L> y = near_asin<L>(L::select(far, L::sqrt((num<L>(1) - size) * half), size)), twice = y + y;
  V<L> end = L::select(minus, num<L>(2 * HALF_PI[0]) - (twice - num<L>(PI_LOW)), twice);
  V<L> middle = num<L>(HALF_PI[0]) - (L::select(minus, -y, y) - num<L>(HALF_PI[1]));
  return L::select(far, end, middle);
}

}  // namespace
