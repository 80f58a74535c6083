#include "player.hpp"
#include <algorithm>
#include <cstring>
#include "pool.hpp"

namespace {

constexpr int64_t OFFSET = (int64_t(1) << 48) - 1;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("not a program for the player: " + what);
}

// 64-byte aligned numbers, cleared
template <class T> T* aligned(std::unique_ptr<T[]>& owner, int64_t size) {
  constexpr int64_t LINE = 64 / sizeof(T);
  owner.reset(new T[size_t(size + LINE)]());
  const auto address = reinterpret_cast<uintptr_t>(owner.get());
  return owner.get() + (64 - address % 64) % 64 / sizeof(T);
}

// Thread t of T has rows [share(m, t, T), share(m, t + 1, T)): a rule of m alone, so that chains of
// instructions over the same rows need no barrier. Multiples of 6 keep the product's tiles whole.
int64_t share(int64_t m, int t, int threads) {
  if (t == threads) return m;
  const int64_t even = m * t / threads, step = m >= 24 ? 6 : 1;
  return std::min(m, (even + step / 2) / step * step);
}

int64_t last_of(int64_t n, int64_t step) { return n > 0 ? (n - 1) * step : 0; }

}  // namespace

template <class T>
Player<T>::Player(const Code& code, T* state, int64_t state_size, const T* constants,
                  int64_t constant_size, int64_t scratch_size, std::vector<Source> sources,
                  int64_t loss, int threads, const std::string& variant)
    : variant_(find_variant<T>(variant)), threads_(threads),
      instructions_(size_t(code.instruction_count)), steps_(size_t(code.step_count)),
      extras_(code.extras, code.extras + code.extra_count), sources_(std::move(sources)),
      loss_(loss), memory_(size_t(threads)) {
  std::memcpy(instructions_.data(), code.instructions, instructions_.size() * sizeof(Instruction));
  std::memcpy(steps_.data(), code.steps, steps_.size() * sizeof(Step));
  T* scratch = aligned(scratch_, scratch_size);
  segments_[STATE] = state, sizes_[STATE] = state_size;
  segments_[SCRATCH] = scratch, sizes_[SCRATCH] = scratch_size;
  segments_[CONSTANT] = const_cast<T*>(constants), sizes_[CONSTANT] = constant_size;
  check();
  for (int t = 0; t < threads; t++) bind(t);
}

template <class T> T* Player<T>::at(int64_t address) const {
  return address < 0 ? nullptr : segments_[address >> 48] + (address & OFFSET);
}

template <class T> void Player<T>::need(int64_t address, int64_t count, const char* what) const {
  const bool inside = address >= 0 && (address >> 48) < SEGMENT_COUNT && count >= 0 &&
                      (address & OFFSET) + count <= sizes_[address >> 48];
  if (!inside) refuse(std::string(what) + " lies outside of its memory");
}

