// How fast this machine multiplies and adds: the yardstick of bench/.
#pragma once
#include <chrono>
#include "lanes.hpp"

namespace {

template <class L> struct Rate {
  using T = typename L::T;
  using Clock = std::chrono::steady_clock;

  // flops a second of independent chains of fmas, all in registers
  static double peak() {
    constexpr int CHAINS = 12, STEPS = 20000;
    typename L::V x[CHAINS];
    for (auto& v : x) v = L::splat(0);
    const auto start = Clock::now();
    for (int s = 0; s < STEPS; s++)
#pragma GCC unroll 16
      for (int i = 0; i < CHAINS; i++) x[i] = L::fma(x[i], L::splat(T(0.999)), L::splat(T(1e-9)));
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    for (int i = 1; i < CHAINS; i++) x[0] += x[i];
    return x[0][0] < 0 ? 0 : 2.0 * L::W * CHAINS * STEPS / seconds;  // the sums are read: not left out
  }
};

}  // namespace
