// b copied into panels of 2 W columns, for the matrix product: read in order, one page after another.
#pragma once
#include "lanes.hpp"

namespace {

// 4 × 4 numbers from s (row stride ls) to d (row stride ld)
template <class T>
INLINE void transpose4(const T* s, int64_t ls, T* d, int64_t ld) {
  using F = Lanes<T, 4>;
  const auto a = F::load(s), b = F::load(s + ls), c = F::load(s + 2 * ls), e = F::load(s + 3 * ls);
  const auto ac0 = __builtin_shufflevector(a, c, 0, 4, 1, 5);
  const auto ac2 = __builtin_shufflevector(a, c, 2, 6, 3, 7);
  const auto be0 = __builtin_shufflevector(b, e, 0, 4, 1, 5);
  const auto be2 = __builtin_shufflevector(b, e, 2, 6, 3, 7);
  F::store(d, __builtin_shufflevector(ac0, be0, 0, 4, 1, 5));
  F::store(d + ld, __builtin_shufflevector(ac0, be0, 2, 6, 3, 7));
  F::store(d + 2 * ld, __builtin_shufflevector(ac2, be2, 0, 4, 1, 5));
  F::store(d + 3 * ld, __builtin_shufflevector(ac2, be2, 2, 6, 3, 7));
}

// k × n of b into panels; transposed: b is stored n × k. ldb is the stride of b's stored rows.
template <class L>
void pack(bool transposed, int k, int n, const typename L::T* b, int64_t ldb, typename L::T* d) {
  constexpr int W = L::W, NR = 2 * W;
  for (int j = 0; j < n; j += NR, d += int64_t(k) * NR) {
    const int cols = n - j < NR ? n - j : NR;
    if (!transposed) {
      for (int q = 0; q < k; q++)
        for (int w = 0; w < cols; w += W) {
          const auto* from = b + q * ldb + j + w;
          L::store(d + q * NR + w, cols - w >= W ? L::load(from) : L::load_part(from, cols - w));
        }
      continue;
    }
    int w = 0;
    for (; w + 4 <= cols; w += 4) {
      int q = 0;
      for (; q + 4 <= k; q += 4) transpose4(b + (j + w) * ldb + q, ldb, d + q * NR + w, NR);
      for (; q < k; q++)
        for (int i = 0; i < 4; i++) d[q * NR + w + i] = b[(j + w + i) * ldb + q];
    }
    for (; w < cols; w++)
      for (int q = 0; q < k; q++) d[q * NR + w] = b[(j + w) * ldb + q];
  }
}

}  // namespace
