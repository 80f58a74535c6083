#include "variants.hpp"
#include <stdexcept>
#include <utility>

namespace {

#if defined(__x86_64__)
bool has_fma() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

template <class T> std::vector<const Variant<T>*> available();
#define AVAILABLE(T, prefix)                                                               \
  template <> std::vector<const Variant<T>*> available<T>() {                              \
    std::vector<const Variant<T>*> found{prefix##scalar()};                                \
    WITH_FMA(found.insert(found.end(), {prefix##narrow(), prefix##wide(), prefix##avx2()})) \
    WITH_AVX512(found.push_back(prefix##avx512()))                                         \
    return found;                                                                          \
  }
#if defined(__x86_64__)
#define WITH_FMA(add) if (has_fma()) add;
#define WITH_AVX512(add) if (has_fma() && has_avx512()) add;
#else  // the best width of 16 bytes goes last
#define WITH_FMA(add) add; std::swap(found[1], found.back());
#define WITH_AVX512(add)
#endif
AVAILABLE(float, float_)
AVAILABLE(double, double_)

}  // namespace

template <class T> const std::vector<const Variant<T>*>& variants() {
  static const auto found = available<T>();
  return found;
}

template <class T> const Variant<T>* find_variant(const std::string& name) {
  if (name.empty()) return variants<T>().back();
  std::string known;
  for (const auto* v : variants<T>()) {
    if (v->name == name) return v;
    known += (known.empty() ? "" : ", ") + std::string(v->name);
  }
  throw std::invalid_argument("lanes '" + name + "': this machine has " + known);
}

template const std::vector<const Variant<float>*>& variants<float>();
template const std::vector<const Variant<double>*>& variants<double>();
template const Variant<float>* find_variant<float>(const std::string&);
template const Variant<double>* find_variant<double>(const std::string&);
