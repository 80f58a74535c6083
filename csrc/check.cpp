#include "check.hpp"
#include <stdexcept>

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("not a program for the player: " + what);
}

__extension__ using Wide = __int128;  // of sizes that are not known to fit

Wide last_of(int64_t n, int64_t step) { return n > 0 ? Wide(n - 1) * step : 0; }

bool is_size(int64_t n) { return n >= 1 && n <= INT32_MAX; }

constexpr int64_t OPERANDS[] = {  // of each kernel
#define K(name, inputs, expression) inputs,
    POINTWISE_KERNELS(K)
#undef K
};

// One program; `e` are the numbers of the instruction that is looked at.
struct Checker {
  const Words& words;
  const int64_t* sizes;
  const std::vector<Source>& sources;

  void need(int64_t address, Wide count, const char* what) const {
    const bool inside = address >= 0 && (address >> 48) < SEGMENT_COUNT && count >= 0 &&
                        (address & OFFSET) + count <= sizes[address >> 48];
    if (!inside) refuse(std::string(what) + " lies outside of its memory");
  }

  void inside(int64_t first, int64_t count, size_t size, const char* what) const {
    if (first < 0 || count < 0 || Wide(first) + count > Wide(size)) refuse(what);
  }

  void product(const Instruction& i, const int64_t* e) const {
    if (!is_size(e[0]) || (e[0] > 1 && i.split == COLUMNS)) refuse("a stack of products");
    need(i.out, Wide(e[0]) * i.m * i.n, "a product");
    for (int q = 1; q < 7; q++) if (e[q] < 0) refuse("a step of a product");
    if ((e[1] != 1 && e[2] != 1) || (e[4] != 1 && e[5] != 1)) refuse("a step of a product");
    need(i.a, last_of(i.m, e[1]) + last_of(i.k, e[2]) + last_of(e[0], e[3]) + 1, "a factor");
    need(i.b, last_of(i.k, e[4]) + last_of(i.n, e[5]) + last_of(e[0], e[6]) + 1, "a factor");
  }

  void copy(const Instruction& i, const int64_t* e) const {
    const int64_t d = (i.extra_count - 2) / 3;
    if (d > 8 || i.extra_count != 2 + 3 * d) refuse("the axes of a copy");
    Wide low = 0, high = 0, to = e[1];
    for (int64_t q = 2; q < 2 + d; q++) {
      if (!is_size(e[q]) || e[q + 2 * d] < 0) refuse("the axes of a copy");
      const Wide far = last_of(e[q], e[q + d]);
      (far < 0 ? low : high) += far, to += last_of(e[q], e[q + 2 * d]);
    }
    if (i.a < 0 || (i.a & OFFSET) + low < 0) refuse("a copy from before its memory");
    need(i.a, high + 1, "what is copied");
    if (e[1] < 0 || to >= Wide(i.m) * i.n) refuse("a copy outside of its target");
    if (i.split == ROWS && (d == 0 || e[2] != i.m)) refuse("the rows of a copy");
  }

  void rows(const Instruction& i, const int64_t* e) const {
    const int64_t skip = i.op == PUT, r = (i.extra_count - skip) / 3;
    if (r < 1 || r > 8 || i.extra_count != skip + 3 * r) refuse("the indices of rows");
    Wide size = i.n;
    for (int64_t q = skip; q < skip + r; q++) {
      if (!is_size(e[q]) || e[q + r] < 0) refuse("the axes of rows");
      size += last_of(e[q], e[q + r]);
      need(e[q + 2 * r], i.m, "an index");
    }
    need(i.a, i.op == TAKE ? size : Wide(i.m) * i.n, "rows");
    if (i.op == PUT && e[0] < size) refuse("rows outside of their target");
    if (i.op == PUT) need(i.out, e[0], "rows");
  }

