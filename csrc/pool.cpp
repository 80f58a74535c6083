#include "pool.hpp"
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
static long process() { return getpid(); }
#else
static long process() { return 0; }
#endif
#include "bound.hpp"

namespace {

constexpr int SPINS = 200;  // about 5 µs

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class Pool {
 public:
  void run(int threads, const std::function<void(int)>& work) {
    std::lock_guard<std::mutex> one_at_a_time(turn_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (int(workers_.size()) < threads - 1) {
        const int number = int(workers_.size()) + 1;
        workers_.emplace_back([this, number, seen = round_] { serve(number, seen); });
        workers_.back().detach();
      }
      work_ = &work, wanted_ = threads, busy_ = threads - 1, round_++;
    }
    start_.notify_all();
    work(0);
    std::unique_lock<std::mutex> lock(mutex_);
    end_.wait(lock, [this] { return busy_ == 0; });
    work_ = nullptr;
  }

 private:
  void serve(int number, long seen) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (number >= wanted_) continue;
      const auto* work = work_;
      lock.unlock();
      (*work)(number);
      lock.lock();
      if (--busy_ == 0) end_.notify_one();
    }
  }

  std::mutex turn_, mutex_;
  std::condition_variable start_, end_;
  std::vector<std::thread> workers_;
  const std::function<void(int)>* work_ = nullptr;
  int wanted_ = 0, busy_ = 0;
  long round_ = 0;
};

// Never destroyed: its threads may wait when the program ends. A forked child has none of them.
Pool& pool() {
  static std::mutex mutex;
  static Pool* pool = nullptr;
  static long owner = -1;
  std::lock_guard<std::mutex> lock(mutex);
  if (owner != process()) pool = new Pool, owner = process();
  return *pool;
}

}  // namespace

void in_parallel(int threads, const std::function<void(int)>& work) {
  if (threads == 1) return work(0);
  pool().run(threads, work);
}

void Barrier::wait() {
  const int now = phase.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) == threads - 1) {
    arrived.store(0, std::memory_order_relaxed);
    phase.store(now + 1, std::memory_order_release);
    return;
  }
  for (int spins = 0; phase.load(std::memory_order_acquire) == now; spins++) {
    if (spins < SPINS) relax();
    else std::this_thread::yield();  // somebody else may need the core that we wait for
  }
}
