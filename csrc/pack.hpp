// The matrix product's operands, copied to where they can be read in order.
#pragma once
#include "lanes.hpp"

namespace {

// R rows × 4 numbers of s (R = 4, 8 or 16, row stride ls), transposed, to d (row stride ld): in each
// four lanes four rows of a block of 4 × 4
template <class T, int R>
INLINE void transpose(const T* s, int64_t ls, T* d, int64_t ld) {
  using L = Lanes<T, R>;
  auto four = [&](int i) { return Lanes<T, 4>::load(s + i * ls); };
  auto eight = [&](int i) {
    return __builtin_shufflevector(four(i), four(i + 4), 0, 1, 2, 3, 4, 5, 6, 7);
  };
  auto row = [&](int i) {
    if constexpr (R == 4) return four(i);
    else if constexpr (R == 8) return eight(i);
    else
      return __builtin_shufflevector(eight(i), eight(i + 8), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                     12, 13, 14, 15);
  };
  auto low = [](auto x, auto y) {
    if constexpr (R == 4) return __builtin_shufflevector(x, y, 0, 4, 1, 5);
    else if constexpr (R == 8) return __builtin_shufflevector(x, y, 0, 8, 1, 9, 4, 12, 5, 13);
    else
      return __builtin_shufflevector(x, y, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
  };
  auto high = [](auto x, auto y) {
    if constexpr (R == 4) return __builtin_shufflevector(x, y, 2, 6, 3, 7);
    else if constexpr (R == 8) return __builtin_shufflevector(x, y, 2, 10, 3, 11, 6, 14, 7, 15);
    else
      return __builtin_shufflevector(x, y, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15,
                                     31);
  };
  const auto r0 = row(0), r1 = row(1), r2 = row(2), r3 = row(3);
  const auto even = low(r0, r2), odd = low(r1, r3), even2 = high(r0, r2), odd2 = high(r1, r3);
  L::store(d, low(even, odd));
  L::store(d + ld, high(even, odd));
  L::store(d + 2 * ld, low(even2, odd2));
  L::store(d + 3 * ld, high(even2, odd2));
}

// rows × n numbers
template <class L>
void copy(int rows, int n, const typename L::T* s, int64_t ls, typename L::T* d, int64_t ld) {
  for (int i = 0; i < rows; i++, s += ls, d += ld) {
    int j = 0;
    for (; j + L::W <= n; j += L::W) L::store(d + j, L::load(s + j));
    if (j < n) L::store_part(d + j, L::load_part(s + j, n - j), n - j);
  }
}

// rows × n numbers of s will be read soon
template <class T>
void prefetch(int rows, int n, const T* s, int64_t ls) {
  for (int i = 0; i < rows; i++, s += ls)
    for (int j = 0; j < n; j += 64 / sizeof(T)) __builtin_prefetch(s + j, 0, 2);
}

// k × n of b (row stride ldb) into panels of 2 W columns, `step` numbers apart
template <class L>
void pack(int k, int n, const typename L::T* b, int64_t ldb, typename L::T* d, int64_t step) {
  constexpr int W = L::W, NR = 2 * W;
  for (int q = 0; q < k; q++, b += ldb, d += NR) {
    auto* to = d;
    int j = 0;
    for (; j + NR <= n; j += NR, to += step)
      L::store(to, L::load(b + j)), L::store(to + W, L::load(b + j + W));
    for (; j < n; j += W, to += W)
      L::store(to, n - j >= W ? L::load(b + j) : L::load_part(b + j, n - j));
  }
}

// k × columns, at most a panel, of b stored transposed; the last block of R × 4 overlaps the one
// before.
template <class T, int R>
void pack_turned(int k, int columns, const T* b, int64_t ldb, T* d, int64_t ld) {
  if constexpr (R > 4)
    if (columns < R) return pack_turned<T, R / 2>(k, columns, b, ldb, d, ld);
  if (columns < R || k < 4) {
    for (int w = 0; w < columns; w++)
      for (int q = 0; q < k; q++) d[q * ld + w] = b[w * ldb + q];
    return;
  }
  for (int w = 0; w < columns; w += R)
    for (int q = 0; q < k; q += 4) {
      const int x = w < columns - R ? w : columns - R, y = q < k - 4 ? q : k - 4;
      transpose<T, R>(b + x * ldb + y, ldb, d + y * ld + x, ld);
    }
}

// the same as pack, of b stored transposed, n × k
template <class L>
void pack_transposed(int k, int n, const typename L::T* b, int64_t ldb, typename L::T* d,
                     int64_t step) {
  constexpr int NR = 2 * L::W, R = NR < 8 ? 4 : NR < 32 ? 8 : 16;
  for (int j = 0; j < n; j += NR, b += NR * ldb, d += step)
    pack_turned<typename L::T, R>(k, n - j < NR ? n - j : NR, b, ldb, d, NR);
}

}  // namespace
