// Processes that share a run, played by threads.
#include "bncollapse/sim/communicator.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <thread>

#include "support.hpp"

using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

class Board {
 public:
  explicit Board(int members) : meeting_(members), slots_(static_cast<std::size_t>(members)) {}

  std::vector<Bytes> gather(int rank, const Bytes& mine) {
    slots_[static_cast<std::size_t>(rank)] = mine;
    meeting_.arrive_and_wait();
    std::vector<Bytes> all;
    if (rank == 0) all = slots_;
    meeting_.arrive_and_wait();
    return all;
  }
  Bytes broadcast(int rank, const Bytes& mine) {
    if (rank == 0) slots_[0] = mine;
    meeting_.arrive_and_wait();
    const Bytes given = slots_[0];
    meeting_.arrive_and_wait();
    return given;
  }
  int size() const { return static_cast<int>(slots_.size()); }

 private:
  std::barrier<> meeting_;
  std::vector<Bytes> slots_;
};

class ThreadCommunicator final : public Communicator {
 public:
  ThreadCommunicator(Board& board, int rank) : board_(board), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return board_.size(); }
  std::vector<Bytes> gather(const Bytes& mine) const override { return board_.gather(rank_, mine); }
  Bytes broadcast(const Bytes& mine) const override { return board_.broadcast(rank_, mine); }

 private:
  Board& board_;
  int rank_;
};

Experiment everything() {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 100'001;
  experiment.steps = 20;
  experiment.recording.steps = {0, 7, 20};
  experiment.recording.antithetic = true;
  experiment.recording.histograms = true;
  experiment.recording.first_activation = true;
  experiment.recording.collapse_time = true;
  experiment.recording.paths = 3;
  experiment.recording.groups = 64;
  experiment.splitting = Splitting{10, 3, 0.2};
  experiment.recording.probability_threshold = 0.4;
  return experiment;
}

}  // namespace

TEST_CASE("communicator: any number of members gives the bits of one") {
  const Experiment experiment = everything();
  const auto engine = make_engine(EngineName::cpu, 1);
  const Bytes expected = to_bytes(engine->run(experiment));
  for (const int members : {1, 2, 3}) {
    Board board(members);
    Bytes got;
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < members; ++rank) {
      threads.emplace_back([&, rank] {
        const ThreadCommunicator communicator(board, rank);
        const Estimates estimates =
            engine->run(experiment, {.on_progress = {}, .stop = nullptr, .communicator = &communicator});
        if (rank == 0) got = to_bytes(estimates);
      });
    }
    threads.clear();
    CHECK(got == expected);
  }
}

TEST_CASE("communicator: estimates survive the way to another process") {
  const Estimates estimates = cpu_engine().run(everything());
  CHECK(to_bytes(estimates_from_bytes(to_bytes(estimates))) == to_bytes(estimates));
}
