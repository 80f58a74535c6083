// What the player plays: a flat list of instructions over three segments of memory. The words are
// written by src/backlit/lower/encode.py, in the order of these fields.
#pragma once
#include <cstdint>

enum Op : int64_t {  // as OPS in lower/program.py
  MATMUL, POINTWISE, REDUCE, COPY, TAKE, PUT, ONE_HOT, LINE, TAKE_LINE, PUT_LINE, GATHER, DROP,
  OP_COUNT
};
enum Reduction : int64_t { SUM, MAX, MIN, PROD };
enum Line : int64_t { CUMSUM, SORT, ARGSORT, ARGMAX, ARGMIN };
enum Mode : int64_t { CLEAR = 1, ADD = 2 };        // of COPY
enum Split : int64_t { ROWS, COLUMNS, NOTHING };   // what threads divide among them
enum Kind : int64_t { REGISTER, FULL, ROW, COLUMN, SCALAR, KIND_COUNT };
enum Segment : int64_t { STATE, SCRATCH, CONSTANT, SEGMENT_COUNT };

struct Instruction {
  int64_t op, split, barrier;
  int64_t m, n, k;                // the block produced is m × n, row major
  int64_t out, a, b;              // addresses: segment << 48 | offset; −1 is none
  int64_t extra, extra_count;     // extras[extra …): strides, kinds, further addresses
  int64_t first, count;           // the tail: steps[first … first + count)
};
constexpr int INSTRUCTION_WORDS = sizeof(Instruction) / sizeof(int64_t);

constexpr int INPUTS = 6;  // of one step of a tail, at most
struct Step {              // out = kernel(inputs), entry by entry
  int64_t kernel, out_kind, out, count;
  struct { int64_t kind, at; } in[INPUTS];
};
constexpr int STEP_WORDS = sizeof(Step) / sizeof(int64_t);

enum KernelId : int {
#define K(name, inputs, expression) K_##name,
#include "kernels.inc"
  POINTWISE_KERNELS(K)
#undef K
  KERNEL_COUNT
};
