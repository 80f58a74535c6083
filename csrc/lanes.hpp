// A vector of W numbers, for any W and any instruction set. Every operation is exactly rounded (or
// exact), so that the width never shows in a result. Built for each instruction set in a file of its
// own: everything has internal linkage, or the linker might keep the AVX-512 copy of a function for
// all.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

#define INLINE inline __attribute__((always_inline))

template <class T_, int W_>
struct Lanes {
  using T = T_;                                                       // float or double
  using Int = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;  // an integer of its size
  static constexpr int W = W_, BYTES = W * sizeof(T);
  typedef T V __attribute__((vector_size(BYTES)));    // numbers
  typedef Int M __attribute__((vector_size(BYTES)));  // masks (0 or −1), or integers
  typedef std::make_unsigned_t<Int> U __attribute__((vector_size(BYTES)));  // which wrap around
  static constexpr bool SINGLE = sizeof(T) == 4;
  static constexpr int MANTISSA = SINGLE ? 23 : 52, BIAS = SINGLE ? 127 : 1023;

  static INLINE V splat(T x) { return x - V{}; }  // x − 0 is x, −0 and all: a plain broadcast
  static INLINE M ints(Int i) { return M{} + i; }
  static INLINE M bits(V x) { return (M)x; }
  static INLINE V from_bits(M i) { return (V)i; }
  static INLINE V to_float(M i) { return __builtin_convertvector(i, V); }
  static INLINE M to_int(V x) { return __builtin_convertvector(x, M); }  // towards 0

  // ---- memory: any address; the first n numbers (0 <= n <= W), the other lanes are 0 ------------
  static INLINE V load(const T* p) {
    V v;
    std::memcpy(&v, p, BYTES);
    return v;
  }
  static INLINE void store(T* p, V v) { std::memcpy(p, &v, BYTES); }
  static INLINE V load_part(const T* p, int n) {
#if defined(__AVX512F__)
    if constexpr (BYTES == 64 && SINGLE) return (V)_mm512_maskz_loadu_ps((1u << n) - 1, p);
    if constexpr (BYTES == 64 && !SINGLE) return (V)_mm512_maskz_loadu_pd((1u << n) - 1, p);
#endif
#if defined(__AVX2__)
    if constexpr (BYTES == 32 && SINGLE) return (V)_mm256_maskload_ps(p, (__m256i)first(n));
    if constexpr (BYTES == 32 && !SINGLE) return (V)_mm256_maskload_pd(p, (__m256i)first(n));
#endif
    V v{};
    for (int i = 0; i < n; i++) v[i] = p[i];
    return v;
  }
  static INLINE void store_part(T* p, V v, int n) {
#if defined(__AVX512F__)
    if constexpr (BYTES == 64 && SINGLE) return _mm512_mask_storeu_ps(p, (1u << n) - 1, (__m512)v);
    if constexpr (BYTES == 64 && !SINGLE) return _mm512_mask_storeu_pd(p, (1u << n) - 1, (__m512d)v);
#endif
#if defined(__AVX2__)
    if constexpr (BYTES == 32 && SINGLE) {  // in pieces: AMD's masked store is microcode
      if (n == W) return store(p, v);
      __m128 half = _mm256_castps256_ps128((__m256)v);
      if (n & 4) _mm_storeu_ps(p, half), p += 4, half = _mm256_extractf128_ps((__m256)v, 1);
      if (n & 2) _mm_storel_pi((__m64*)p, half), p += 2, half = _mm_movehl_ps(half, half);
      if (n & 1) _mm_store_ss(p, half);
      return;
    }
#endif
    for (int i = 0; i < n; i++) p[i] = v[i];
  }
  static INLINE M first(int n) {  // a mask of the first n lanes
    M index;
    for (int i = 0; i < W; i++) index[i] = i;
    return index < ints(n);
  }

  // ---- choices: a mask comes from a comparison of vectors, such as x < y --------------------------
  static INLINE V select(M mask, V yes, V no) { return mask ? yes : no; }
  static INLINE V truth(M mask) { return mask ? splat(1) : splat(0); }  // truth values are 0 and 1
  static INLINE V max(V a, V b) { return a > b ? a : b; }               // b if one is NaN
  static INLINE V min(V a, V b) { return a < b ? a : b; }               // b if one is NaN
  static INLINE V abs(V a) { return from_bits(bits(a) & ~sign_bit()); }
  static INLINE V copysign(V a, V s) {
    return from_bits((bits(a) & ~sign_bit()) | (bits(s) & sign_bit()));
  }
  static INLINE M sign_bit() { return ints(std::numeric_limits<Int>::min()); }

  // ---- exactly rounded: + − × / are the operators of V ---------------------------------------------
  static INLINE V fma(V a, V b, V c) {  // a b + c, rounded once
#if defined(__AVX512F__)
    if constexpr (BYTES == 64 && SINGLE) return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
    if constexpr (BYTES == 64 && !SINGLE)
      return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#endif
#if defined(__FMA__)
    if constexpr (BYTES == 32 && SINGLE) return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
    if constexpr (BYTES == 32 && !SINGLE)
      return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
    if constexpr (BYTES == 16 && SINGLE) return (V)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c);
    if constexpr (BYTES == 16 && !SINGLE) return (V)_mm_fmadd_pd((__m128d)a, (__m128d)b, (__m128d)c);
#endif
#if defined(__aarch64__)
    if constexpr (BYTES == 16 && SINGLE)
      return (V)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
    if constexpr (BYTES == 16 && !SINGLE)
      return (V)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#endif
    V r;
    for (int i = 0; i < W; i++) r[i] = std::fma(a[i], b[i], c[i]);
    return r;
  }
  static INLINE V sqrt(V a) {
#if defined(__AVX512F__)
    if constexpr (BYTES == 64 && SINGLE) return (V)_mm512_sqrt_ps((__m512)a);
    if constexpr (BYTES == 64 && !SINGLE) return (V)_mm512_sqrt_pd((__m512d)a);
#endif
#if defined(__AVX2__)
    if constexpr (BYTES == 32 && SINGLE) return (V)_mm256_sqrt_ps((__m256)a);
    if constexpr (BYTES == 32 && !SINGLE) return (V)_mm256_sqrt_pd((__m256d)a);
#endif
    V r;
    for (int i = 0; i < W; i++) r[i] = std::sqrt(a[i]);
    return r;
  }
};

}  // namespace
