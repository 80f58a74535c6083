// Many trainings by one program: each on one thread at a time, from its first epoch to its last.
#pragma once
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include "player.hpp"
#include "pool.hpp"
#include "shuffle.hpp"

// All that is known of some trainings; row i of each array is the i-th. They stop where the time is
// up, even within an epoch, and go on from there in the next call.
template <class T> struct Many {
  int64_t count, rows, batch, stride;  // stride: steps that may pass before the clock is looked at
  int64_t first, last;                 // the steps that `rates` are for: whole epochs
  T* states; int64_t state_size;       // parameters and all else that is kept, as the players do
  const int64_t* buffers; int64_t buffer_count;  // of a state: where each begins, and its size
  const int64_t* seeds;
  bool shuffle;                        // or the rows as they stand
  const int64_t* rates_of;             // which rates
  const T* rates;
  std::vector<std::vector<Source>> data;  // empty: all have the players' own
  int64_t* done;                       // steps
  double *total, *seconds;             // of the losses of this epoch so far; time of all
  double* losses; int64_t epochs;      // the mean loss of each epoch
  bool* failed;                        // something is not finite, or an index is out of bounds
};

template <class T> struct Desk {  // where one thread plays
  Player<T> *whole, *rest;        // for a whole batch, and for the last of an epoch
  T* state;                       // of both
  std::vector<int64_t> order;
};

using Clock = std::chrono::steady_clock;

template <class T> bool finite(const Many<T>& m, const T* state) {
  for (int64_t b = 0; b < m.buffer_count; b++)
    for (int64_t j = 0; j < m.buffers[2 * b + 1]; j++)
      if (!std::isfinite(state[m.buffers[2 * b] + j])) return false;
  return true;
}

template <class T> void play_on(const Many<T>& m, int64_t i, Desk<T>& desk, Clock::time_point end) {
  const int64_t whole = m.rows / m.batch, rest = m.rows % m.batch, steps = whole + (rest > 0);
  const T* rates = m.rates + m.rates_of[i] * (m.last - m.first) - m.first;
  T* own = m.states + i * m.state_size;
  std::memcpy(desk.state, own, size_t(m.state_size) * sizeof(T));
  if (!m.data.empty()) {
    desk.whole->read(m.data[size_t(i)]);
    if (rest) desk.rest->read(m.data[size_t(i)]);
  }
  int64_t ordered = -1;  // the epoch whose order is there
  auto now = Clock::now();
  int64_t& done = m.done[i];
  do {
    const int64_t epoch = done / steps, at = done % steps;
    if (m.shuffle && epoch != ordered) {
      desk.order.resize(size_t(m.rows));
      permutation(desk.order.data(), m.rows, uint64_t(m.seeds[i]), uint64_t(epoch) + 1);
      ordered = epoch;
    }
    if (at == 0) m.total[i] = 0;
    const bool last = at == whole;  // the smaller batch
    const int64_t count = last ? 1 : std::min(m.stride, whole - at), batch = last ? rest : m.batch;
    const int64_t* order = m.shuffle ? desk.order.data() : nullptr;
    Player<T>& player = last ? *desk.rest : *desk.whole;
    try {
      const Played played = player.play(order, m.rows, at * m.batch, batch, rates + done, count,
                                        {uint64_t(m.seeds[i]), uint64_t(done)}, m.total[i]);
      m.total[i] = played.total, done += count;
      m.failed[i] = played.done < count;
    } catch (const std::out_of_range&) {
      m.failed[i] = true;
    }
    if (!m.failed[i] && done % steps == 0) {
      m.losses[i * m.epochs + epoch] = m.total[i] / double(m.rows);
      m.failed[i] = !finite(m, desk.state);
    }
    const auto before = now;
    now = Clock::now();
    m.seconds[i] += std::chrono::duration<double>(now - before).count();
  } while (done < m.last && !m.failed[i] && now < end);
  std::memcpy(own, desk.state, size_t(m.state_size) * sizeof(T));
}

// Plays for so many seconds, or until all have done their last step or failed.
template <class T> void play_many(const Many<T>& m, std::vector<Desk<T>>& desks, double seconds) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  std::vector<std::exception_ptr> errors(desks.size());
  std::atomic<int64_t> next{0};
  in_parallel(int(desks.size()), [&](int t) {
    try {
      for (int64_t i; (i = next++) < m.count;) {
        if (m.done[i] == m.last || m.failed[i]) continue;
        play_on(m, i, desks[size_t(t)], end);  // at least one stride: there is always progress
        if (Clock::now() >= end) break;
      }
    } catch (...) { errors[size_t(t)] = std::current_exception(); }
  });
  for (const auto& error : errors) if (error) std::rethrow_exception(error);
}
