// How exact the elementary functions are: largest errors in ulp, against libm in double (of float)
// and in long double (of double).
//
//   g++ -std=c++17 -O3 -mavx2 -mfma -ffp-contract=off -Wno-psabi csrc/ulp.cpp -pthread -o ulp
//   ./ulp [--quick] [name …]
//
// Every one of the 2^32 floats is tried, with --quick every 1,009th; of double and of two
// arguments, a sample. Prints a table, and exits with 1 if a promise is broken. `bits` is a hash of
// all results (NaN apart): it must not change with the instruction set or with -DLANE_BYTES=….
#include "maths.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

#ifndef LANE_BYTES
#define LANE_BYTES 32
#endif
template <class T>
using Width = Lanes<T, LANE_BYTES <= sizeof(T) ? 1 : LANE_BYTES / sizeof(T)>;
template <class T>  // the type of the truth
using Wide = std::conditional_t<sizeof(T) == 4, double, long double>;
constexpr int THREADS = 2;

struct Worst {
  double error = 0, x = 0, y = 0;
  int64_t wrong = 0;  // NaN, infinity or the sign of zero, where it should be something else
  double wrong_x = 0, wrong_y = 0;
  uint64_t bits = 0;

  void join(const Worst& other) {
    if (other.error > error) error = other.error, x = other.x, y = other.y;
    if (!wrong) wrong_x = other.wrong_x, wrong_y = other.wrong_y;
    wrong += other.wrong, bits += other.bits;
  }

  // One result against the truth. ∞ where the truth is finite is a step beyond the last number.
  template <class T>
  void add(T got, Wide<T> truth, T at_x, T at_y, Wide<T> above) {
    using Limits = std::numeric_limits<T>;
    const bool nan = std::isnan(got) != std::isnan(truth);
    const bool endless = std::isinf(truth) && got != T(truth);
    const bool sign = got == 0 && std::signbit(got) != std::signbit(truth);
    if (nan || endless || sign) {
      if (!wrong++) wrong_x = at_x, wrong_y = at_y;
      return;
    }
    if (!std::isfinite(truth) || std::fabs(truth) < above) return;
    const Wide<T> last = std::ldexp(Wide<T>(1), Limits::max_exponent);
    if (std::isinf(got) && std::fabs(truth) >= last) return;
    const Wide<T> value = std::isinf(got) ? std::copysign(last, Wide<T>(got)) : Wide<T>(got);
    const int exponent = truth == 0 ? Limits::min_exponent : std::ilogb(truth) + 1;
    const int place = std::min(std::max(exponent, Limits::min_exponent), Limits::max_exponent);
    const Wide<T> ulp = std::ldexp(Wide<T>(1), place - Limits::digits);
    const double off = double(std::fabs(value - truth) / ulp);
    if (off > error) error = off, x = at_x, y = at_y;
  }
};

// ---- the truth ----------------------------------------------------------------------------------
template <class R>
R true_sigmoid(R x) {
  const R e = std::exp(-std::fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}
template <class R>
R true_softplus(R x) {
  return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::fabs(x)));
}
template <class R>
R true_silu(R x) {
  return std::isinf(x) && x < 0 ? -R(0) : x * true_sigmoid(x);
}
template <class R>
R true_normal_cdf(R x) {
  return R(0.5) * std::erfc(-x * std::sqrt(R(0.5)));
}
template <class R>
R true_gelu(R x) {
  return std::isinf(x) && x < 0 ? -R(0) : x * true_normal_cdf(x);
}
template <class R>
R true_normal_density(R x) {
  return std::exp(-x * x / 2) / std::sqrt(8 * std::atan(R(1)));
}
template <class R>
R true_gaussian(R x) {
  return std::exp(-x * x);
}
template <class R>
R true_logaddexp(R x, R y) {
  return std::max(x, y) + std::log1p(std::exp(x == y ? R(0) : -std::fabs(x - y)));
}
template <class R>
R true_elu(R x) {
  return x > 0 ? x : std::expm1(x);
}
template <class L>
V<L> elu_(V<L> x) {  // as the op's kernel
  return L::select(x > num<L>(0), x, expm1_<L>(x));
}

// ---- the arguments ------------------------------------------------------------------------------
uint64_t mixed(uint64_t i) {  // a number that looks random
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9;
  i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
  return i ^ (i >> 31);
}

