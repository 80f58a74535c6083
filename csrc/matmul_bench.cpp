// The matrix product measured and checked on its own: matmul_bench check | peak | sizes | small.
// Built once for each instruction set, as the player is; WIDTH is the number of floats in a vector.
//   g++ -std=c++17 -O3 -ffp-contract=off -fno-math-errno -mavx2 -mfma -DWIDTH=8 -pthread ...
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "matmul.hpp"

namespace {

using F = Lanes<float, WIDTH>;
using D = Lanes<double, (WIDTH > 1 ? WIDTH / 2 : 1)>;
const char* const CASES[] = {"NN", "NT", "TN", "TT"};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Numbers that end where an unreadable page begins: a read past the end is a crash.
template <class T>
class Guarded {
 public:
  explicit Guarded(int64_t count, T fill = 0) {
    const int64_t page = 4096, used = (count * sizeof(T) + page - 1) / page * page;
    bytes_ = used + page;
    void* at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || mprotect((char*)at + used, page, PROT_NONE)) std::abort();
    base_ = at, p = (T*)((char*)at + used) - count;
    std::fill(p, p + count, fill);
  }
  ~Guarded() { munmap(base_, bytes_); }
  Guarded(const Guarded&) = delete;
  T* p;

 private:
  void* base_;
  int64_t bytes_;
};

struct Random {
  uint64_t state = 1;
  uint32_t next() { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; }
  double normalish() { return (next() / 1073741824.0 - 1) + (next() / 1073741824.0 - 1); }
};

// c as matmul.hpp defines it, in the plainest way
template <class T>
void define(int m, int n, int k, const T* a, const T* b, T* c) {
  std::vector<T> sum(n);
  for (int i = 0; i < m; i++)
    for (int q = 0; q < k; q += KC) {
      std::fill(sum.begin(), sum.end(), T(0));
      for (int s = q; s < std::min(q + KC, k); s++)
        for (int j = 0; j < n; j++) sum[j] = std::fma(a[int64_t(i) * k + s], b[int64_t(s) * n + j], sum[j]);
      for (int j = 0; j < n; j++) {
        T& to = c[int64_t(i) * n + j];
        to = q ? to + sum[j] : sum[j];
      }
    }
}

template <class L>
uint64_t check(const std::vector<int>& sizes) {
  using T = typename L::T;
  const T NONE = std::numeric_limits<T>::quiet_NaN();
  uint64_t hash = 14695981039346656037u;
  Random random;
  int64_t products = 0;
  for (int m : sizes)
    for (int n : sizes)
      for (int k : sizes) {
        std::vector<T> a(int64_t(m) * k), b(int64_t(k) * n), truth(int64_t(m) * n);
        for (T& x : a) x = T(random.normalish());
        for (T& x : b) x = T(random.normalish());
        define(m, n, k, a.data(), b.data(), truth.data());
        const int i = random.next() % m, j = random.next() % n;
        double exact = 0, size = 0;
        for (int q = 0; q < k; q++) {
          const double x = double(a[int64_t(i) * k + q]) * b[int64_t(q) * n + j];
          exact += x, size += std::abs(x);
        }
        if (std::abs(truth[int64_t(i) * n + j] - exact) > size * std::numeric_limits<T>::epsilon() * KC)
          std::printf("definition wrong at %d x %d x %d\n", m, n, k), std::exit(1);
        for (const T& x : truth) {
          uint64_t bits = 0;
          std::memcpy(&bits, &x, sizeof(T));
          hash = (hash ^ bits) * 1099511628211u;
        }
        for (int how = 0; how < 4; how++)
          for (int split = 0; split < 2; split++) {  // whole, and cut at random; strides with gaps
            const int gap = split ? random.next() % 5 : 0;
            const int rows = split ? 1 + random.next() % 4 : 1, columns = split ? 1 + random.next() % 4 : 1;
            const bool at = how & 2, bt = how & 1;
            const int64_t lda = (at ? m : k) + gap, ldb = (bt ? k : n) + gap, ldc = n + gap;
            Guarded<T> ga((at ? k : m) * lda - gap, NONE), gb((bt ? n : k) * ldb - gap, NONE);
            Guarded<T> gc(m * ldc - gap, NONE), scratch(matmul_scratch(m, n, k), NONE);
            for (int r = 0; r < m; r++)
              for (int q = 0; q < k; q++) ga.p[at ? q * lda + r : r * lda + q] = a[int64_t(r) * k + q];
            for (int q = 0; q < k; q++)
              for (int s = 0; s < n; s++) gb.p[bt ? s * ldb + q : q * ldb + s] = b[int64_t(q) * n + s];
            const Product<T> p{m, n, k, ga.p, at ? 1 : lda, at ? lda : 1, gb.p, bt ? 1 : ldb, bt ? ldb : 1, gc.p, ldc};
            std::vector<T> seen(truth.size(), NONE);
            std::vector<char> times(truth.size());
            auto done = [&](int i0, int i1, int j0, int j1) {
              for (int r = i0; r < i1; r++)
                for (int s = j0; s < j1; s++)
                  seen[int64_t(r) * n + s] = gc.p[r * ldc + s], times[int64_t(r) * n + s]++;
            };
            for (int r = 0; r < rows; r++)
              for (int s = 0; s < columns; s++)
                matmul<L>(p, m * r / rows, m * (r + 1) / rows, n * s / columns, n * (s + 1) / columns, scratch.p, done);
            bool right = !std::memcmp(seen.data(), truth.data(), truth.size() * sizeof(T));
            for (char t : times) right = right && t == 1;
            for (int r = 0; r + 1 < m; r++)
              for (int s = n; s < ldc; s++) right = right && std::isnan(gc.p[r * ldc + s]);
            if (!right) std::printf("wrong: %s %d x %d x %d, split %d x %d, gap %d\n", CASES[how], m, n, k, rows, columns, gap), std::exit(1);
            products++;
          }
      }
  std::printf("%zu-byte numbers, %d in a vector: %lld products right, hash %016llx\n", sizeof(T), L::W, (long long)products, (unsigned long long)hash);
  return hash;
}

