// The matrix product measured and checked on its own: check | few | sizes[64] | small[64].
// Built once for each instruction set, as the player is; WIDTH is the number of floats in a vector.
//   g++ -std=c++17 -O3 -ffp-contract=off -fno-math-errno -mavx2 -mfma -DWIDTH=8 -pthread ...
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "matmul.hpp"
#include "rate.hpp"

namespace {

using F = Lanes<float, WIDTH>;
using D = Lanes<double, (WIDTH > 1 ? WIDTH / 2 : 1)>;
const char* const CASES[] = {"NN", "NT", "TN", "TT"};

double now() {  // seconds of this thread: other programs on the machine do not count
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// Numbers that end where an unreadable page begins: a read past the end is a crash.
template <class T>
struct Guarded {
  explicit Guarded(int64_t count, T fill) {
    const int64_t page = 4096, used = (count * sizeof(T) + page - 1) / page * page;
    bytes = used + page;
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || mprotect((char*)at + used, page, PROT_NONE)) std::abort();
    base = at, p = (T*)((char*)at + used) - count;
    std::fill(p, p + count, fill);
  }
  ~Guarded() { munmap(base, bytes); }
  T* p;
  void* base;
  int64_t bytes;
};

struct Random {
  uint64_t state = 1;
  uint32_t next() { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; }
  double number() { return next() / 1073741824.0 - 1; }  // −1 to 1
};

// c as matmul.hpp defines it, in the plainest way
template <class T>
std::vector<T> define(int m, int n, int k, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> c(int64_t(m) * n), sum(n);
  for (int i = 0; i < m; i++)
    for (int q = 0; q < k; q += KC) {
      std::fill(sum.begin(), sum.end(), T(0));
      for (int s = q; s < std::min(q + KC, k); s++)
        for (int j = 0; j < n; j++)
          sum[j] = std::fma(a[int64_t(i) * k + s], b[int64_t(s) * n + j], sum[j]);
      for (int j = 0; j < n; j++) {
        T& to = c[int64_t(i) * n + j];
        to = q ? to + sum[j] : sum[j];
      }
    }
  return c;
}

// One element of c is near the exact sum.
template <class T>
bool near(int i, int j, int n, int k, const std::vector<T>& a, const std::vector<T>& b, T found) {
  double exact = 0, size = 0;
  for (int q = 0; q < k; q++) {
    const double x = double(a[int64_t(i) * k + q]) * b[int64_t(q) * n + j];
    exact += x, size += std::abs(x);
  }
  return std::abs(found - exact) <= size * std::numeric_limits<T>::epsilon() * KC;
}

// The product stored in one of four ways, cut rows × columns; gap: numbers between stored rows that
// are not its own. Every block must be done once, and be right to the bit by then.
template <class L>
bool right(int how, int m, int n, int k, int rows, int columns, int gap,
           const std::vector<typename L::T>& a, const std::vector<typename L::T>& b,
           const std::vector<typename L::T>& truth) {
  using T = typename L::T;
  const T NONE = std::numeric_limits<T>::quiet_NaN();
  const bool at = how & 2, bt = how & 1;
  const int64_t lda = (at ? m : k) + gap, ldb = (bt ? k : n) + gap, ldc = n + gap;
  auto numbers = [gap](int64_t rows, int64_t ld) { return rows ? rows * ld - gap : 0; };
  Guarded<T> ga(numbers(at ? k : m, lda), NONE), gb(numbers(bt ? n : k, ldb), NONE);
  Guarded<T> gc(numbers(m, ldc), NONE), scratch(matmul_scratch(m, n, k), NONE);
  for (int i = 0; i < m; i++)
    for (int q = 0; q < k; q++) ga.p[at ? q * lda + i : i * lda + q] = a[int64_t(i) * k + q];
  for (int q = 0; q < k; q++)
    for (int j = 0; j < n; j++) gb.p[bt ? j * ldb + q : q * ldb + j] = b[int64_t(q) * n + j];
  const Product<T> p{m,    n,           k,           ga.p, at ? 1 : lda, at ? lda : 1,
                     gb.p, bt ? 1 : ldb, bt ? ldb : 1, gc.p, ldc};
  std::vector<T> seen(truth.size(), NONE);
  bool once = true;
  auto done = [&](int i0, int i1, int j0, int j1) {
    for (int i = i0; i < i1; i++)
      for (int j = j0; j < j1; j++) {
        T& to = seen[int64_t(i) * n + j];
        once = once && std::isnan(to);
        to = gc.p[i * ldc + j];
      }
  };
  for (int r = 0; r < rows; r++)
    for (int s = 0; s < columns; s++)
      matmul<L>(p, m * r / rows, m * (r + 1) / rows, n * s / columns, n * (s + 1) / columns,
                scratch.p, done);
  for (int i = 0; i + 1 < m; i++)
    for (int64_t j = n; j < ldc; j++) once = once && std::isnan(gc.p[i * ldc + j]);
  return once && !std::memcmp(seen.data(), truth.data(), truth.size() * sizeof(T));
}

// All shapes of these sizes, stored in all ways, whole and cut at random. Prints a hash of the
// bits, which is the same for every lane width and on every machine.
template <class L>
void check(const std::vector<int>& sizes, const std::vector<int>& depths) {
  using T = typename L::T;
  uint64_t hash = 14695981039346656037u;
  Random random;
  int products = 0;
  for (int m : sizes)
    for (int n : sizes)
      for (int k : depths) {
        std::vector<T> a(int64_t(m) * k), b(int64_t(k) * n);
        for (T& x : a) x = T(random.number());
        for (T& x : b) x = T(random.number());
        const std::vector<T> truth = define(m, n, k, a, b);
        const int i = random.next() % m, j = random.next() % n;
        bool good = near(i, j, n, k, a, b, truth[int64_t(i) * n + j]);
        for (int how = 0; how < 4; how++, products += 2) {
          const int rows = 1 + random.next() % 4, columns = 1 + random.next() % 4;
          good = good && right<L>(how, m, n, k, 1, 1, 0, a, b, truth) &&
                 right<L>(how, m, n, k, rows, columns, random.next() % 5, a, b, truth);
          if (good) continue;
          std::printf("wrong: %s %d x %d x %d, cut %d x %d\n", CASES[how], m, n, k, rows, columns);
          std::exit(1);
        }
        for (const T& x : truth) {
          uint64_t bits = 0;
          std::memcpy(&bits, &x, sizeof(T));
          hash = (hash ^ bits) * 1099511628211u;
        }
      }
  std::printf("float%zu, %2d in a vector: %d products right, hash %016llx\n", 8 * sizeof(T), L::W,
              products, (unsigned long long)hash);
}

// ---- speed -------------------------------------------------------------------------------------
template <class L>
double peak() {  // flops a second of this thread now
  double best = 0;
  for (int repeat = 0; repeat < 4; repeat++) best = std::max(best, Rate<L>::peak());
  return best;
}

template <class T>
struct Operands {
  std::vector<T> memory[5];
  Product<T> p;
  T* scratch[2];

