// How the processor rounds, in this thread: to the nearest number, subnormal ones included, but on x86
// what an update computes below the smallest normal number is 0. (The moments of a weight whose
// gradient has become 0 would fade into those numbers and stay there, and a processor takes a hundred
// times as long over each. An ARM could only do without them before it has rounded, and as operands.)
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

class Rounding {  // as long as this lives; then what the caller had set
 public:
#if defined(__x86_64__)
  Rounding() : before_(_mm_getcsr()) { _mm_setcsr(USUAL); }
  ~Rounding() { _mm_setcsr(before_); }

  void keep_subnormals(bool keep) {
    if (keep == kept_) return;
    _mm_setcsr(keep ? USUAL : USUAL | FLUSH);
    kept_ = keep;
  }

 private:
  static constexpr unsigned USUAL = 0x1f80, FLUSH = 0x8000;
  unsigned before_;
  bool kept_ = true;
#else
  void keep_subnormals(bool) {}  // always
#endif
};

}  // namespace
