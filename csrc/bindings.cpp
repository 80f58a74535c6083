// What Python sees of the player.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <atomic>
#include "player.hpp"
#include "pool.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using Words = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T> using Numbers = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Table = nb::ndarray<nb::ro, nb::ndim<2>, nb::device::cpu>;

namespace {

NumberType type_of(nb::dlpack::dtype d) {
  const auto code = nb::dlpack::dtype_code(d.code);
  if (code == nb::dlpack::dtype_code::Float && d.bits == 32) return F32;
  if (code == nb::dlpack::dtype_code::Float && d.bits == 64) return F64;
  if (code == nb::dlpack::dtype_code::Bool) return U8;
  for (int i = 0; i < 4; i++) {
    if (code == nb::dlpack::dtype_code::Int && d.bits == 8 << i) return NumberType(I8 + i);
    if (code == nb::dlpack::dtype_code::UInt && d.bits == 8 << i) return NumberType(U8 + i);
  }
  throw nb::type_error("data of a number type that the player does not read");
}

template <class T> struct Bindings {
  using P = Player<T>;

  struct Held {  // a player, and the arrays whose memory it uses
    Numbers<T> state;
    Numbers<const T> constants;
    std::vector<Table> data;
    std::unique_ptr<P> player;
  };

  static void make(Held* self, Words instructions, Words steps, Words extras, Numbers<T> state,
                   Numbers<const T> constants, int64_t scratch, std::vector<Table> data,
                   int64_t loss, int threads, const std::string& lanes) {
    if (threads < 1 || threads > 256) throw std::invalid_argument("threads: expected 1 … 256");
    if (instructions.size() % INSTRUCTION_WORDS || steps.size() % STEP_WORDS)
      throw std::invalid_argument("a program of another version");
    const Code code{instructions.data(), steps.data(), extras.data(),
                    int64_t(instructions.size()) / INSTRUCTION_WORDS,
                    int64_t(steps.size()) / STEP_WORDS, int64_t(extras.size())};
    std::vector<Source> sources;
    for (const Table& x : data) {
      if (x.shape(1) > 1 && x.stride(1) != 1) throw std::invalid_argument("rows with gaps");
      const int64_t bytes = x.stride(0) * x.dtype().bits / 8;
      sources.push_back({static_cast<const char*>(x.data()), bytes, int64_t(x.shape(0)),
                         int64_t(x.shape(1)), type_of(x.dtype())});
    }
    new (self) Held{state, constants, data,
                    std::make_unique<P>(code, state.data(), int64_t(state.size()), constants.data(),
                                        int64_t(constants.size()), scratch, sources, loss, threads, lanes)};
  }

  static std::pair<double, int64_t> play(Held& self, std::optional<Words> index, int64_t rows,
                                         int64_t first_row, int64_t batch, Numbers<const T> rates) {
    const int64_t* order = index ? index->data() : nullptr;
    if (index) rows = int64_t(index->size());
    const int64_t steps = int64_t(rates.size());
    const T* rate = rates.data();
    nb::gil_scoped_release unlocked;
    const Played played = self.player->play(order, rows, first_row, batch, rate, steps);
    return {played.total, played.done};
  }

  // Independent players, each on one thread at a time; the results are in order.
  static std::vector<std::pair<double, int64_t>> play_many(
      std::vector<Held*> players, std::vector<std::optional<Words>> index, int64_t rows,
      int64_t first_row, int64_t batch, std::vector<Numbers<const T>> rates, int threads) {
    if (players.size() != index.size() || players.size() != rates.size())
      throw std::invalid_argument("an order and rates for each player are needed");
    struct Task { P* player; const int64_t* order; int64_t rows; const T* rates; int64_t steps; };
    std::vector<Task> tasks;
    for (size_t i = 0; i < players.size(); i++)
      tasks.push_back({players[i]->player.get(), index[i] ? index[i]->data() : nullptr,
                       index[i] ? int64_t(index[i]->size()) : rows, rates[i].data(),
                       int64_t(rates[i].size())});
    std::vector<std::pair<double, int64_t>> played(players.size());
    std::vector<std::exception_ptr> errors(players.size());
    nb::gil_scoped_release unlocked;
    std::atomic<size_t> next{0};
    in_parallel(threads, [&](int) {
      for (size_t i; (i = next++) < tasks.size();) try {
        const Task& t = tasks[i];
        const Played p = t.player->play(t.order, t.rows, first_row, batch, t.rates, t.steps);
        played[i] = {p.total, p.done};
      } catch (...) { errors[i] = std::current_exception(); }
    });
    for (const auto& error : errors) if (error) std::rethrow_exception(error);
    return played;
  }

  // One kernel over arrays: for tests and tables of accuracy.
  static void map(const std::string& lanes, int kernel, Numbers<T> out, std::vector<Numbers<const T>> in) {
    if (kernel < 0 || kernel >= KERNEL_COUNT || in.empty() || in.size() > INPUTS)
      throw std::invalid_argument("no such kernel");
    Input<T> inputs[INPUTS] = {};
    for (size_t i = 0; i < in.size(); i++) {
      if (in[i].size() != out.size()) throw std::invalid_argument("arrays of different sizes");
      inputs[i] = {in[i].data(), -1};
    }
    find_variant<T>(lanes)->maps[kernel](int(out.size()), out.data(), inputs);
  }

  static void add(nb::module_& m, const char* name) {
    nb::class_<Held>(m, name)
        .def("__init__", make, "instructions"_a, "steps"_a, "extras"_a, "state"_a, "constants"_a,
             "scratch"_a, "data"_a, "loss"_a, "threads"_a, "lanes"_a = "")
        .def("play", play, "index"_a.none(), "rows"_a, "first_row"_a, "batch"_a, "rates"_a)
        .def_static("play_many", play_many, "players"_a, "index"_a, "rows"_a, "first_row"_a,
                    "batch"_a, "rates"_a, "threads"_a)
        .def_static("map", map, "lanes"_a, "kernel"_a, "out"_a, "inputs"_a)
        .def_prop_ro("lanes", [](const Held& self) { return self.player->variant(); });
  }
};

nb::dict kernels() {
  nb::dict found;
#define K(name, inputs, expression) found[#name] = nb::make_tuple(int(K_##name), inputs);
  POINTWISE_KERNELS(K)
#undef K
  return found;
}

}  // namespace

NB_MODULE(_player, m) {
  m.doc() = "The native player: plays the programs of backlit.lower.";
  Bindings<float>::add(m, "Player32");
  Bindings<double>::add(m, "Player64");
  m.attr("KERNELS") = kernels();
  m.attr("PAD") = PAD;
  std::vector<std::pair<std::string, int>> lanes;
  for (const auto* v : variants<float>()) lanes.emplace_back(v->name, v->width);
  m.attr("LANES") = lanes;
}
