// What the elementary functions share: constants, polynomials, powers of two.
#pragma once
#include "lanes.hpp"

namespace {

template <class L>
using V = typename L::V;
template <class L>
using M = typename L::M;

template <class L>
INLINE V<L> num(double x) {
  return L::splat(typename L::T(x));
}

// c0 x^n + c1 x^(n-1) + …
template <class L, class... C>
INLINE V<L> horner(V<L> x, double first, C... rest) {
  V<L> p = num<L>(first);
  ((p = L::fma(p, x, num<L>(rest))), ...);
  return p;
}

// A power series whose terms are known by a formula: its N first coefficients.
template <int N>
struct Series {
  double at[N];
  template <class Term>
  constexpr explicit Series(Term term) : at{} {
    for (int k = 0; k < N; k++) at[k] = term(k);
  }
  template <class L>
  INLINE V<L> of(V<L> x) const {
    V<L> p = num<L>(at[N - 1]);
    for (int k = N - 2; k >= 0; k--) p = L::fma(p, x, num<L>(at[k]));
    return p;
  }
};

constexpr double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

// Adding it rounds to an integer, which is then in the low bits.
template <class L>
constexpr typename L::T MAGIC = L::SINGLE ? 12582912.0 : 6755399441055744.0;  // 1.5 · 2^23, 2^52

// ln 2 in two parts: n · LN2 − x is exact in an fma where the difference is small.
constexpr double LN2_DOUBLE = 0.6931471805599453;
template <class L>
constexpr typename L::T LN2 = typename L::T(LN2_DOUBLE);
template <class L>
constexpr typename L::T LN2_LOW =
    L::SINGLE ? LN2_DOUBLE - float(LN2_DOUBLE) : 2.3190468138462996e-17;

template <class L>
INLINE M<L> shift_right(M<L> x, int bits) {  // of a number that is not negative
  typedef std::make_unsigned_t<typename L::Int> U __attribute__((vector_size(L::BYTES)));
  return (M<L>)((U)x >> bits);
}

template <class L>
INLINE V<L> power_of_two(M<L> biased) {  // from an exponent with its bias
  return L::from_bits((M<L>)((typename L::U)biased << L::MANTISSA));
}

// y 2^n for t = n + MAGIC, rounded once: in two factors, as 2^n may be out of range.
template <class L>
INLINE V<L> scale(V<L> y, V<L> t) {
  using U = typename L::U;  // of a NaN the bits are anything: they wrap around
  U both = (U)L::bits(t) - (U)(L::bits(L::splat(MAGIC<L>)) - 2 * L::BIAS);
  M<L> half = shift_right<L>((M<L>)both, 1);
  return y * power_of_two<L>(half) * power_of_two<L>((M<L>)(both - (U)half));
}

// a + b = sum + the answer, exactly
template <class L>
INLINE V<L> sum_error(V<L> a, V<L> b, V<L> sum) {
  V<L> second = sum - a;
  return (a - (sum - second)) + (b - second);
}

// f_<D>(x, …) in lanes of double, a half of the vector at a time: for functions that are rare.
template <class L, class F, class... X>
V<L> in_double(F f, X... x) {
  constexpr int N = L::W > 1 ? L::W / 2 : 1;
  using D = Lanes<double, N>;
  typedef float H __attribute__((vector_size(N * sizeof(float))));
  V<L> result;
  for (int i = 0; i < L::W; i += N) {
    auto part = [i](V<L> v) {
      H half;
      std::memcpy(&half, (const char*)&v + i * sizeof(float), sizeof half);
      return __builtin_convertvector(half, typename D::V);
    };
    H half = __builtin_convertvector(f(D{}, part(x)...), H);
    std::memcpy((char*)&result + i * sizeof(float), &half, sizeof half);
  }
  return result;
}
#define IN_DOUBLE(function, ...) \
  if constexpr (L::SINGLE)       \
    return in_double<L>([](auto d, auto... v) { return function<decltype(d)>(v...); }, __VA_ARGS__)

}  // namespace
