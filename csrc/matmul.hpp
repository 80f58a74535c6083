// The matrix product. The bits of c[i][j] depend on a's row i, b's column j and k alone: k is cut
// into blocks of KC, each block is one chain of fmas from 0 in the order of k, and the blocks are
// added in order. Lane width, packing, transposition and the split among threads never show.
#pragma once
#include "pack.hpp"

namespace {

template <class T>
struct Product {  // c (m × n, row stride ldc) = a (m × k) b (k × n)
  int m, n, k;
  const T* a;
  int64_t a_row, a_col;  // strides of a: one of them is 1
  const T* b;
  int64_t b_row, b_col;  // strides of b: one of them is 1
  T* c;
  int64_t ldc;
};

constexpr int KC = 256;                   // the blocks of k: part of the definition of the result
constexpr int NC = 512;                   // columns of a packed block of b
constexpr int64_t PACK_ABOVE = 64 << 10;  // numbers of b that stay in L2 unpacked
constexpr int BLOCK = 4096;               // numbers of c between two calls of done

// A tile of c, MR rows and NV vectors wide: c = a b, or c += a b. The last vector has `last` numbers.
template <class L, int MR, int NV, bool PART>
void micro(int k, const typename L::T* a, int64_t rs, int64_t cs, const typename L::T* b,
           int64_t ldb, typename L::T* c, int64_t ldc, bool add, int last) {
  using T = typename L::T;
  constexpr int W = L::W;
  auto load = [last](const T* p, int j) {
    return PART && j == NV - 1 ? L::load_part(p + j * W, last) : L::load(p + j * W);
  };
  typename L::V acc[MR][NV], bv[NV];
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 16
    for (int j = 0; j < NV; j++) acc[i][j] = L::splat(0);
  for (int q = 0; q < k; q++, b += ldb) {
#pragma GCC unroll 16
    for (int j = 0; j < NV; j++) bv[j] = load(b, j);
#pragma GCC unroll 16
    for (int i = 0; i < MR; i++) {
      const typename L::V av = L::splat(a[i * rs + q * cs]);
#pragma GCC unroll 16
      for (int j = 0; j < NV; j++) acc[i][j] = L::fma(av, bv[j], acc[i][j]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 16
    for (int j = 0; j < NV; j++) {
      T* to = c + i * ldc;
      const typename L::V sum = add ? load(to, j) + acc[i][j] : acc[i][j];
      if (PART && j == NV - 1) L::store_part(to + j * W, sum, last);
      else L::store(to + j * W, sum);
    }
}

constexpr int MR = 6;  // rows of a full tile

template <class L, int NV, bool PART>
void panel(int m, int k, const typename L::T* a, int64_t rs, int64_t cs, const typename L::T* b,
           int64_t ldb, typename L::T* c, int64_t ldc, bool add, int last) {
  for (int rows; m; m -= rows, a += rows * rs, c += rows * ldc) {
    rows = m >= 2 * MR || m == MR ? MR : m > MR ? (m + 1) / 2 : m;  // 10 is 5 + 5, not 6 + 4
    switch (rows) {
#define ROWS(MR) \
  case MR: micro<L, MR, NV, PART>(k, a, rs, cs, b, ldb, c, ldc, add, last); break;
      ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)
#undef ROWS
    }
  }
}

// some rows of c, in panels of columns; b's column j lies at b + j * step
template <class L>
void panels(int m, int n, int k, const typename L::T* a, int64_t rs, int64_t cs,
            const typename L::T* b, int64_t ldb, int64_t step, typename L::T* c, int64_t ldc,
            bool add) {
  constexpr int W = L::W, NR = 2 * W;
  for (int j = 0; j < n; j += NR) {
    const int cols = n - j < NR ? n - j : NR, last = cols > W ? cols - W : cols;
    auto run = cols == NR ? panel<L, 2, false> : cols > W ? panel<L, 2, true>
             : cols == W ? panel<L, 1, false> : panel<L, 1, true>;
    run(m, k, a, rs, cs, b + j * step, ldb, c + j, ldc, add, last);
  }
}

// the numbers of scratch that matmul needs, for every lane width and every part of the product
int64_t matmul_scratch(int m, int n, int k) {
  const int columns = n == 1 ? m : n, nc = columns < NC ? (columns + 63) / 64 * 64 : NC;
  return int64_t(nc) * (k < KC ? k : KC);
}

template <class L, class Done>
void matmul_blocks(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
                   typename L::T* scratch, Done&& done) {
  using T = typename L::T;
  const bool transposed = p.b_col != 1;
  const bool packed = transposed || int64_t(p.n) * p.k > PACK_ABOVE;
  const int kc = packed ? KC : p.k;
  const int wide = c1 - c0 < NC ? c1 - c0 : NC;
  const int fit = wide > 0 ? BLOCK / wide / MR * MR : 0, height = fit < MR ? MR : fit;
  for (int j = c0; j < c1; j += NC)
    for (int q = 0; q == 0 || q < p.k; q += kc) {
      const int nj = c1 - j < NC ? c1 - j : NC, kq = p.k - q < kc ? p.k - q : kc;
      const T* b = p.b + q * p.b_row + j * p.b_col;
      if (packed) pack<L>(transposed, kq, nj, b, transposed ? p.b_col : p.b_row, scratch);
      for (int i = r0; i < r1; i += height) {
        const int mi = r1 - i < height ? r1 - i : height;
        T* c = p.c + i * p.ldc + j;
        for (int s = q; s == 0 || s < q + kq; s += KC) {
          const int ks = q + kq - s < KC ? q + kq - s : KC;
          const T* a = p.a + i * p.a_row + s * p.a_col;
          if (packed)
            panels<L>(mi, nj, ks, a, p.a_row, p.a_col, scratch, 2 * L::W, kq, c, p.ldc, s > 0);
          else
            panels<L>(mi, nj, ks, a, p.a_row, p.a_col, b + (s - q) * p.b_row, p.b_row, 1, c,
                      p.ldc, s > 0);
        }
        if (q + kq == p.k) done(i, i + mi, j, j + nj);
      }
    }
}

// Rows [r0, r1) × columns [c0, c1) of the product. done(i0, i1, j0, j1) is called once for each
// finished block of c, while it lies in L1.
template <class L, class Done>
void matmul(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
            typename L::T* scratch, Done&& done) {
  using T = typename L::T;
  if (p.n == 1 && p.ldc == 1 && p.m > 1) {  // a column: computed as a row, vectors along m
    const Product<T> row{1, p.m, p.k, p.b, p.b_col, p.b_row, p.a, p.a_col, p.a_row, p.c, p.m};
    auto swapped = [&](int i0, int i1, int j0, int j1) { done(j0, j1, i0, i1); };
    return matmul_blocks<L>(row, c0, c1, r0, r1, scratch, swapped);
  }
  matmul_blocks<L>(p, r0, r1, c0, c1, scratch, done);
}

}  // namespace
