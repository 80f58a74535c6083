// What Python sees of the player.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <numeric>
#include "many.hpp"

namespace nb = nanobind;
using namespace nb::literals;
using Whole = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T> using Numbers = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T> using Rows = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
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

std::vector<Source> sources_of(const std::vector<Table>& data) {
  std::vector<Source> sources;
  for (const Table& x : data) {
    if (x.shape(1) > 1 && x.stride(1) != 1) throw std::invalid_argument("rows with gaps");
    const int64_t bytes = x.stride(0) * x.dtype().bits / 8;
    sources.push_back({static_cast<const char*>(x.data()), bytes, int64_t(x.shape(0)),
                       int64_t(x.shape(1)), type_of(x.dtype())});
  }
  return sources;
}

template <class T> struct Bindings {
  using P = Player<T>;

  struct Held {  // a player, and the arrays whose memory it uses
    Numbers<T> state;
    Numbers<const T> constants;
    std::vector<Table> data;
    std::unique_ptr<P> player;
  };

  static void make(Held* self, Whole instructions, Whole steps, Whole extras, Numbers<T> state,
                   Numbers<const T> constants, int64_t scratch, std::vector<Table> data,
                   int64_t loss, int threads, const std::string& lanes) {
    if (threads < 1 || threads > 256) throw std::invalid_argument("threads: expected 1 … 256");
    if (instructions.size() % INSTRUCTION_WORDS || steps.size() % STEP_WORDS)
      throw std::invalid_argument("a program of another version");
    Words words{std::vector<Instruction>(instructions.size() / INSTRUCTION_WORDS),
                std::vector<Step>(steps.size() / STEP_WORDS),
                std::vector<int64_t>(extras.data(), extras.data() + extras.size())};
    std::memcpy(words.instructions.data(), instructions.data(), instructions.nbytes());
    std::memcpy(words.steps.data(), steps.data(), steps.nbytes());
    new (self) Held{state, constants, data,
                    std::make_unique<P>(std::move(words), state.data(), int64_t(state.size()), constants.data(),
                                        int64_t(constants.size()), scratch, sources_of(data), loss,
                                        threads, lanes)};
  }

  static std::pair<double, int64_t> play(Held& self, std::optional<Whole> index, int64_t rows,
                                         int64_t first_row, int64_t batch, Numbers<const T> rates,
                                         uint64_t seed, uint64_t step, double total) {
    const int64_t* order = index ? index->data() : nullptr;
    if (index) rows = int64_t(index->size());
    const int64_t steps = int64_t(rates.size());
    const T* rate = rates.data();
    nb::gil_scoped_release unlocked;
    const Played played = self.player->play(order, rows, first_row, batch, rate, steps,
                                             {seed, step}, total);
    return {played.total, played.done};
  }

  // Whole epochs, each in its row of `orders`, or as the rows stand: the mean loss of each, until one
  // leaves something that is not finite. rest: the player of an epoch's last, smaller batch.
  static std::vector<double> play_epochs(Held& self, Held& rest, std::optional<Rows<const int64_t>> orders,
                                         int64_t rows, int64_t batch, int64_t epochs,
                                         Numbers<const T> rates, uint64_t seed, uint64_t step) {
    const int64_t whole = batch > 0 ? rows / batch : 0, steps = whole + (whole * batch < rows);
    if (whole < 1 || rest.state.data() != self.state.data() ||
        int64_t(rates.size()) != epochs * steps ||
        (orders && (int64_t(orders->shape(0)) != epochs || int64_t(orders->shape(1)) != rows)))
      throw std::invalid_argument("orders or rates that are not those of so many epochs");
    std::vector<double> losses;
    const T *rate = rates.data(), *state = self.state.data();
    nb::gil_scoped_release unlocked;
    for (int64_t e = 0; e < epochs; e++, rate += steps, step += uint64_t(steps)) {
      const int64_t* order = orders ? orders->data() + e * rows : nullptr;
      Played played = self.player->play(order, rows, 0, batch, rate, whole, {seed, step}, 0);
      bool good = played.done == whole;
      if (good && steps > whole) {
        played = rest.player->play(order, rows, whole * batch, rows - whole * batch, rate + whole, 1,
                                   {seed, step + uint64_t(whole)}, played.total);
        good = played.done == 1;
      }
      for (size_t i = 0; good && i < self.state.size(); i++) good = std::isfinite(state[i]);
      if (!good) break;
      losses.push_back(played.total / double(rows));
    }
    return losses;
  }

  // As play, but answers the seconds that each instruction took, on the first thread.
  static std::vector<double> profile(Held& self, std::optional<Whole> index, int64_t rows,
                                     int64_t first_row, int64_t batch, Numbers<const T> rates) {
    std::vector<double> seconds(size_t(self.player->instructions()));
    self.player->play(index ? index->data() : nullptr, index ? int64_t(index->size()) : rows,
                      first_row, batch, rates.data(), int64_t(rates.size()), {0, 0}, 0, seconds.data());
    return seconds;
  }

  // Trainings of one program, for so many seconds: see many.hpp. desks: the players of each thread.
  static void play_many(const std::vector<std::pair<Held*, Held*>>& desks,
                        const std::vector<std::vector<Table>>& data, int64_t rows, int64_t batch,
                        int64_t stride, int64_t first, Rows<T> states, Rows<const int64_t> buffers,
                        Whole seeds, bool shuffle, Whole rates_of, Rows<const T> rates,
                        Numbers<int64_t> done, Numbers<double> total, Numbers<double> seconds,
                        Rows<double> losses, Numbers<bool> failed, double limit) {
    const size_t n = states.shape(0), size = states.shape(1);
    if (desks.empty() || batch < 1 || batch > rows || rows > MOST_ROWS || stride < 1 || first < 0)
      throw std::invalid_argument("nothing to play");
    for (size_t length : {seeds.size(), rates_of.size(), done.size(), total.size(), seconds.size(),
                          losses.shape(0), failed.size(), data.empty() ? n : data.size()})
      if (length != n) throw std::invalid_argument("arrays of different numbers of trainings");
    const int64_t last = first + int64_t(rates.shape(1)), steps = (rows + batch - 1) / batch;
    for (size_t i = 0; i < n; i++)
      if (rates_of.data()[i] < 0 || rates_of.data()[i] >= int64_t(rates.shape(0)) ||
          (done.data()[i] < first && !failed.data()[i]) || last > int64_t(losses.shape(1)) * steps)
        throw std::invalid_argument("a step without a rate or an epoch");
    for (size_t b = 0; b < buffers.shape(0); b++) {
      const int64_t *at = buffers.data() + 2 * b, room = int64_t(size);
      if (buffers.shape(1) != 2 || at[0] < 0 || at[1] < 0 || at[0] > room || at[1] > room - at[0])
        throw std::invalid_argument("a part outside of a state");
    }
    Many<T> m{int64_t(n), rows, batch, stride, first, last, states.data(), int64_t(size),
              buffers.data(), int64_t(buffers.shape(0)), seeds.data(), shuffle,
              rates_of.data(), rates.data(), {}, done.data(), total.data(), seconds.data(),
              losses.data(), int64_t(losses.shape(1)), failed.data()};
    for (const auto& tables : data) m.data.push_back(sources_of(tables));
    std::vector<Desk<T>> places;
    for (const auto& [whole, rest] : desks) {
      if (whole->state.size() != size || rest->state.data() != whole->state.data())
        throw std::invalid_argument("players of another state");
      places.push_back({whole->player.get(), rest->player.get(), whole->state.data(), {}});
    }
    nb::gil_scoped_release unlocked;
    ::play_many(m, places, limit);
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
        // what is written to must not be a copy of another type: noconvert
        .def("__init__", make, "instructions"_a, "steps"_a, "extras"_a, "state"_a.noconvert(),
             "constants"_a, "scratch"_a, "data"_a, "loss"_a, "threads"_a, "lanes"_a = "")
        .def("play", play, "index"_a.none(), "rows"_a, "first_row"_a, "batch"_a, "rates"_a,
             "seed"_a = 0, "step"_a = 0, "total"_a = 0.0)
        .def("play_epochs", play_epochs, "rest"_a, "orders"_a.none(), "rows"_a, "batch"_a,
             "epochs"_a, "rates"_a, "seed"_a = 0, "step"_a = 0)
        .def("profile", profile, "index"_a.none(), "rows"_a, "first_row"_a, "batch"_a, "rates"_a)
        .def_static("play_many", play_many, "desks"_a, "data"_a, "rows"_a, "batch"_a, "stride"_a,
                    "first"_a, "states"_a.noconvert(), "buffers"_a, "seeds"_a, "shuffle"_a,
                    "rates_of"_a, "rates"_a, "done"_a.noconvert(), "total"_a.noconvert(),
                    "seconds"_a.noconvert(), "losses"_a.noconvert(), "failed"_a.noconvert(),
                    "limit"_a)
        .def_static("map", map, "lanes"_a, "kernel"_a, "out"_a.noconvert(), "inputs"_a)
        .def_prop_ro("lanes", [](const Held& self) { return self.player->variant(); });
  }
};