// half any bits at all, half spread evenly over small intervals
template <class T>
T sample(uint64_t i) {
  const uint64_t random = mixed(i * 0x9e3779b97f4a7c15);
  T x;
  std::memcpy(&x, &random, sizeof x);
  const T spans[] = {1, 4, 30, 800};
  return i & 1 ? x : T(int64_t(random)) * T(0x1p-63) * spans[i >> 1 & 3];
}

template <class T>
uint64_t hashed(T x, uint64_t i) {
  uint64_t bits = 0;
  std::memcpy(&bits, &x, sizeof x);
  return std::isnan(x) ? 0 : mixed(bits + mixed(i));
}

constexpr double EDGES[] = {0, 0.5, 1, 2, 3, 1e9, 1e30, 1e200, 1e-30, 1e-40, 1e-310, INFINITY, NAN};
constexpr int EDGE_COUNT = 2 * sizeof EDGES / sizeof *EDGES;

template <class T>
T edge(uint64_t i) {
  const double x = EDGES[i / 2 % (EDGE_COUNT / 2)];
  return T(i & 1 ? -x : x);
}

struct Range {  // of the numbers of the arguments
  uint64_t first, last, step;
};

// f on all arguments of a range; argument(i, x, y) makes the i-th
template <class T, class F, class G, class A>
Worst measure(Range range, double above, F f, G truth, A argument) {
  using L = Width<T>;
  std::vector<Worst> parts(THREADS);
  std::vector<std::thread> threads;
  for (int k = 0; k < THREADS; k++)
    threads.emplace_back([=, &parts] {
      Worst worst;
      const uint64_t stride = range.step * L::W;
      for (uint64_t i = range.first + k * stride; i < range.last; i += THREADS * stride) {
        T x[L::W], y[L::W], got[L::W];
        for (int j = 0; j < L::W; j++) argument(i + j * range.step, x[j], y[j]);
        L::store(got, f(L::load(x), L::load(y)));
        for (int j = 0; j < L::W && i + j * range.step < range.last; j++) {
          worst.add<T>(got[j], truth(Wide<T>(x[j]), Wide<T>(y[j])), x[j], y[j], above);
          worst.bits += hashed(got[j], i + j * range.step);
        }
      }
      parts[k] = worst;
    });
  Worst worst;
  for (int k = 0; k < THREADS; k++) threads[k].join(), worst.join(parts[k]);
  return worst;
}

// ---- the table ----------------------------------------------------------------------------------
struct Table {
  bool quick = false, good = true;
  std::vector<std::string> names;  // of the functions to look at; none: all

  bool wants(const char* name) const {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }
  Range every_float() const { return {0, uint64_t(1) << 32, quick ? 1009u : 1u}; }
  Range sampled() const { return {0, quick ? 200000u : 20000000u, 1}; }

  template <class T>
  void line(const char* name, const Worst& w, double bound, bool two) {
    const bool broken = w.wrong || w.error > bound;
    good &= !broken;
    std::printf("%-15s %-7s %8.3f %6g %6s", name, sizeof(T) == 4 ? "float" : "double", w.error,
                bound, broken ? "BROKEN" : "");
    std::printf("  %016llx  at %.9g", (unsigned long long)w.bits, w.x);
    if (two) std::printf(", %.9g", w.y);
    if (w.wrong) std::printf("; %lld wrong, first at %.9g", (long long)w.wrong, w.wrong_x);
    if (w.wrong && two) std::printf(", %.9g", w.wrong_y);
    std::printf("\n");
    std::fflush(stdout);
  }

  // A function of one argument; bounds in float and in double.
  template <class F, class G>
  void unary(const char* name, double bound, double bound_double, F f, G g) {
    if (!wants(name)) return;
    auto one = [f](auto x, auto) { return f(x); };
    auto truth = [g](auto x, auto) { return g(x); };
    auto edges = [](uint64_t i, auto& x, auto& y) { x = y = edge<std::decay_t<decltype(x)>>(i); };
    auto bits = [](uint64_t i, float& x, float& y) {
      const uint32_t b = uint32_t(i);
      std::memcpy(&x, &b, sizeof x), y = x;
    };
    auto random = [](uint64_t i, double& x, double& y) { x = y = sample<double>(i); };
    Worst w = measure<float>({0, EDGE_COUNT, 1}, 0, one, truth, edges);
    w.join(measure<float>(every_float(), 0, one, truth, bits));
    line<float>(name, w, bound, false);
    w = measure<double>({0, EDGE_COUNT, 1}, 0, one, truth, edges);
    w.join(measure<double>(sampled(), 0, one, truth, random));
    line<double>(name, w, bound_double, false);
  }

