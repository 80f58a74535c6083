// Checks a program, binds it to memory, and plays it on some threads. Knows nothing of networks.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "check.hpp"
#include "variants.hpp"

struct Draw {  // what random numbers within a step depend on
  uint64_t seed, step;  // the training's, and its steps before
};

struct Played {
  double total;     // of the losses, each times the rows of its step
  int64_t done;     // steps whose loss is finite
};

template <class T> class Player {
 public:
  Player(Words words, T* state, int64_t state_size, const T* constants, int64_t constant_size,
         int64_t scratch_size, std::vector<Source> sources, int64_t loss, int threads,
         const std::string& variant);
  Player(const Player&) = delete;

  // Steps of an epoch, from first_row on; throws where an index lies outside of its array. `total`
  // is that of the steps before: the sum is the same however an epoch is cut.
  Played play(const int64_t* index, int64_t rows, int64_t first_row, int64_t batch,
              const T* rates, int64_t steps, Draw draw, double total, double* seconds = nullptr);
  void read(std::vector<Source> sources);  // other data from now on, of the same widths
  int64_t instructions() const { return int64_t(words_.instructions.size()); }

  const char* variant() const { return variant_->name; }

 private:
  void bind(int thread);
  T* at(int64_t address) const;

  const Variant<T>* variant_;
  int threads_;
  Words words_;
  T* segments_[SEGMENT_COUNT];
  int64_t sizes_[SEGMENT_COUNT];
  std::vector<Source> sources_;
  int64_t loss_, batch_ = 0;  // batch_: rows that GATHER takes

  struct Memory {  // of one thread
    std::unique_ptr<T[]> numbers;
    std::vector<Bound<T>> bound;
    std::vector<BoundStep<T>> steps;
    std::vector<Expansion<T>> expansions;
    T* product;
  };
  std::unique_ptr<T[]> scratch_;
  std::vector<Memory> memory_;
};
