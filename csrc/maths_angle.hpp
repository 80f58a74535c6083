// x = n π/2 + r with |r| <= π/4, for any double: the first step of sine, cosine and tangent.
#pragma once
#include "maths_base.hpp"

namespace {

template <class L>
struct Angle {  // high + low = r; n modulo 4, as a number 0 … 3
  V<L> high, low, quadrant;
};

constexpr double HALF_PI[3] = {1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33};

constexpr uint64_t TWO_BY_PI[] = {  // the bits of 2/π, after 64 zeros
    0,
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
    0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d};

// A large x by integers (Payne and Hanek): x = m 2^e, and of 2/π only the 192 bits count whose
// product with x lies below 4 and above 2^-137.
inline void large_angle(double x, double& high, double& low, double& quadrant) {
  using Wide = unsigned __int128;
  int64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const int exponent = int(bits >> 52 & 0x7ff) - 1075, place = exponent - 2 + 64;
  const uint64_t m = (bits & 0xfffffffffffff) | 0x10000000000000;
  uint64_t f[3];
  for (int i = 0; i < 3; i++) {
    const uint64_t* word = TWO_BY_PI + place / 64 + i;
    f[i] = place % 64 ? word[0] << place % 64 | word[1] >> (64 - place % 64) : word[0];
  }
  const Wide last = Wide(m) * f[2], middle = Wide(m) * f[1] + uint64_t(last >> 64);
  uint64_t top = m * f[0] + uint64_t(middle >> 64), next = uint64_t(middle);
  const uint64_t n = (top + (uint64_t(1) << 61)) >> 62;  // the top 2 bits, rounded; 4 is 0
  const int64_t part = int64_t(top - (n << 62));          // between −½ and ½, in units of 2^-62
  // part 2^64 + next, as a double and the rest
  const __int128 whole = (__int128(part) << 64) + next;
  const double first = double(whole), second = double(whole - __int128(first));
  const double a = first * 0x1p-126, b = second * 0x1p-126;
  high = a * HALF_PI[0];
  low = std::fma(a, HALF_PI[0], -high) + (a * HALF_PI[1] + b * HALF_PI[0]);
  quadrant = double(n & 3);
  if (bits < 0) high = -high, low = -low, quadrant = double(-n & 3);
}

template <class L>
Angle<L> angle(V<L> x) {
  V<L> t = L::fma(x, num<L>(0.6366197723675814), L::splat(MAGIC<L>)), n = t - MAGIC<L>;
  V<L> first = L::fma(n, num<L>(-HALF_PI[0]), x), second = n * num<L>(HALF_PI[1]);
  V<L> low = L::fma(n, num<L>(HALF_PI[1]), -second) + n * num<L>(HALF_PI[2]);
  V<L> high = first - second;
  Angle<L> a{high, sum_error<L>(first, -second, high) - low, L::to_float(L::bits(t) & 3)};
  const V<L> limit = num<L>(0x1p26);
  for (int i = 0; i < L::W; i++)
    if (!(x[i] <= limit[i] && -x[i] <= limit[i])) {
      double high, low, quadrant;
      if (x[i] - x[i] == 0)
        large_angle(x[i], high, low, quadrant);
      else
        high = low = quadrant = NAN;
      a.high[i] = high, a.low[i] = low, a.quadrant[i] = quadrant;
    }
  V<L> sum = a.high + a.low;
  return {sum, a.low - (sum - a.high), a.quadrant};
}

}  // namespace