nb::ndarray<nb::numpy, int64_t, nb::ndim<1>> shuffled(int64_t rows, uint64_t seed, uint64_t epoch) {
  if (rows < 0) throw std::invalid_argument("fewer than no rows");
  if (rows > MOST_ROWS) throw std::invalid_argument("more than 2³² rows");
  std::unique_ptr<int64_t[]> order(new int64_t[size_t(rows)]);
  {
    nb::gil_scoped_release unlocked;
    permutation(order.get(), rows, seed, epoch);
  }
  nb::capsule owner(order.get(), [](void* p) noexcept { delete[] static_cast<int64_t*>(p); });
  return {order.release(), {size_t(rows)}, owner};
}

// Gflop/s of fmas that touch no memory, of all these threads together: the best of some tries.
double peak(int threads) {
  if (threads < 1 || threads > 256) throw std::invalid_argument("threads: expected 1 … 256");
  nb::gil_scoped_release unlocked;
  double best = 0;
  for (int i = 0; i < 50; i++) {
    std::vector<double> rates(static_cast<size_t>(threads));
    in_parallel(threads, [&](int t) { rates[size_t(t)] = find_variant<float>("")->peak(); });
    best = std::max(best, std::accumulate(rates.begin(), rates.end(), 0.0));
  }
  return best / 1e9;
}

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
  m.def("permutation", shuffled, "rows"_a, "seed"_a, "epoch"_a,
        "The order of the rows in an epoch, as train.data.order describes it.");
  m.attr("KERNELS") = kernels();
  m.def("peak", peak, "threads"_a);
  std::vector<std::pair<std::string, int>> lanes;
  for (const auto* v : variants<float>()) lanes.emplace_back(v->name, v->width);
  m.attr("LANES") = lanes;
}