// Every address with its extent, every number of a list: played unchecked from then on.
template <class T> void Player<T>::check() const {
  need(loss_, 1, "the loss");
  for (const Instruction& i : instructions_) {
    if (i.op < 0 || i.op >= OP_COUNT || i.split < ROWS || i.split > NOTHING) refuse("unknown op");
    if (i.m < 1 || i.n < 1 || i.k < 0 || i.m > INT32_MAX || i.n > INT32_MAX || i.k > INT32_MAX)
      refuse("the size of a block");
    if (i.first < 0 || i.count < 0 || i.first + i.count > int64_t(steps_.size())) refuse("a tail");
    if (i.extra < 0 || i.extra_count < 0 || i.extra + i.extra_count > int64_t(extras_.size()))
      refuse("a list");
    const int64_t* e = extras_.data() + i.extra;
    auto listed = [&](int64_t least) { if (i.extra_count < least) refuse("a list is too short"); };
    if (i.op != POINTWISE) need(i.out, i.m * i.n, "a result");
    switch (i.op) {
      case MATMUL: {
        listed(7);
        if (e[0] < 1) refuse("a stack of products");
        need(i.out, e[0] * i.m * i.n, "a product");
        for (int q = 1; q < 7; q++) if (e[q] < 0) refuse("a step of a product");
        need(i.a, last_of(i.m, e[1]) + last_of(i.k, e[2]) + last_of(e[0], e[3]) + 1, "a factor");
        need(i.b, last_of(i.k, e[4]) + last_of(i.n, e[5]) + last_of(e[0], e[6]) + 1, "a factor");
        break;
      }
      case REDUCE: listed(1); need(i.a, i.m * i.k * i.n, "what is reduced"); break;
      case COPY: {
        listed(2);
        const int64_t d = (i.extra_count - 2) / 3;
        if (d > 8) refuse("a copy of more than 8 axes");
        int64_t low = 0, high = 0, to = e[1];
        for (int64_t q = 0; q < d; q++) {
          if (e[2 + q] < 1 || e[2 + 2 * d + q] < 0) refuse("the axes of a copy");
          const int64_t far = last_of(e[2 + q], e[2 + d + q]);
          (far < 0 ? low : high) += far, to += last_of(e[2 + q], e[2 + 2 * d + q]);
        }
        if ((i.a & OFFSET) + low < 0) refuse("a copy from before its memory");
        need(i.a, high + 1, "what is copied");
        if (e[1] < 0 || to >= i.m * i.n) refuse("a copy outside of its target");
        break;
      }
      case TAKE: case PUT: {
        const int64_t skip = i.op == PUT, r = (i.extra_count - skip) / 3;
        if (r < 1 || r > 8 || i.extra_count != skip + 3 * r) refuse("the indices of rows");
        int64_t size = i.n;
        for (int64_t q = 0; q < r; q++) {
          if (e[skip + q] < 1 || e[skip + r + q] < 0) refuse("the axes of rows");
          size += last_of(e[skip + q], e[skip + r + q]);
          need(e[skip + 2 * r + q], i.m, "an index");
        }
        if (i.op == TAKE) need(i.a, size, "rows");
        else { need(i.a, i.m * i.n, "rows"); need(i.out, std::max(e[0], size), "rows"); }
        break;
      }
      case ONE_HOT: need(i.a, i.m, "labels"); break;
      case LINE: listed(1); need(i.a, i.m * i.k, "a line"); break;
      case TAKE_LINE: listed(1); need(i.a, i.m * i.k, "a line"); need(e[0], i.m * i.n, "an index"); break;
      case PUT_LINE: listed(1); need(i.a, i.m * i.k, "a line"); need(e[0], i.m * i.k, "an index"); break;
      case GATHER:
        listed(1);
        if (e[0] >= int64_t(sources_.size())) refuse("an array of data that is not there");
        if (e[0] >= 0 && sources_[e[0]].columns != i.n) refuse("the width of an array of data");
        break;
    }
    for (int64_t s = i.first; s < i.first + i.count; s++) {
      const Step& step = steps_[s];
      const int64_t extent[] = {0, i.m * i.n, i.n, i.m, 1};
      if (step.kernel < 0 || step.kernel >= KERNEL_COUNT || step.count < 1 || step.count > INPUTS)
        refuse("an unknown kernel");
      if (step.out_kind == REGISTER ? step.out < 0 || step.out >= REGISTERS : step.out_kind != FULL)
        refuse("the result of a step");
      if (step.out_kind == FULL) need(step.out, i.m * i.n, "the result of a step");
      for (int q = 0; q < step.count; q++) {
        const auto& in = step.in[q];
        if (in.kind < 0 || in.kind >= KIND_COUNT) refuse("the kind of an operand");
        if (in.kind != REGISTER) need(in.at, extent[in.kind], "an operand");
        else if (in.at < 0 || in.at >= REGISTERS) refuse("a register");
      }
    }
  }
}

