// The kernels for one instruction set; built once for each, with VARIANT and VECTOR_BYTES given.
#include "play.hpp"
#include "variants.hpp"

#define JOIN(a, b) a##b
#define NAME(prefix, variant) JOIN(prefix, variant)
#define TEXT(x) #x
#define QUOTED(x) TEXT(x)

template <class T> using Here = Lanes<T, VECTOR_BYTES ? VECTOR_BYTES / int(sizeof(T)) : 1>;

const Variant<float>* NAME(float_, VARIANT)() {
  static const auto variant = make_variant<Here<float>>(QUOTED(VARIANT));
  return &variant;
}
const Variant<double>* NAME(double_, VARIANT)() {
  static const auto variant = make_variant<Here<double>>(QUOTED(VARIANT));
  return &variant;
}
