// Every address of a program with its extent, and every number of a list, looked at once: it is
// played unchecked from then on. Throws std::invalid_argument.
#pragma once
#include <string>
#include <vector>
#include "bound.hpp"

constexpr int64_t OFFSET = (int64_t(1) << 48) - 1;  // of an address: what is below the segment

struct Words {  // a program as it was written
  std::vector<Instruction> instructions;
  std::vector<Step> steps;
  std::vector<int64_t> extras;
};

// sizes: numbers in each segment. Answers the rows of a batch; 0 if no data is read.
int64_t check(const Words& words, const int64_t* sizes, const std::vector<Source>& sources,
              int64_t loss);
