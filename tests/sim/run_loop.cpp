// The order in which every engine steps, looks and records.
#include "host/run_loop.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace bncollapse::sim;

namespace {

/// Writes down what it is asked for: l look, r record, p paths, [ and ] the begin and end of slices, s a
/// slice, S one before a look, w a rejection-free stretch.
struct Diary {
  bool has_paths = false;
  std::int64_t diverges_at = -1;
  std::string text{};

  bool look(std::int64_t step) {
    text += " l" + std::to_string(step);
    return step != diverges_at;
  }
  void take_record(std::size_t index) { text += " r" + std::to_string(index); }
  bool holds_paths() const { return has_paths; }
  void take_paths(std::int64_t step) { text += " p" + std::to_string(step); }
  void step_rejection_free(std::int64_t from, std::int64_t to) {
    text += " w" + std::to_string(from) + "-" + std::to_string(to);
  }
  std::int64_t trajectories() const { return 5; }
  SliceSize slice_size() const { return {4, 3}; }
  void begin_slices(std::int64_t first_step, std::int64_t steps) {
    text += " [" + std::to_string(first_step) + "+" + std::to_string(steps);
  }
  void step_slice(std::int64_t begin, std::int64_t count, bool is_last) {
    text += (is_last ? " S" : " s") + std::to_string(begin) + "+" + std::to_string(count);
  }
  void end_slices(std::int64_t steps) { text += " ]" + std::to_string(steps); }
};

Experiment five_steps() {
  Experiment experiment;
  experiment.steps = 5;
  experiment.recording.steps = {0, 4};
  experiment.recording.path_stride = 3;
  return experiment;
}

std::string diary_of(const Experiment& experiment, Diary diary = {}) {
  run_all_steps(experiment, diary);
  return diary.text;
}

}  // namespace

TEST_CASE("run loop: slices end at recorded steps, at those of paths and at the end") {
  CHECK(diary_of(five_steps()) == " l0 r0 [0+3 s0+4 s4+1 ]3 [3+1 S0+4 S4+1 ]1 l4 r1 [4+1 S0+4 S4+1 ]1 l5");
  CHECK(diary_of(five_steps(), {.has_paths = true}) ==
        " l0 r0 p0 [0+3 S0+4 S4+1 ]3 l3 p3 [3+1 S0+4 S4+1 ]1 l4 r1 [4+1 S0+4 S4+1 ]1 l5");
}

TEST_CASE("run loop: ends where a look finds a divergence") {
  CHECK(diary_of(five_steps(), {.diverges_at = 4}) == " l0 r0 [0+3 s0+4 s4+1 ]3 [3+1 S0+4 S4+1 ]1 l4");
}

TEST_CASE("run loop: a rejection-free stretch ends where the learning rate changes") {
  Experiment experiment = five_steps();
  experiment.rejection_free = true;
  experiment.schedule = {Schedule::Kind::step, 2, 0.5, 0};
  CHECK(diary_of(experiment) == " l0 r0 w0-2 w2-4 l4 r1 w4-5 l5");
}

TEST_CASE("run loop: a slice takes as many steps as its work holds, one at least") {
  CHECK(slice_of(1000, 10).steps == 100);
  CHECK(slice_of(5, 10).steps == 1);
  CHECK(slice_of(std::int64_t{1} << 40, 10).steps == rate_table_capacity);
}
