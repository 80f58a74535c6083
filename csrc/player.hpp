// Checks a program, binds it to memory, and plays it on some threads. Knows nothing of networks.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "variants.hpp"

struct Code {  // as written by lower/encode.py
  const int64_t *instructions, *steps, *extras;
  int64_t instruction_count, step_count, extra_count;
};

struct Played {
  double total;     // of the losses of the steps that were done
  int64_t done;     // steps whose loss is finite
};

template <class T> class Player {
 public:
  Player(const Code& code, T* state, int64_t state_size, const T* constants, int64_t constant_size,
         int64_t scratch_size, std::vector<Source> sources, int64_t loss, int threads,
         const std::string& variant);
  Player(const Player&) = delete;

  // Steps first … first + steps of an epoch; throws where an index lies outside of its array.
  Played play(const int64_t* index, int64_t rows, int64_t first_row, int64_t batch, const T* rates, int64_t steps);

  const char* variant() const { return variant_->name; }

 private:
  void bind(int thread);
  void check() const;
  T* at(int64_t address) const;
  void need(int64_t address, int64_t count, const char* what) const;

  const Variant<T>* variant_;
  int threads_;
  std::vector<Instruction> instructions_;
  std::vector<Step> steps_;
  std::vector<int64_t> extras_;
  T* segments_[SEGMENT_COUNT];
  int64_t sizes_[SEGMENT_COUNT];
  std::vector<Source> sources_;
  int64_t loss_;

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
