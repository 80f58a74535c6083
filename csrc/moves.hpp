// Instructions that move numbers, and those along a row that no vector helps: plain loops, the same
// for every instruction set.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include "bound.hpp"
#include "shuffle.hpp"

namespace {

// Rows of the data: those of an index, or the next ones. The rows that follow are sent for meanwhile,
// a few of a narrow table, or the beginning of one: then the hardware has seen where it goes.
template <class T, class S>
void gather_rows(const Source& source, const int64_t* index, int64_t first, int64_t count,
                 T* __restrict to, int64_t n) {
  constexpr int64_t NEAR = 1024, MOST = 4096, STEP = 64;  // bytes
  const int64_t bytes = n * int64_t(sizeof(S)), ahead = bytes < NEAR ? NEAR / bytes : 1;
  auto row = [&](int64_t r) {
    return source.base + (index ? index[r] : first + r) * source.row_bytes;
  };
  for (int64_t r = 0; r < count; r++, to += n) {
    if (r + ahead < count)
      for (int64_t b = 0; b < bytes && b < MOST; b += STEP) __builtin_prefetch(row(r + ahead) + b);
    const char* from = row(r);
    for (int64_t j = 0; j < n; j++) {
      S x;
      std::memcpy(&x, from + j * int64_t(sizeof x), sizeof x);  // at any address
      to[j] = T(x);
    }
  }
}

template <class T> void gather(const Bound<T>& p, const Run<T>& run, int64_t step) {
  if (p.extras[0] < 0) {  // the learning rate of this step
    *p.out = run.rates[step];
    return;
  }
  const Source& s = run.sources[p.extras[0]];
  static constexpr decltype(&gather_rows<T, T>) rows[] = {  // as NumberType
      gather_rows<T, float>,   gather_rows<T, double>,   gather_rows<T, int8_t>,
      gather_rows<T, int16_t>, gather_rows<T, int32_t>,  gather_rows<T, int64_t>,
      gather_rows<T, uint8_t>, gather_rows<T, uint16_t>, gather_rows<T, uint32_t>,
      gather_rows<T, uint64_t>};
  const int64_t first = run.first_row + step * run.batch + p.from;
  const int64_t* index = run.index ? run.index + first : nullptr;
  rows[s.type](s, index, first, p.to - p.from, p.out + p.from * p.n, p.n);
}

// extras: mode, where the target begins, then sizes, steps of the source, steps of the target
template <class T> void copy(const Bound<T>& p) {
  const int64_t mode = p.extras[0], d = (p.extra_count - 2) / 3;
  const int64_t *sizes = p.extras + 2, *in = sizes + d, *out = in + d;
  if (mode & CLEAR) std::fill(p.out, p.out + p.m * p.n, T(0));
  const bool shared = p.split == ROWS && d;  // the first axis is divided among threads
  const int64_t begin = shared ? p.from : 0, end = shared ? p.to : d ? sizes[0] : 1;
  int64_t at[8] = {begin};
  const T* from = p.a + (d ? begin * in[0] : 0);
  T* to = p.out + p.extras[1] + (d ? begin * out[0] : 0);
  const int64_t inner = d > 1 ? sizes[d - 1] : 1, si = d > 1 ? in[d - 1] : 0, so = d > 1 ? out[d - 1] : 0;
  const int64_t axes = d > 1 ? d - 1 : d;  // the last axis is the inner loop
  if (begin == end) return;
  for (;;) {
    if (mode & ADD) for (int64_t j = 0; j < inner; j++) to[j * so] += from[j * si];
    else for (int64_t j = 0; j < inner; j++) to[j * so] = from[j * si];
    int64_t axis = axes - 1;
    for (; axis >= 0; axis--) {
      from += in[axis], to += out[axis];
      if (++at[axis] < (axis ? sizes[axis] : end)) break;
      if (axis == 0) return;
      from -= sizes[axis] * in[axis], to -= sizes[axis] * out[axis], at[axis] = 0;
    }
    if (axis < 0) return;
  }
}

// the place that r-th entries of the index arrays name, negative ones from the end
template <class T>
int64_t place(const Bound<T>& p, const int64_t* sizes, int64_t count, int64_t r, Trouble& trouble) {
  const int64_t* steps = sizes + count;
  int64_t at = 0;
  for (int64_t q = 0; q < count; q++) {
    const T i = p.indices[q][r];
    if (!(i >= T(-sizes[q]) && i < T(sizes[q]))) { trouble.index(double(i), sizes[q]); return 0; }
    at += (int64_t(i) + (i < 0 ? sizes[q] : 0)) * steps[q];
  }
  return at;
}

template <class T> void take(const Bound<T>& p, Trouble& trouble) {
  const int64_t count = p.extra_count / 3;
  for (int64_t r = p.from; r < p.to; r++)
    std::memcpy(p.out + r * p.n, p.a + place(p, p.extras, count, r, trouble), size_t(p.n) * sizeof(T));
}

template <class T> void put(const Bound<T>& p, Trouble& trouble) {
  const int64_t count = (p.extra_count - 1) / 3;
  std::fill(p.out, p.out + p.extras[0], T(0));
  for (int64_t r = 0; r < p.m; r++) {
    T* to = p.out + place(p, p.extras + 1, count, r, trouble);
    for (int64_t j = 0; j < p.n; j++) to[j] += p.a[r * p.n + j];
  }
}

template <class T> void one_hot(const Bound<T>& p, Trouble& trouble) {
  for (int64_t r = p.from; r < p.to; r++) {
    T* row = p.out + r * p.n;
    std::fill(row, row + p.n, T(0));
    const T label = p.a[r];
    if (!(label >= 0 && label < T(p.n))) trouble.index(double(label), p.n);
    else row[int64_t(label)] = 1;
  }
}

template <class T> bool before(T x, T y) { return x < y || (y != y && x == x); }  // NaN last

template <class T> void line(const Bound<T>& p) {
  for (int64_t r = p.from; r < p.to; r++) {
    const T* a = p.a + r * p.k;
    T* out = p.out + r * p.n;
    switch (p.extras[0]) {
      case CUMSUM: std::partial_sum(a, a + p.k, out); break;
      case SORT:
        std::copy(a, a + p.k, out);
        std::sort(out, out + p.k, [](T x, T y) { return before(x, y); });
        break;
      case ARGSORT:  // places as numbers; equal entries keep their order
        std::iota(out, out + p.k, T(0));
        std::sort(out, out + p.k, [a](T i, T j) {
          const T x = a[int64_t(i)], y = a[int64_t(j)];
          return before(x, y) || (!before(y, x) && i < j);
        });
        break;
      default: {  // the first largest or smallest; NaN counts as both
        int64_t best = 0;
        for (int64_t i = 1; i < p.k && a[best] == a[best]; i++)
          if (a[i] != a[i] || (p.extras[0] == ARGMAX ? a[i] > a[best] : a[i] < a[best])) best = i;
        *out = T(best);
      }
    }
  }
}

// dropout: 32 random bits for each entry, whichever thread draws them; extras: the threshold, the
// stream; b: what a kept entry is multiplied by
template <class T> void drop(const Bound<T>& p, const Run<T>& run, int64_t step) {
  constexpr int64_t WORDS = 8;  // of 32 bits, for each value of the counter
  const uint64_t threshold = uint64_t(p.extras[0]), stream = (uint64_t(1) << 63) + uint64_t(p.extras[1]);
  const int64_t first = p.from * p.n, last = p.to * p.n;
  Philox random(run.seed, stream, uint64_t(first / WORDS), run.step + uint64_t(step));
  const T scale = *p.b;
  for (int64_t i = first / WORDS * WORDS; i < last;)
    for (const uint64_t word : random.next())
      for (const uint64_t half : {word & 0xffffffffu, word >> 32}) {
        if (i >= first && i < last) p.out[i] = half >= threshold ? p.a[i] * scale : p.a[i] * 0;
        i++;
      }
}

template <class T> int64_t in_row(T i, int64_t size, Trouble& trouble) {
  if (i >= T(-size) && i < T(size)) return int64_t(i) + (i < 0 ? size : 0);
  trouble.index(double(i), size);
  return 0;
}

template <class T> void take_line(const Bound<T>& p, Trouble& trouble) {
  for (int64_t r = p.from; r < p.to; r++)
    for (int64_t j = 0; j < p.n; j++)
      p.out[r * p.n + j] = p.a[r * p.k + in_row(p.indices[0][r * p.n + j], p.k, trouble)];
}

template <class T> void put_line(const Bound<T>& p, Trouble& trouble) {
  for (int64_t r = p.from; r < p.to; r++) {
    T* out = p.out + r * p.n;
    std::fill(out, out + p.n, T(0));
    for (int64_t j = 0; j < p.k; j++)
      out[in_row(p.indices[0][r * p.k + j], p.n, trouble)] += p.a[r * p.k + j];
  }
}

}  // namespace
