#include "player.hpp"
#include <algorithm>
#include <limits>
#include <numeric>
#include "pool.hpp"

namespace {

// 64-byte aligned numbers, cleared
template <class T> T* aligned(std::unique_ptr<T[]>& owner, int64_t size) {
  constexpr int64_t LINE = 64 / sizeof(T);
  owner.reset(new T[size_t(size + LINE)]());
  const auto address = reinterpret_cast<uintptr_t>(owner.get());
  return owner.get() + (64 - address % 64) % 64 / sizeof(T);
}

// Thread t of T has rows [share(m, t, T), share(m, t + 1, T)): a rule of m alone, so that chains of
// instructions over the same rows need no barrier. Row 16 of anything begins at a cache line.
int64_t share(int64_t m, int t, int threads, int64_t step = 0) {
  if (t == threads) return m;
  const int64_t even = m * t / threads;
  if (!step) step = m >= 64 * threads ? 16 : m >= 24 ? 8 : 1;
  return std::min(m, (even + step / 2) / step * step);
}

// Whole rows of n numbers in a tile: all that are there, or as many as fit, so that the next tile
// begins at a cache line if that can be.
int64_t rows_of_a_tile(int64_t n, int64_t there) {
  const int64_t fit = TILE / n, even = PAD / std::gcd(n, int64_t(PAD));
  const int64_t whole = fit > even ? fit / even * even : fit;
  return std::max<int64_t>(1, there <= fit ? there : whole);
}

}  // namespace

template <class T>
Player<T>::Player(Words words, T* state, int64_t state_size, const T* constants,
                  int64_t constant_size, int64_t scratch_size, std::vector<Source> sources,
                  int64_t loss, int threads, const std::string& variant)
    : variant_(find_variant<T>(variant)), threads_(threads),
      words_(std::move(words)), sources_(std::move(sources)), loss_(loss),
      memory_(size_t(threads)) {
  T* scratch = aligned(scratch_, scratch_size);
  segments_[STATE] = state, sizes_[STATE] = state_size;
  segments_[SCRATCH] = scratch, sizes_[SCRATCH] = scratch_size;
  segments_[CONSTANT] = const_cast<T*>(constants), sizes_[CONSTANT] = constant_size;
  batch_ = check(words_, sizes_, sources_, loss);
  for (int t = 0; t < threads; t++) bind(t);
}

template <class T> T* Player<T>::at(int64_t address) const {
  return address < 0 ? nullptr : segments_[address >> 48] + (address & OFFSET);
}

template <class T> void Player<T>::bind(int thread) {
  Memory& my = memory_[size_t(thread)];
  int64_t product = 0, expansions = 0, steps = 0;
  for (const Instruction& i : words_.instructions) {
    if (i.op == MATMUL)
      product = std::max(product, variant_->product_scratch(int(i.m), int(i.n), int(i.k)));
    for (int64_t s = i.first; s < i.first + i.count; s++, steps++) {
      const Step& step = words_.steps[size_t(s)];
      for (int q = 0; q < step.count; q++) expansions += step.in[q].kind > FULL;
    }
  }
  T* free = aligned(my.numbers, product + (REGISTERS + expansions) * SLOT + PAD);
  my.product = free, free += (product + PAD - 1) / PAD * PAD;
  T* registers = free;
  free += REGISTERS * SLOT;
  my.steps.reserve(size_t(steps)), my.expansions.reserve(size_t(expansions));
  my.bound.reserve(words_.instructions.size());
  for (const Instruction& i : words_.instructions) {
    Bound<T> b{};
    static_cast<Instruction&>(b) = i;
    b.out = at(i.out), b.a = at(i.a), b.b = at(i.b), b.extras = words_.extras.data() + i.extra;
    const int64_t stack = i.op == MATMUL ? b.extras[0] : 1;
    const int64_t tile = i.split == COLUMNS && i.m > 1 ? 32 : 0;  // columns of the widest tile
    const int64_t whole = i.split == COLUMNS ? i.n : stack > 1 ? stack : i.m;
    b.from = i.split == NOTHING ? (thread == threads_ - 1 ? 0 : whole) : share(whole, thread, threads_, tile);
    b.to = i.split == NOTHING ? whole : share(whole, thread + 1, threads_, tile);
    b.tile_rows = i.split == COLUMNS ? 1 : rows_of_a_tile(i.n, b.to - b.from);
    const bool repeats = i.n >= PAD && (i.n & (i.n - 1)) == 0;  // of a row, whole vectors
    if (i.op == TAKE || i.op == PUT) {
      const int64_t r = (i.extra_count - (i.op == PUT)) / 3;
      for (int64_t q = 0; q < r; q++) b.indices[q] = at(b.extras[(i.op == PUT) + 2 * r + q]);
    } else if (i.op == TAKE_LINE || i.op == PUT_LINE) {
      b.indices[0] = at(b.extras[0]);
    }
    std::vector<Expansion<T>> once, each;
    b.steps = my.steps.data() + my.steps.size();
    for (int64_t s = i.first; s < i.first + i.count; s++) {
      const Step& step = words_.steps[size_t(s)];
      BoundStep<T> to{};
      to.run = variant_->maps[step.kernel], to.count = int(step.count);
      to.moves = step.out_kind == FULL, b.updates = to.moves && step.out >> 48 == STATE;
      to.out = to.moves ? at(step.out) : registers + step.out * SLOT;
      for (int q = 0; q < step.count; q++) {
        const auto& in = step.in[q];
        BoundOperand<T>& o = to.in[q];
        if (in.kind == REGISTER) o = {registers + in.at * SLOT, 0, 0, -1};
        else if (in.kind == FULL) o = {at(in.at), i.n, 1, -1};
        else if (in.kind == ROW && b.tile_rows == 1) o = {at(in.at), 0, 1, -1};
        else if (in.kind == ROW && repeats) o = {at(in.at), 0, 0, i.n - 1};
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

template <class T> void Player<T>::read(std::vector<Source> sources) {
  bool same = sources.size() == sources_.size();
  for (size_t i = 0; same && i < sources.size(); i++) same = sources[i].columns == sources_[i].columns;
  if (!same) throw std::invalid_argument("data of other widths");
  sources_ = std::move(sources);
}

template <class T>
Played Player<T>::play(const int64_t* index, int64_t rows, int64_t first_row, int64_t batch,
                       const T* rates, int64_t steps, Draw draw, double total, double* seconds) {
  if (first_row < 0 || batch < 1 || steps < 0 || (rows - first_row) / batch < steps)
    throw std::invalid_argument("fewer rows than the steps take");
  if (batch_ && batch != batch_) throw std::invalid_argument("a batch of another size");
  int64_t there = std::numeric_limits<int64_t>::max();  // rows of the shortest array
  for (const Source& s : sources_) there = std::min(there, s.rows);
  if (!index && there < rows) throw std::invalid_argument("fewer rows of data than steps take");
  for (int64_t i = first_row; index && i < first_row + batch * steps; i++)
    if (index[i] < 0 || index[i] >= there) throw std::out_of_range("a row that is not there");
  Barrier barrier(threads_);
  Trouble trouble;
  Run<T> run;
  run.index = index, run.rates = rates, run.first_row = first_row, run.batch = batch;
  run.steps = steps, run.sources = sources_.data(), run.loss = at(loss_);
  run.barrier = &barrier, run.trouble = &trouble, run.seconds = seconds;
  run.total = total, run.seed = draw.seed, run.step = draw.step;
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
