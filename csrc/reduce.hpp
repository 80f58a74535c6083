// Sums and their kin over one axis. The order of additions depends on the length alone.
#pragma once
#include "bound.hpp"
#include "lanes.hpp"

namespace {

template <class L, int64_t KIND> struct Join {  // two results as one; NaN wins, as in NumPy
  using V = typename L::V;
  using T = typename L::T;
  static INLINE V vectors(V x, V y) {
    if constexpr (KIND == SUM) return x + y;
    if constexpr (KIND == PROD) return x * y;
    if constexpr (KIND == MAX) return L::select((x > y) | (x != x), x, y);
    return L::select((x < y) | (x != x), x, y);
  }
  static INLINE T numbers(T x, T y) {
    if constexpr (KIND == SUM) return x + y;
    if constexpr (KIND == PROD) return x * y;
    if constexpr (KIND == MAX) return x > y || x != x ? x : y;
    return x < y || x != x ? x : y;
  }
};

constexpr int PARTS = 16;                // partial results of a row, then one fixed tree
constexpr int64_t ROW_BLOCK = 4096, COLUMN_BLOCK = 256;  // block results are joined in order

template <class L, int64_t KIND> typename L::T reduce_block(const typename L::T* a, int64_t n) {
  using J = Join<L, KIND>;
  constexpr int W = L::W, VECTORS = PARTS / W;
  typename L::T x[PARTS];
  const int have = n < PARTS ? int(n) : PARTS;
  int64_t i = have;
  if (n < PARTS) {
    for (int j = 0; j < have; j++) x[j] = a[j];
  } else {
    typename L::V part[VECTORS];
    for (int j = 0; j < VECTORS; j++) part[j] = L::load(a + j * W);
    for (; i + PARTS <= n; i += PARTS)
      for (int j = 0; j < VECTORS; j++) part[j] = J::vectors(part[j], L::load(a + i + j * W));
    for (int j = 0; j < VECTORS; j++) L::store(x + j * W, part[j]);
    for (int j = 0; i + j < n; j++) x[j] = J::numbers(x[j], a[i + j]);
  }
  for (int h = PARTS / 2; h; h /= 2)
    for (int j = 0; j < h && j + h < have; j++) x[j] = J::numbers(x[j], x[j + h]);
  return x[0];
}

template <class L, int64_t KIND> typename L::T reduce_row(const typename L::T* a, int64_t n) {
  auto sum = reduce_block<L, KIND>(a, n < ROW_BLOCK ? n : ROW_BLOCK);
  for (int64_t i = ROW_BLOCK; i < n; i += ROW_BLOCK)
    sum = Join<L, KIND>::numbers(sum, reduce_block<L, KIND>(a + i, n - i < ROW_BLOCK ? n - i : ROW_BLOCK));
  return sum;
}

// W short rows at once, a lane for each: the same tree as reduce_block's.
template <class L, int64_t KIND> typename L::V reduce_short(const typename L::T* a, int have) {
  typename L::V x[PARTS];
  for (int j = 0; j < have; j++)
    for (int w = 0; w < L::W; w++) x[j][w] = a[w * have + j];
  for (int h = PARTS / 2; h; h /= 2)
    for (int j = 0; j < h && j + h < have; j++) x[j] = Join<L, KIND>::vectors(x[j], x[j + h]);
  return x[0];
}

// NV vectors of columns, down k rows of n; each column one chain in a block of rows.
template <class L, int64_t KIND, int NV, bool ALL>
void reduce_strip(const typename L::T* a, int64_t k, int64_t n, typename L::T* out, int last) {
  using V = typename L::V;
  using J = Join<L, KIND>;
  auto load = [last](const typename L::T* p, int j) {
    return ALL || j < NV - 1 ? L::load(p + j * L::W) : L::load_part(p + j * L::W, last);
  };
  V sum[NV] = {};
  for (int64_t q = 0; q < k; q += COLUMN_BLOCK) {
    const int64_t end = k - q < COLUMN_BLOCK ? k : q + COLUMN_BLOCK;
    V part[NV];
    for (int j = 0; j < NV; j++) part[j] = load(a + q * n, j);
    for (int64_t i = q + 1; i < end; i++)
      for (int j = 0; j < NV; j++) part[j] = J::vectors(part[j], load(a + i * n, j));
    for (int j = 0; j < NV; j++) sum[j] = q ? J::vectors(sum[j], part[j]) : part[j];
  }
  for (int j = 0; j < NV; j++) {
    if (ALL || j < NV - 1) L::store(out + j * L::W, sum[j]);
    else L::store_part(out + j * L::W, sum[j], last);
  }
}

template <class L, int64_t KIND>
void reduce_columns(const typename L::T* a, int64_t k, int64_t n, int64_t c0, int64_t c1, typename L::T* out) {
  constexpr int W = L::W;
  int64_t j = c0;
  for (; j + 8 * W <= c1; j += 8 * W) reduce_strip<L, KIND, 8, true>(a + j, k, n, out + j, W);
  for (; j + W <= c1; j += W) reduce_strip<L, KIND, 1, true>(a + j, k, n, out + j, W);
  if (j < c1) reduce_strip<L, KIND, 1, false>(a + j, k, n, out + j, int(c1 - j));
}

template <class L, int64_t KIND> void reduce_by(const Bound<typename L::T>& p) {
  if (p.split == COLUMNS) return reduce_columns<L, KIND>(p.a, p.k, p.n, p.from, p.to, p.out);
  int64_t r = p.from;
  if (p.n == 1 && 0 < p.k && p.k <= PARTS)
    for (; r + L::W <= p.to; r += L::W)
      L::store(p.out + r, reduce_short<L, KIND>(p.a + r * p.k, int(p.k)));
  for (; r < p.to; r++) {
    if (p.n == 1) p.out[r] = reduce_row<L, KIND>(p.a + r * p.k, p.k);
    else reduce_columns<L, KIND>(p.a + r * p.k * p.n, p.k, p.n, 0, p.n, p.out + r * p.n);
  }
}

template <class L> void reduce(const Bound<typename L::T>& p) {
  switch (p.extras[0]) {
    case SUM: return reduce_by<L, SUM>(p);
    case MAX: return reduce_by<L, MAX>(p);
    case MIN: return reduce_by<L, MIN>(p);
    case PROD: return reduce_by<L, PROD>(p);
  }
}

}  // namespace
