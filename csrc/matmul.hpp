// The matrix product. The bits of c[i][j] depend on a's row i, b's column j and k alone: k is cut
// into blocks of KC, each block is one chain of fmas from 0 in the order of k, and the blocks are
// added in order. Lane width, packing, transposition and the split among threads never show.
#pragma once
#include <numeric>
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

constexpr int KC = 256;              // the blocks of k: part of the definition of the result
constexpr int NC = 256;              // columns of a packed block of b: it lies in L2
constexpr int MC = 96;               // rows of a packed block of a
constexpr int64_t IN_L2 = 64 << 10;  // a matrix of so many numbers stays in L2 as it is
template <class T>
constexpr int BLOCK = 16384 / sizeof(T);  // numbers of c between two calls of done: 16 KB
constexpr int NARROW = 12;           // columns of c that would leave vectors half empty
constexpr int STRIP = 256;           // rows of a narrow c between two calls of done

// Rows of a tile NV vectors wide: what fits into registers, but not so many that small products are
// cut badly. Fewer could not keep the units for fma busy, which need 8 to 10 sums under way.
template <class L, int NV>
constexpr int tile_rows() {
#if defined(__AVX512F__)
  constexpr int REGISTERS = 32, BYTES = 64;
#elif defined(__AVX2__)
  constexpr int REGISTERS = 16, BYTES = 32;
#else
  constexpr int REGISTERS = 32, BYTES = 16;
#endif
  constexpr int each = L::BYTES > BYTES ? L::BYTES / BYTES : 1;  // registers of a vector
  constexpr int fit = (REGISTERS / each - 1 - NV) / NV, wanted = NV == 2 ? 10 : 8;
  return fit < wanted ? fit : wanted;
}

// A tile of c, MR rows and NV vectors wide: c = a b, or c += a b. The last vector has `last`
// numbers.
template <class L, int MR, int NV, bool PART>
void tile(int k, const typename L::T* a, int64_t rs, int64_t cs, const typename L::T* b,
          int64_t ldb, typename L::T* c, int64_t ldc, bool add, int last) {
  using T = typename L::T;
  constexpr int W = L::W, GROUPS = (MR + 2) / 3;
  auto load = [last](const T* p, int j) {
    return PART && j == NV - 1 ? L::load_part(p + j * W, last) : L::load(p + j * W);
  };
  typename L::V sum[MR][NV], bv[NV];
#pragma GCC unroll 10
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 10
    for (int j = 0; j < NV; j++) sum[i][j] = L::splat(0);
  if (add)  // c comes nearer while the sums are made
#pragma GCC unroll 10
    for (int i = 0; i < MR; i++)
#pragma GCC unroll 10
      for (int j = 0; j < NV; j++) __builtin_prefetch(c + i * ldc + j * W);
  const T* row[GROUPS];  // each third row has a pointer: two more are within its addressing modes
#pragma GCC unroll 10
  for (int g = 0; g < GROUPS; g++) row[g] = a + 3 * g * rs;
  for (int q = 0; q < k; q++, b += ldb) {
#pragma GCC unroll 10
    for (int j = 0; j < NV; j++) bv[j] = load(b, j);
#pragma GCC unroll 10
    for (int i = 0; i < MR; i++) {
      const typename L::V av = L::splat(row[i / 3][i % 3 * rs]);
#pragma GCC unroll 10
      for (int j = 0; j < NV; j++) sum[i][j] = L::fma(av, bv[j], sum[i][j]);
    }
#pragma GCC unroll 10
    for (int g = 0; g < GROUPS; g++) {
      row[g] += cs;
      asm("" : "+r"(row[g]));  // or GCC makes a version of the loop for each stride, and more
    }
  }
#pragma GCC unroll 10
  for (int i = 0; i < MR; i++, c += ldc)
#pragma GCC unroll 10
    for (int j = 0; j < NV; j++) {
      if (add) sum[i][j] = load(c, j) + sum[i][j];
      if (PART && j == NV - 1) L::store_part(c + j * W, sum[i][j], last);
      else L::store(c + j * W, sum[i][j]);
    }
}