// ---- speed -------------------------------------------------------------------------------------
template <class L>
double peak() {  // flops a second of one core: independent chains of fmas, all in registers
  using T = typename L::T;
  constexpr int CHAINS = 12;
  double best = 0;
  for (int repeat = 0; repeat < 20; repeat++) {
    typename L::V x[CHAINS], y = L::splat(T(1e-9)), z = L::splat(T(0.999));
#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++) x[i] = L::splat(T(i));
    const int steps = 1000000;
    const double start = now();
    for (int s = 0; s < steps; s++)
#pragma GCC unroll 16
      for (int i = 0; i < CHAINS; i++) x[i] = L::fma(x[i], z, y);
    const double time = now() - start;
    for (int i = 1; i < CHAINS; i++) x[0] += x[i];
    if (x[0][0] > -1e30) best = std::max(best, 2.0 * L::W * CHAINS * steps / time);
  }
  return best;
}

template <class T>
struct Operands {
  std::vector<T> memory[4];
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
    T* c = aligned(memory[2], int64_t(m) * n);
    for (int64_t i = 0; i < int64_t(m) * k; i++) a[i] = T(random.normalish());
    for (int64_t i = 0; i < int64_t(n) * k; i++) b[i] = T(random.normalish());
    const int64_t need = (matmul_scratch(m, n, k) + 63) / 64 * 64;
    scratch[0] = aligned(memory[3], 2 * need), scratch[1] = scratch[0] + need;
    const bool at = how & 2, bt = how & 1;
    p = {m, n, k, a, at ? 1 : k, at ? m : 1, b, bt ? 1 : n, bt ? k : 1, c, n};
  }
};

bool by_columns(int m, int n, int k) { return m < n && int64_t(n) * k > PACK_ABOVE; }

template <class L>
void part(const Operands<typename L::T>& o, int thread, int threads) {
  const auto& p = o.p;
  auto bound = [&](int count, int t) { return int(int64_t(count) * t / threads); };
  auto nothing = [](int, int, int, int) {};
  if (by_columns(p.m, p.n, p.k)) matmul<L>(p, 0, p.m, bound(p.n, thread), bound(p.n, thread + 1), o.scratch[thread], nothing);
  else matmul<L>(p, bound(p.m, thread), bound(p.m, thread + 1), 0, p.n, o.scratch[thread], nothing);
}

