// A program bound to memory, for one thread: numbers have become pointers. Plain structs, shared by
// the files of all instruction sets.
#pragma once
#include <atomic>
#include <cstdint>
#include "instruction.hpp"

constexpr int TILE = 512;       // numbers of one register of a tail
constexpr int REGISTERS = 12;   // of a tail, as in lower/settle.py
constexpr int PAD = 16;         // numbers behind every buffer and register
constexpr int SLOT = TILE + 2 * PAD;

template <class T> struct Input { const T* p; int64_t mask; };  // mask 0: a splat, read again and again
template <class T> using Map = void (*)(int count, T* out, const Input<T>* in);

template <class T> struct BoundOperand { const T* base; int64_t row, column, mask; };
template <class T> struct BoundStep {
  Map<T> run;
  T* out;
  bool moves;  // a full buffer, not a register
  int count;
  BoundOperand<T> in[INPUTS];
};
template <class T> struct Expansion { int64_t kind; const T* from; T* to; };

template <class T> struct Bound : Instruction {
  T* out;
  const T *a, *b;
  int64_t from, to, tile_rows;  // this thread's rows or columns
  const int64_t* extras;
  bool updates;  // the last step of its tail writes what is kept from step to step
  const T* indices[8];
  const BoundStep<T>* steps;
  const Expansion<T>*once, *once_end, *each, *each_end;  // operands to be stretched before reading
};

// An array of the user's, rows of any number type.
enum NumberType : int { F32, F64, I8, I16, I32, I64, U8, U16, U32, U64 };
struct Source { const char* base; int64_t row_bytes, rows, columns; NumberType type; };

struct Barrier {
  explicit Barrier(int n) : threads(n) {}
  void wait();
  const int threads;
  alignas(64) std::atomic<int> arrived{0};
  alignas(64) std::atomic<int> phase{0};
};

// What goes wrong while playing: the first one to say so is heard.
struct Trouble {
  std::atomic<int> kind{0};  // 1: an index outside of an array
  int64_t value = 0, size = 0;
  void index(double value_, int64_t size_) {
    int none = 0;
    if (kind.compare_exchange_strong(none, 1)) value = int64_t(value_), size = size_;
  }
};

template <class T> struct Run {  // one call: some steps of an epoch
  const int64_t* index;          // rows in their order, or null: as they stand
  const T* rates;                // a learning rate for each step
  int64_t first_row, batch, steps;
  uint64_t seed = 0, step = 0;   // of what is drawn at random: the training's, and its steps so far
  const Source* sources;
  const T* loss;
  Barrier* barrier;
  Trouble* trouble;
  double* seconds = nullptr;     // spent in each instruction by the first thread, if asked for
  std::atomic<bool> stop{false};
  double total;                  // of the losses times the rows, added by the last thread
  int64_t done = 0;              // steps whose loss is finite
};

template <class T> struct Part {  // one thread's share of the work
  const Bound<T>*begin, *end;
  T* product;                      // scratch of the matrix product
  int thread, threads;
};

template <class T> struct Variant {  // the kernels for one instruction set
  const char* name;
  int width;
  void (*play)(const Part<T>&, Run<T>&);
  Map<T> maps[KERNEL_COUNT];
  int64_t (*product_scratch)(int m, int n, int k);
  double (*peak)();  // flops a second of one thread
};