  static T* aligned(std::vector<T>& v, int64_t count) {
    v.assign(count + 64, T(0));
    return (T*)((uintptr_t(v.data()) + 63) / 64 * 64);
  }
  Operands(int how, int m, int n, int k) {
    Random random;
    T* a = aligned(memory[0], int64_t(m) * k);
    T* b = aligned(memory[1], int64_t(k) * n);
    for (int64_t i = 0; i < int64_t(m) * k; i++) a[i] = T(random.number());
    for (int64_t i = 0; i < int64_t(k) * n; i++) b[i] = T(random.number());
    for (int t : {0, 1}) scratch[t] = aligned(memory[3 + t], matmul_scratch(m, n, k));
    const bool at = how & 2, bt = how & 1;
    p = {m, n, k, a, at ? 1 : k, at ? m : 1, b, bt ? 1 : n, bt ? k : 1, nullptr, n};
    p.c = aligned(memory[2], int64_t(m) * n);
  }
};

// Threads split the rows of c, unless each of them would then read (and pack) all of a large b.
bool by_columns(int m, int n, int k) { return m < n && int64_t(n) * k > IN_L2; }

template <class L>
void part(const Operands<typename L::T>& o, int thread, int threads) {
  const auto& p = o.p;
  auto bound = [=](int count, int t) { return int(int64_t(count) * t / threads); };
  const bool columns = by_columns(p.m, p.n, p.k);
  const int split = columns ? p.n : p.m, from = bound(split, thread), to = bound(split, thread + 1);
  auto nothing = [](int, int, int, int) {};
  if (columns) matmul<L>(p, 0, p.m, from, to, o.scratch[thread], nothing);
  else matmul<L>(p, from, to, 0, p.n, o.scratch[thread], nothing);
}

struct Speed {
  double seconds;  // of one product, at best
  double share;    // of the peak measured beside, the median: a clock that changes does not count
};

template <class L>
Speed speed(int how, int m, int n, int k, int threads) {
  Operands<typename L::T> o(how, m, n, k);
  const double work = 2.0 * m * n * k, batch = threads == 1 ? 1e7 : 1e8;
  const int64_t runs = std::max<int64_t>(1, int64_t(batch / (work + 200)));
  std::vector<double> shares;
  double best = 1e9, total = 0;
  while (shares.size() < 5 || (shares.size() < 60 && total < 0.6)) {
    double time[2] = {}, top[2] = {};
    auto play = [&](int thread) {
      const double before = peak<L>(), start = now();
      for (int64_t r = 0; r < runs; r++) part<L>(o, thread, threads);
      time[thread] = (now() - start) / runs;
      top[thread] = std::max(before, peak<L>());
    };
    if (threads == 2) {
      std::thread other(play, 1);
      play(0), other.join();
    } else play(0);
    const double slower = std::max(time[0], time[1]);
    shares.push_back(work / slower / (top[0] + top[1]));
    best = std::min(best, slower), total += (time[0] + time[1]) * runs;
  }
  std::sort(shares.begin(), shares.end());
  return {best, shares[shares.size() / 2]};
}

template <class L>
void sizes() {
  std::printf("%d x %zu bytes, Gflop/s of one core, %% of its peak | %% of both cores'\n", L::W,
              sizeof(typename L::T));
  for (int size : {64, 128, 256, 512, 1024, 2048}) {
    std::printf("%5d", size);
    for (int how = 0; how < 4; how++) {
      const double work = 2.0 * size * size * size;
      const Speed one = speed<L>(how, size, size, size, 1);
      const Speed two = speed<L>(how, size, size, size, 2);
      std::printf("   %s %5.1f %3.0f | %3.0f", CASES[how], work / one.seconds / 1e9,
                  100 * one.share, 100 * two.share);
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}

// the products of the networks in the table of speeds (a training step's)
struct Shape { const char* network; int how, m, n, k; };
const Shape SHAPES[] = {
    {"A", 0, 16, 16, 10}, {"A", 0, 16, 16, 16}, {"A", 0, 16, 1, 16}, {"A", 2, 10, 16, 16},
    {"A", 2, 16, 16, 16}, {"A", 2, 16, 1, 16}, {"A", 1, 16, 16, 1}, {"B", 0, 32, 64, 20},
    {"B", 0, 32, 64, 64}, {"B", 0, 32, 1, 64}, {"B", 2, 64, 64, 32}, {"B", 2, 20, 64, 32},
    {"B", 1, 32, 64, 64}, {"C", 0, 256, 128, 54}, {"C", 0, 256, 128, 128}, {"C", 0, 256, 7, 128},
    {"C", 2, 128, 128, 256}, {"C", 2, 54, 128, 256}, {"C", 2, 128, 7, 256}, {"C", 1, 256, 128, 7},
    {"D", 0, 10, 30, 784}, {"D", 0, 10, 10, 30}, {"D", 2, 784, 30, 10}, {"D", 1, 10, 30, 10},
    {"E", 0, 128, 128, 784}, {"E", 0, 128, 10, 128}, {"E", 2, 784, 128, 128},
    {"F", 0, 256, 1024, 784}, {"F", 0, 256, 1024, 1024}, {"F", 1, 256, 1024, 1024},
    {"F", 2, 1024, 1024, 256}, {"F", 2, 784, 1024, 256}, {"F", 0, 256, 10, 1024}};

template <class L>
void small() {
  std::printf("%d x %zu bytes, Gflop/s of one core, %% of its peak\n", L::W, sizeof(typename L::T));
  for (const Shape& s : SHAPES) {
    const Speed one = speed<L>(s.how, s.m, s.n, s.k, 1);
    std::printf("%s %s %4d x %4d x %4d %11.1f ns %6.1f Gflop/s %3.0f %%\n", s.network,
                CASES[s.how], s.m, s.n, s.k, one.seconds * 1e9,
                2e-9 * s.m * s.n * s.k / one.seconds, 100 * one.share);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "check") {
    const std::vector<int> all{1, 2, 3, 5, 7, 10, 16, 17, 31, 100, 256, 257, 300};
    const std::vector<int> large{10, 784, 1024}, small{10, 150}, deep{6000}, empty{0};
    check<F>(all, all), check<F>(large, large), check<F>(small, deep), check<F>(all, empty);
    check<D>(all, all), check<D>(large, large), check<D>(small, deep), check<D>(all, empty);
  } else if (what == "few") {
    const std::vector<int> few{1, 3, 10, 17, 33, 70}, deep{257}, empty{0};
    check<F>(few, few), check<F>(few, deep), check<F>(few, empty);
    check<D>(few, few), check<D>(few, deep), check<D>(few, empty);
  } else if (what == "sizes") sizes<F>();
  else if (what == "sizes64") sizes<D>();
  else if (what == "small") small<F>();
  else if (what == "small64") small<D>();
  else return std::printf("matmul_bench check | few | sizes[64] | small[64]\n"), 2;
  return 0;
}