  // A function of two arguments, where |truth| >= above.
  template <class T, class F, class G>
  void binary(const char* name, double bound, double above, F f, G g) {
    if (!wants(name)) return;
    auto edges = [](uint64_t i, T& x, T& y) { x = edge<T>(i), y = edge<T>(i / EDGE_COUNT); };
    auto random = [](uint64_t i, T& x, T& y) { x = sample<T>(i), y = sample<T>(mixed(i) >> 8); };
    Worst w = measure<T>({0, EDGE_COUNT * EDGE_COUNT, 1}, above, f, g, edges);
    w.join(measure<T>(sampled(), above, f, g, random));
    line<T>(name, w, bound, true);
  }
};

#define LANES_OF(x) Width<std::remove_reference_t<decltype((x)[0] + (x)[0])>>
#define UNARY(name, bound, bound_double, truth)               \
  table.unary(                                                \
      #name, bound, bound_double,                             \
      [](auto x) { return name##_<LANES_OF(x)>(x); },         \
      [](auto x) { return truth(x); })
#define BINARY_OF(T, name, bound, above, truth)                         \
  table.binary<T>(                                                      \
      #name, bound, above,                                              \
      [](auto x, auto y) { return name##_<LANES_OF(x)>(x, y); },        \
      [](auto x, auto y) { return truth(x, y); })
#define BINARY(...) BINARY_OF(float, __VA_ARGS__), BINARY_OF(double, __VA_ARGS__)

}  // namespace

int main(int count, char** words) {
  Table table;
  for (int i = 1; i < count; i++)
    if (std::string(words[i]) == "--quick")
      table.quick = true;
    else
      table.names.push_back(words[i]);
  std::printf("%-15s %-7s %8s %6s %6s  %-16s  worst\n", "function", "type", "ulp", "bound", "",
              "bits");
  UNARY(exp, 2, 4, std::exp);
  UNARY(log, 2, 4, std::log);
  UNARY(log1p, 2, 4, std::log1p);
  UNARY(expm1, 2, 4, std::expm1);
  UNARY(tanh, 2, 4, std::tanh);
  UNARY(erf, 2, 4, std::erf);
  UNARY(sigmoid, 4, 4, true_sigmoid);
  UNARY(softplus, 4, 4, true_softplus);
  UNARY(silu, 4, 4, true_silu);
  UNARY(elu, 4, 4, true_elu);
  UNARY(gelu, 4, 8, true_gelu);
  UNARY(normal_cdf, 4, 8, true_normal_cdf);
  UNARY(normal_density, 4, 4, true_normal_density);
  UNARY(gaussian, 4, 4, true_gaussian);
  UNARY(exp2, 2, 4, std::exp2);
  UNARY(log2, 2, 4, std::log2);
  UNARY(log10, 2, 4, std::log10);
  UNARY(sin, 2, 4, std::sin);
  UNARY(cos, 2, 4, std::cos);
  UNARY(tan, 2, 4, std::tan);
  UNARY(asin, 2, 4, std::asin);
  UNARY(acos, 2, 4, std::acos);
  UNARY(atan, 2, 4, std::atan);
  UNARY(sinh, 2, 4, std::sinh);
  UNARY(cosh, 2, 4, std::cosh);
  UNARY(asinh, 2, 4, std::asinh);
  UNARY(acosh, 2, 4, std::acosh);
  UNARY(atanh, 2, 4, std::atanh);
  UNARY(cbrt, 2, 4, std::cbrt);
  UNARY(sqrt, 0.5, 0.5, std::sqrt);
  UNARY(floor, 0, 0, std::floor);
  UNARY(ceil, 0, 0, std::ceil);
  UNARY(trunc, 0, 0, std::trunc);
  UNARY(rint, 0, 0, std::rint);
  BINARY(pow, 4, 0, std::pow);
  BINARY(atan2, 4, 0, std::atan2);
  BINARY(hypot, 4, 0, std::hypot);
  BINARY(fmod, 0, 0, std::fmod);
  BINARY(logaddexp, 4, 1, true_logaddexp);
  return table.good ? 0 : 1;
}