template <class T> void Player<T>::bind(int thread) {
  Memory& my = memory_[size_t(thread)];
  int64_t product = 0, expansions = 0, steps = 0;
  for (const Instruction& i : instructions_) {
    if (i.op == MATMUL)
      product = std::max(product, variant_->product_scratch(int(i.m), int(i.n), int(i.k)));
    for (int64_t s = i.first; s < i.first + i.count; s++, steps++)
      for (int q = 0; q < steps_[s].count; q++) expansions += steps_[s].in[q].kind > FULL;
  }
  T* free = aligned(my.numbers, product + (REGISTERS + expansions) * SLOT + PAD);
  my.product = free, free += (product + PAD - 1) / PAD * PAD;
  T* registers = free;
  free += REGISTERS * SLOT;
  my.steps.reserve(size_t(steps)), my.expansions.reserve(size_t(expansions));
  my.bound.reserve(instructions_.size());
  for (const Instruction& i : instructions_) {
    Bound<T> b{};
    static_cast<Instruction&>(b) = i;
    b.out = at(i.out), b.a = at(i.a), b.b = at(i.b), b.extras = extras_.data() + i.extra;
    const int64_t stack = i.op == MATMUL ? b.extras[0] : 1;
    const int64_t whole = i.split == COLUMNS ? i.n : stack > 1 ? stack : i.m;
    b.from = i.split == NOTHING ? (thread == threads_ - 1 ? 0 : whole) : share(whole, thread, threads_);
    b.to = i.split == NOTHING ? whole : share(whole, thread + 1, threads_);
    b.tile_rows = i.split == COLUMNS ? 1 : std::max<int64_t>(1, TILE / i.n);  // whole rows only
    if (i.op == TAKE || i.op == PUT) {
      const int64_t r = (i.extra_count - (i.op == PUT)) / 3;
      for (int64_t q = 0; q < r; q++) b.indices[q] = at(b.extras[(i.op == PUT) + 2 * r + q]);
    } else if (i.op == TAKE_LINE || i.op == PUT_LINE) {
      b.indices[0] = at(b.extras[0]);
    }
    std::vector<Expansion<T>> once, each;
    b.steps = my.steps.data() + my.steps.size();
    for (int64_t s = i.first; s < i.first + i.count; s++) {
      const Step& step = steps_[s];
      BoundStep<T> to{};
      to.run = variant_->maps[step.kernel], to.count = int(step.count);
      to.moves = step.out_kind == FULL;
      to.out = to.moves ? at(step.out) : registers + step.out * SLOT;
      for (int q = 0; q < step.count; q++) {
        const auto& in = step.in[q];
        BoundOperand<T>& o = to.in[q];
        if (in.kind == REGISTER) o = {registers + in.at * SLOT, 0, 0, -1};
        else if (in.kind == FULL) o = {at(in.at), i.n, 1, -1};
        else if (in.kind == ROW && b.tile_rows == 1) o = {at(in.at), 0, 1, -1};
        else {
          o = {free, 0, 0, in.kind == SCALAR || b.tile_rows == 1 ? 0 : -1};
          (in.kind == COLUMN ? each : once).push_back({in.kind, at(in.at), free});
          free += SLOT;
        }
      }
      my.steps.push_back(to);
    }
    b.once = my.expansions.data() + my.expansions.size();
    my.expansions.insert(my.expansions.end(), once.begin(), once.end());
    b.once_end = b.each = my.expansions.data() + my.expansions.size();
    my.expansions.insert(my.expansions.end(), each.begin(), each.end());
    b.each_end = my.expansions.data() + my.expansions.size();
    my.bound.push_back(b);
  }
}

template <class T>
Played Player<T>::play(const int64_t* index, int64_t rows, int64_t first_row, int64_t batch,
                       const T* rates, int64_t steps) {
  if (first_row < 0 || batch < 1 || first_row + batch * steps > rows)
    throw std::invalid_argument("fewer rows than the steps take");
  for (const Source& s : sources_) {
    if (!index && s.rows < rows) throw std::invalid_argument("fewer rows of data than steps take");
    for (int64_t i = first_row; index && i < first_row + batch * steps; i++)
      if (index[i] < 0 || index[i] >= s.rows) throw std::out_of_range("a row that is not there");
  }
  Barrier barrier(threads_);
  Trouble trouble;
  Run<T> run;
  run.index = index, run.rates = rates, run.first_row = first_row, run.batch = batch;
  run.steps = steps, run.sources = sources_.data(), run.loss = at(loss_);
  run.barrier = &barrier, run.trouble = &trouble;
  in_parallel(threads_, [&](int t) {
    const Memory& my = memory_[size_t(t)];
    const Part<T> part{my.bound.data(), my.bound.data() + my.bound.size(), my.product, t, threads_};
    variant_->play(part, run);
  });
  if (trouble.kind)
    throw std::out_of_range("index " + std::to_string(trouble.value) + " is out of bounds for size " +
                            std::to_string(trouble.size));
  return {run.total, run.done};
}

template class Player<float>;
template class Player<double>;
