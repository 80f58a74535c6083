// The loop that plays a program: one thread's part of some steps.
#pragma once
#include <chrono>
#include "matmul.hpp"
#include "moves.hpp"
#include "pointwise.hpp"
#include "rate.hpp"
#include "reduce.hpp"
#include "rounding.hpp"

namespace {

template <class L> void product(const Bound<typename L::T>& p, typename L::T* scratch) {
  const int64_t* s = p.extras;  // count, then steps of a: row, column, next; and of b
  Product<typename L::T> one{int(p.m), int(p.n), int(p.k), p.a, s[1], s[2], p.b, s[4], s[5], p.out, p.n};
  auto finished = [&p](int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
    if (p.count) tail<L>(p, i0, i1, j0, j1);
  };
  if (s[0] > 1) {
    for (int64_t i = p.from; i < p.to; i++) {
      one.a = p.a + i * s[3], one.b = p.b + i * s[6], one.c = p.out + i * p.m * p.n;
      matmul<L>(one, 0, int(p.m), 0, int(p.n), scratch, [](int, int, int, int) {});
    }
  } else if (p.split == COLUMNS) {
    matmul<L>(one, 0, int(p.m), int(p.from), int(p.to), scratch, finished);
  } else {
    matmul<L>(one, int(p.from), int(p.to), 0, int(p.n), scratch, finished);
  }
}

template <class L> void pointwise(const Bound<typename L::T>& p) {
  if (p.split == COLUMNS) tail<L>(p, 0, p.m, p.from, p.to);
  else tail<L>(p, p.from, p.to, 0, p.n);
}

template <class L>
void play_one(const Bound<typename L::T>& p, const Part<typename L::T>& part,
              Run<typename L::T>& run, int64_t step, Rounding& rounding) {
  if (p.barrier && part.threads > 1) run.barrier->wait();
  if (p.from == p.to) return;
  rounding.keep_subnormals(!p.updates);
  if (p.count) prepare<L>(p);
  switch (p.op) {
    case MATMUL: product<L>(p, part.product); break;
    case POINTWISE: pointwise<L>(p); break;
    case REDUCE:
      reduce<L>(p);
      if (p.count) pointwise<L>(p);
      break;
    case COPY: copy(p); break;
    case TAKE: take(p, *run.trouble); break;
    case PUT: put(p, *run.trouble); break;
    case ONE_HOT: one_hot(p, *run.trouble); break;
    case LINE: line(p); break;
    case TAKE_LINE: take_line(p, *run.trouble); break;
    case PUT_LINE: put_line(p, *run.trouble); break;
    case GATHER: gather(p, run, step); break;
    case DROP: drop(p, run, step); break;
  }
}

template <class L>
void play_step(const Part<typename L::T>& part, Run<typename L::T>& run, int64_t step,
               Rounding& rounding) {
  for (const auto* p = part.begin; p != part.end; p++) play_one<L>(*p, part, run, step, rounding);
}

// The same, with a look at the clock around each instruction.
template <class L>
void time_step(const Part<typename L::T>& part, Run<typename L::T>& run, int64_t step,
               Rounding& rounding) {
  using Clock = std::chrono::steady_clock;
  auto before = Clock::now();
  for (const auto* p = part.begin; p != part.end; p++) {
    play_one<L>(*p, part, run, step, rounding);
    const auto now = Clock::now();
    run.seconds[p - part.begin] += std::chrono::duration<double>(now - before).count();
    before = now;
  }
}

template <class L> void play(const Part<typename L::T>& part, Run<typename L::T>& run) {
  Rounding rounding;
  const bool judge = part.thread == part.threads - 1;  // the loss is this thread's
  for (int64_t step = 0; step < run.steps; step++) {
    if (run.seconds && part.thread == 0) time_step<L>(part, run, step, rounding);
    else play_step<L>(part, run, step, rounding);
    if (judge) {
      rounding.keep_subnormals(true);
      const bool fine = std::isfinite(*run.loss) && !run.trouble->kind.load(std::memory_order_relaxed);
      if (fine) run.total += double(*run.loss) * double(run.batch), run.done++;
      else run.stop.store(true, std::memory_order_relaxed);
    }
    if (part.threads > 1) run.barrier->wait();
    if (run.stop.load(std::memory_order_relaxed)) return;
  }
}

template <class L> constexpr Variant<typename L::T> make_variant(const char* name) {
  Variant<typename L::T> variant{name, L::W, play<L>, {}, matmul_scratch, Rate<L>::peak};
#define K(name, inputs, expression) variant.maps[K_##name] = map<L, K_##name>;
  POINTWISE_KERNELS(K)
#undef K
  return variant;
}

}  // namespace
