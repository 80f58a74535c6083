// The order of rows in an epoch: what NumPy's Generator(Philox(key=[seed, epoch])).permutation(n)
// gives, number for number (tests/train/test_shuffle.py holds them equal), in half of its time and
// by any thread.
#pragma once
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>

namespace {  // each instruction set has its own: see play.hpp

constexpr int64_t MOST_ROWS = int64_t(1) << 32;  // from there on NumPy draws 64 bits at a time

// Philox 4×64, 10 rounds: four random words for each value of a counter (Salmon et al., 2011).
class Philox {
 public:
  Philox(uint64_t seed, uint64_t stream, uint64_t counter = 0, uint64_t step = 0)
      : key_{seed, stream}, counter_(counter), step_(step) {}

  std::array<uint64_t, 4> next() {
    uint64_t a = ++counter_, b = step_, c = 0, d = 0, seed = key_[0], stream = key_[1];
    for (int round = 0; round < 10; round++) {
      const Wide p = Wide(a) * 0xD2E7470EE14C6C93u, q = Wide(c) * 0xCA5A826395121157u;
      a = uint64_t(q >> 64) ^ b ^ seed, b = uint64_t(q);
      c = uint64_t(p >> 64) ^ d ^ stream, d = uint64_t(p);
      seed += 0x9E3779B97F4A7C15u, stream += 0xBB67AE8584CAA73Bu;
    }
    return {a, b, c, d};
  }

 private:
  __extension__ using Wide = unsigned __int128;
  uint64_t key_[2], counter_, step_;
};

// Fisher and Yates, from the last place down. NumPy draws a place ≤ i from the low bits of a random
// 32-bit number, and draws again if it is larger. Whether it is cannot be foreseen: instead of
// branching, place i changes with itself, and stays to be done.
inline void permutation(int64_t* order, int64_t n, uint64_t seed, uint64_t epoch) {
  std::iota(order, order + n, int64_t(0));
  Philox random(seed, epoch);
  uint64_t mask = 1;
  while (n && uint64_t(n) - 1 > mask) mask = mask << 1 | 1;
  for (int64_t i = n - 1; i > 0;)
    for (const uint64_t word : random.next())
      for (const uint64_t half : {word & 0xffffffffu, word >> 32}) {
        if (uint64_t(i) <= mask >> 1) mask >>= 1;
        const int64_t drawn = int64_t(half & mask), j = drawn > i ? i : drawn;
        std::swap(order[i], order[j]);
        i -= (drawn <= i) & (i > 0);  // once 0 is reached, place 0 changes with itself
      }
}

}  // namespace