// seconds of one product: the best of several batches
template <class L>
double seconds(int how, int m, int n, int k, int threads) {
  Operands<typename L::T> o(how, m, n, k);
  const double work = 2.0 * m * n * k;
  const int64_t runs = std::max<int64_t>(1, int64_t(threads == 1 ? 1e8 / (work + 200) / 10 : 2e8 / work));
  double best = 1e9;
  for (int repeat = 0; repeat < (threads == 1 ? 60 : 12); repeat++) {
    const double start = now();
    if (threads == 1) {
      for (int64_t r = 0; r < runs; r++) part<L>(o, 0, 1);
    } else {
      std::thread other([&] { for (int64_t r = 0; r < runs; r++) part<L>(o, 1, 2); });
      for (int64_t r = 0; r < runs; r++) part<L>(o, 0, 2);
      other.join();
    }
    best = std::min(best, (now() - start) / runs);
    if (repeat > 4 && (repeat + 1) * best * runs > 1.0) break;
  }
  return best;
}

template <class L>
void sizes() {
  const double top = peak<L>();
  std::printf("%d x %zu bytes, peak %.1f Gflop/s; %% of one core's | of both cores'\n", L::W, sizeof(typename L::T), top / 1e9);
  for (int size : {64, 128, 256, 512, 1024, 2048}) {
    std::printf("%5d", size);
    for (int how = 0; how < 4; how++) {
      const double work = 2.0 * size * size * size;
      std::printf("   %s %5.1f %3.0f%%", CASES[how], work / seconds<L>(how, size, size, size, 1) / 1e9, 100 * work / seconds<L>(how, size, size, size, 1) / top);
      if (size >= 256) std::printf(" | %3.0f%%", 50 * work / seconds<L>(how, size, size, size, 2) / top);
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}

struct Shape { const char* network; int how, m, n, k; };
const Shape SHAPES[] = {
    {"A", 0, 16, 16, 10},     {"A", 0, 16, 16, 16},      {"A", 0, 16, 1, 16},      {"A", 2, 10, 16, 16},
    {"A", 2, 16, 16, 16},     {"A", 2, 16, 1, 16},       {"A", 1, 16, 16, 1},
    {"B", 0, 32, 64, 20},     {"B", 0, 32, 64, 64},      {"B", 0, 32, 1, 64},      {"B", 2, 64, 64, 32},
    {"B", 2, 20, 64, 32},     {"B", 1, 32, 64, 64},
    {"C", 0, 256, 128, 54},   {"C", 0, 256, 128, 128},   {"C", 0, 256, 7, 128},    {"C", 2, 128, 128, 256},
    {"C", 2, 54, 128, 256},   {"C", 2, 128, 7, 256},     {"C", 1, 256, 128, 7},
    {"D", 0, 10, 30, 784},    {"D", 0, 10, 10, 30},      {"D", 2, 784, 30, 10},    {"D", 1, 10, 30, 10},
    {"E", 0, 128, 128, 784},  {"E", 0, 128, 10, 128},    {"E", 2, 784, 128, 128},
    {"F", 0, 256, 1024, 784}, {"F", 0, 256, 1024, 1024}, {"F", 1, 256, 1024, 1024}, {"F", 2, 1024, 1024, 256},
    {"F", 2, 784, 1024, 256}, {"F", 0, 256, 10, 1024}};

template <class L>
void small() {
  const double top = peak<L>();
  std::printf("%d x %zu bytes, peak %.1f Gflop/s\n", L::W, sizeof(typename L::T), top / 1e9);
  for (const Shape& s : SHAPES) {
    const double work = 2.0 * s.m * s.n * s.k, time = seconds<L>(s.how, s.m, s.n, s.k, 1);
    std::printf("%s %s %4d x %4d x %4d %11.1f ns %6.1f Gflop/s %3.0f%%\n", s.network, CASES[s.how], s.m, s.n, s.k, time * 1e9, work / time / 1e9, 100 * work / time / top);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "check") {
    const std::vector<int> all{1, 2, 3, 5, 7, 10, 16, 17, 31, 100, 256, 257, 300};
    check<F>(all), check<D>(all);
    check<F>({784, 1024, 10}), check<D>({784, 1024, 10});
  } else if (what == "peak") std::printf("%.1f %.1f\n", peak<F>() / 1e9, peak<D>() / 1e9);
  else if (what == "sizes") sizes<F>();
  else if (what == "sizes64") sizes<D>();
  else if (what == "small") small<F>();
  else return std::printf("matmul_bench check | peak | sizes | sizes64 | small\n"), 2;
  return 0;
}
