// Tails: small programs of pointwise kernels over a block, a tile at a time, while it lies in L1.
#pragma once
#include "bound.hpp"
#include "maths.hpp"

namespace {

template <class L, int Id> struct Kernel;
#define K(name, inputs, expression)                                                       \
  template <class L> struct Kernel<L, K_##name> {                                         \
    using T = typename L::T;                                                              \
    static constexpr int COUNT = inputs;                                                  \
    static INLINE typename L::V run(const typename L::V* x) {                             \
      const typename L::V x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4], x5 = x[5]; \
      (void)x0, (void)x1, (void)x2, (void)x3, (void)x4, (void)x5;                         \
      return expression;                                                                  \
    }                                                                                     \
  };
POINTWISE_KERNELS(K)
#undef K

// out[i] = kernel(in[0][i & mask], …): operands repeat, or go on as far as out.
template <class L, int Id>
void map(int count, typename L::T* out, const Input<typename L::T>* in) {
  using T = typename L::T;
  using Kernel = Kernel<L, Id>;
  const T* from[Kernel::COUNT];  // copies: a store could change what `in` says, as far as GCC knows
  int64_t mask[Kernel::COUNT], i = 0;
#pragma GCC unroll 6
  for (int j = 0; j < Kernel::COUNT; j++) from[j] = in[j].p, mask[j] = in[j].mask;
  typename L::V x[INPUTS] = {};
  for (; i + L::W <= count; i += L::W) {
#pragma GCC unroll 6
    for (int j = 0; j < Kernel::COUNT; j++) x[j] = L::load(from[j] + (i & mask[j]));
    L::store(out + i, Kernel::run(x));
  }
  if (const int rest = int(count - i)) {
#pragma GCC unroll 6
    for (int j = 0; j < Kernel::COUNT; j++)
      x[j] = mask[j] ? L::load_part(from[j] + (i & mask[j]), rest) : L::load(from[j]);
    L::store_part(out + i, Kernel::run(x), rest);
  }
}

template <class L> void splat(typename L::T* to, typename L::T value) {
  for (int i = 0; i < PAD; i += L::W) L::store(to + i, L::splat(value));
}

// Numbers, and rows where a tile has many rows: stretched once for an instruction.
template <class L> void prepare(const Bound<typename L::T>& p) {
  for (const auto* e = p.once; e != p.once_end; e++) {
    if (e->kind == SCALAR) { splat<L>(e->to, *e->from); continue; }
    for (int64_t r = 0; r < p.tile_rows; r++)
      for (int64_t j = 0; j < p.n; j++) e->to[r * p.n + j] = e->from[j];
  }
}

// The tail over rows [r0, r1) × columns [c0, c1) of the block.
template <class L> void tail(const Bound<typename L::T>& p, int64_t r0, int64_t r1, int64_t c0, int64_t c1) {
  const bool many = p.tile_rows > 1;
  for (int64_t r = r0; r < r1; r += many ? p.tile_rows : 1)
    for (int64_t c = c0; c < c1; c += TILE) {
      const int64_t rows = many ? (r1 - r < p.tile_rows ? r1 - r : p.tile_rows) : 1;
      const int count = int(many ? rows * p.n : (c1 - c < TILE ? c1 - c : TILE));
      for (const auto* e = p.each; e != p.each_end; e++) {  // a number for each row
        if (!many) { splat<L>(e->to, e->from[r]); continue; }
        for (int64_t i = 0; i < rows; i++)
          for (int64_t j = 0; j < p.n; j++) e->to[i * p.n + j] = e->from[r + i];
      }
      const int64_t at = r * p.n + c;
      for (const auto *s = p.steps, *end = s + p.count; s != end; s++) {
        Input<typename L::T> in[INPUTS];
        for (int i = 0; i < s->count; i++)
          in[i] = {s->in[i].base + r * s->in[i].row + c * s->in[i].column, s->in[i].mask};
        s->run(count, s->moves ? s->out + at : s->out, in);
      }
    }
}

}  // namespace