  void instruction(const Instruction& i) const {
    if (i.op < 0 || i.op >= OP_COUNT || i.split < ROWS || i.split > NOTHING) refuse("unknown op");
    const bool by_line = i.op == MATMUL || i.op == REDUCE || (i.op >= LINE && i.op <= PUT_LINE);
    if (!is_size(i.m) || !is_size(i.n) || (by_line && !is_size(i.k))) refuse("the size of a block");
    const bool by_columns = i.op == MATMUL || i.op == POINTWISE || (i.op == REDUCE && i.m == 1);
    if (i.split == COLUMNS && !by_columns) refuse("a division by columns");
    inside(i.first, i.count, words.steps.size(), "a tail");
    inside(i.extra, i.extra_count, words.extras.size(), "a list");
    constexpr int64_t least[OP_COUNT] = {7, 0, 1, 2, 3, 4, 0, 1, 1, 1, 1, 2};  // as Op
    if (i.extra_count < least[i.op]) refuse("a list is too short");
    const int64_t* e = words.extras.data() + i.extra;
    if (i.op != POINTWISE && i.op != PUT) need(i.out, Wide(i.m) * i.n, "a result");
    switch (i.op) {
      case MATMUL: product(i, e); break;
      case REDUCE:
        if (e[0] < SUM || e[0] > PROD) refuse("a reduction");
        need(i.a, Wide(i.m) * i.k * i.n, "what is reduced");
        break;
      case COPY: copy(i, e); break;
      case TAKE: case PUT: rows(i, e); break;
      case ONE_HOT: need(i.a, i.m, "labels"); break;
      case LINE:
        if (e[0] < CUMSUM || e[0] > ARGMIN || i.n != (e[0] < ARGMAX ? i.k : 1)) refuse("a line");
        need(i.a, i.m * i.k, "a line");
        break;
      case TAKE_LINE: need(i.a, i.m * i.k, "a line"), need(e[0], i.m * i.n, "an index"); break;
      case PUT_LINE: need(i.a, i.m * i.k, "a line"), need(e[0], i.m * i.k, "an index"); break;
      case DROP: need(i.a, i.m * i.n, "what is dropped"), need(i.b, 1, "a scale"); break;
      case GATHER:
        if (e[0] >= int64_t(sources.size())) refuse("an array of data that is not there");
        if (e[0] >= 0 && sources[size_t(e[0])].columns != i.n) refuse("the width of the data");
        break;
    }
    for (int64_t s = i.first; s < i.first + i.count; s++) step(i, words.steps[size_t(s)]);
  }

  void step(const Instruction& i, const Step& s) const {
    const Wide extent[] = {0, Wide(i.m) * i.n, i.n, i.m, 1};
    if (s.kernel < 0 || s.kernel >= KERNEL_COUNT || s.count != OPERANDS[s.kernel])
      refuse("an unknown kernel");
    if (s.out_kind == REGISTER ? s.out < 0 || s.out >= REGISTERS : s.out_kind != FULL)
      refuse("the result of a step");
    if (s.out_kind == FULL) need(s.out, i.m * i.n, "the result of a step");
    for (int q = 0; q < s.count; q++) {
      const auto& in = s.in[q];
      if (in.kind < 0 || in.kind >= KIND_COUNT) refuse("the kind of an operand");
      if (in.kind != REGISTER) need(in.at, extent[in.kind], "an operand");
      else if (in.at < 0 || in.at >= REGISTERS) refuse("a register");
    }
  }
};

}  // namespace

int64_t check(const Words& words, const int64_t* sizes, const std::vector<Source>& sources,
           int64_t loss) {
  const Checker checker{words, sizes, sources};
  checker.need(loss, 1, "the loss");
  int64_t batch = 0;
  for (const Instruction& i : words.instructions) {
    checker.instruction(i);
    if (i.op != GATHER || words.extras[size_t(i.extra)] < 0) continue;
    if (batch && batch != i.m) refuse("batches of different sizes");
    batch = i.m;
  }
  return batch;
}