// m rows of one panel of columns
template <class L, int NV, bool PART>
void panel(int m, int k, const typename L::T* a, int64_t rs, int64_t cs, const typename L::T* b,
           int64_t ldb, typename L::T* c, int64_t ldc, bool add, int last) {
  constexpr int MR = tile_rows<L, NV>();
  for (int rows; m; m -= rows, a += rows * rs, c += rows * ldc) {
    rows = m >= 2 * MR || m == MR ? MR : m > MR ? (m + 1) / 2 : m;  // 10 is 5 + 5, not 6 + 4
    switch (rows) {
#define ROWS(n) \
  case n: \
    if constexpr (n <= MR) tile<L, n, NV, PART>(k, a, rs, cs, b, ldb, c, ldc, add, last); \
    break;
      ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8) ROWS(9) ROWS(10)
#undef ROWS
    }
  }
}

// m × n of c, in panels of columns; the panels of b lie `step` apart
template <class L>
void panels(int m, int n, int k, const typename L::T* a, int64_t rs, int64_t cs,
            const typename L::T* b, int64_t ldb, int64_t step, typename L::T* c, int64_t ldc,
            bool add) {
  constexpr int W = L::W, NR = 2 * W;
  for (; n >= NR; n -= NR, b += step, c += NR)
    panel<L, 2, false>(m, k, a, rs, cs, b, ldb, c, ldc, add, 0);
  if (n == 0) return;
  if (n > W) return panel<L, 2, true>(m, k, a, rs, cs, b, ldb, c, ldc, add, n - W);
  if (n == W) return panel<L, 1, false>(m, k, a, rs, cs, b, ldb, c, ldc, add, 0);
  if constexpr (L::BYTES == 64)  // half a vector costs half
    if (n <= W / 2)
      return panel<Lanes<typename L::T, W / 2>, 1, true>(m, k, a, rs, cs, b, ldb, c, ldc, add, n);
  panel<L, 1, true>(m, k, a, rs, cs, b, ldb, c, ldc, add, n);
}

// the numbers of scratch that matmul needs, for every lane width and every part of the product; of a
// narrow one, b is never packed
int64_t matmul_scratch(int m, int n, int k) {
  const int columns = n == 1 ? m : n, kc = k < KC ? k : KC;
  return int64_t(columns < NC ? (columns + 31) / 32 * 32 : NC) * kc + int64_t(MC) * kc +
         NARROW * STRIP;
}

// The part of c in one go, if it is one block and one block of k.
template <class L>
bool matmul_small(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
                  typename L::T* scratch) {
  constexpr int NR = 2 * L::W;
  const int rows = r1 - r0, columns = c1 - c0;
  constexpr int MOST = BLOCK<typename L::T>;
  if (p.k > KC || columns > NC || rows > MOST || rows * columns > MOST) return false;
  const auto* b = p.b + c0 * p.b_col;
  int64_t ldb = p.b_row, step = NR;
  if (p.b_col != 1) {
    pack_transposed<L>(p.k, columns, b, p.b_col, scratch, p.k * NR);
    b = scratch, ldb = NR, step = p.k * NR;
  }
  panels<L>(rows, columns, p.k, p.a + r0 * p.a_row, p.a_row, p.a_col, b, ldb, step,
            p.c + r0 * p.ldc + c0, p.ldc, false);
  return true;
}

// The loops, from the outer to the inner: columns of c, blocks of k (b's block is packed into L2,
// if b is large or transposed), rows of c (a's block is packed, if a is large and transposed),
// blocks of k again (if b is not packed: then a block of c stays in L1 until it is finished).
template <class L, class Done>
void matmul_blocks(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
                   typename L::T* scratch, Done&& done) {
  using T = typename L::T;
  constexpr int MR = tile_rows<L, 2>(), NR = 2 * L::W;
  constexpr int LINES = std::lcm(MR, 16);  // after so many rows of c begins a line of the cache
  auto least = [](int x, int y) { return x < y ? x : y; };
  const int wide = least(c1 - c0, NC), fit = BLOCK<T> / wide;
  // one tile at the least: 256 columns of float64 leave room for 8 rows, a tile has more
  const int height = fit >= LINES ? fit / LINES * LINES : fit >= MR ? fit / MR * MR : MR;
  const bool at = p.a_col != 1, bt = p.b_col != 1;
  const bool pack_b = bt || (int64_t(p.n) * p.k > IN_L2 && r1 - r0 > MC / 2);
  const bool far = int64_t(p.m) * p.k > IN_L2 && wide >= NC / 2, pack_a = at && far;
  const int kc = pack_b || p.k == 0 ? KC : p.k, mc = pack_a ? MC : height;
  const int64_t rs = pack_a ? 1 : p.a_row, cs = pack_a ? MC : p.a_col;
  T *const packed_a = scratch, *const packed_b = scratch + int64_t(MC) * least(p.k, KC);
  for (int j = c0; j < c1; j += NC)
    for (int q = 0; q == 0 || q < p.k; q += kc) {
      const int nj = least(c1 - j, NC), kq = least(p.k - q, kc);
      const T* b = p.b + q * p.b_row + j * p.b_col;
      const int64_t ldb = pack_b ? NR : p.b_row, step = pack_b ? kq * NR : NR;
      if (bt) pack_transposed<L>(kq, nj, b, p.b_col, packed_b, step);
      else if (pack_b) pack<L>(kq, nj, b, p.b_row, packed_b, step);
      if (pack_b) b = packed_b;
      for (int g = r0; g < r1; g += mc)
        for (int s = 0; s == 0 || s < kq; s += KC) {
          const int mg = least(r1 - g, mc), ks = least(kq - s, KC);
          const int next = least(r1 - g - mg, mc);
          const T* a = p.a + g * p.a_row + (q + s) * p.a_col;
          const T* ahead = far && next ? a + mg * p.a_row : nullptr;
          if (pack_a) copy<L>(ks, mg, a, p.a_col, packed_a, MC), a = packed_a;
          for (int i = 0; i < mg; i += height) {
            const int mi = least(mg - i, height), first = ks * i / mg, last = ks * (i + mi) / mg;
            if (ahead && at) prefetch(last - first, next, ahead + first * p.a_col, p.a_col);
            else if (ahead) prefetch(next, ks, ahead, p.a_row);
            panels<L>(mi, nj, ks, a + i * rs, rs, cs, b + s * ldb, ldb, step,
                      p.c + (g + i) * p.ldc + j, p.ldc, q + s > 0);
            if (q + s + ks == p.k) done(g + i, g + i + mi, j, j + nj);
          }
        }
    }
}

template <class L, class Done>
void matmul_part(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
                 typename L::T* scratch, Done&& done) {
  if (r0 >= r1 || c0 >= c1) return;
  if (matmul_small<L>(p, r0, r1, c0, c1, scratch)) done(r0, r1, c0, c1);
  else matmul_blocks<L>(p, r0, r1, c0, c1, scratch, done);
}

// Rows [r0, r1) of a narrow c, as the transpose of bᵀ aᵀ: vectors go along the rows of c, as a is
// stored.
template <class L, class Done>
void matmul_narrow(const Product<typename L::T>& p, int r0, int r1, typename L::T* scratch,
                   Done&& done) {
  auto* const strip = scratch;
  for (int i = r0; i < r1; i += STRIP) {
    const int rows = r1 - i < STRIP ? r1 - i : STRIP;
    const Product<typename L::T> part{p.n,   rows,    p.k,     p.b,   p.b_col, p.b_row,
                                      p.a + i * p.a_row, p.a_col, p.a_row, strip, rows};
    matmul_part<L>(part, 0, p.n, 0, rows, scratch + NARROW * STRIP, [](int, int, int, int) {});
    auto* c = p.c + i * p.ldc;
    for (int r = 0; r < rows; r++, c += p.ldc)
      for (int j = 0; j < p.n; j++) c[j] = strip[j * rows + r];
    done(i, i + rows, 0, p.n);
  }
}

// Rows [r0, r1) × columns [c0, c1) of the product. done(i0, i1, j0, j1) is called once for each
// finished block of c, while it lies in L1. scratch is best aligned to 64 bytes.
template <class L, class Done>
void matmul(const Product<typename L::T>& p, int r0, int r1, int c0, int c1,
            typename L::T* scratch, Done&& done) {
  if (p.n == 1 && p.ldc == 1 && p.m > 1) {  // a column: computed as a row, vectors along m
    const Product<typename L::T> row{1,   p.m,     p.k,     p.b, p.b_col, p.b_row,
                                     p.a, p.a_col, p.a_row, p.c, p.m};
    auto swapped = [&](int i0, int i1, int j0, int j1) { done(j0, j1, i0, i1); };
    return matmul_part<L>(row, c0, c1, r0, r1, scratch, swapped);
  }
  const bool narrow = p.n <= NARROW && p.a_row == 1 && r1 - r0 >= 2 * NARROW && c1 - c0 == p.n;
  if (narrow) return matmul_narrow<L>(p, r0, r1, scratch, done);
  matmul_part<L>(p, r0, r1, c0, c1, scratch, done);
}

}  // namespace
