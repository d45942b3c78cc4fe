#include "mpi_communicator.hpp"

#include "bncollapse/study/errors.hpp"

#ifdef BNCOLLAPSE_MPI
#include <mpi.h>

#include <cstdint>
#include <limits>
#include <numeric>
#endif

namespace bncollapse::cli {

#ifdef BNCOLLAPSE_MPI
namespace {

bool communicator_exists = false;

/// MPI counts bytes in an int.
int checked_count(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw study::RunError("a message between processes is above 2 GiB: take fewer bins, records or paths");
  }
  return static_cast<int>(bytes);
}

class MpiCommunicator final : public sim::Communicator {
 public:
  MpiCommunicator() {
    MPI_Init(nullptr, nullptr);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    communicator_exists = true;
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  std::vector<sim::Bytes> gather(const sim::Bytes& mine) const override {
    const int count = checked_count(mine.size());
    std::vector<int> counts(static_cast<std::size_t>(size_)), offsets(counts.size());
    MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, MPI_COMM_WORLD);
    std::size_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      offsets[i] = checked_count(total);
      total += static_cast<std::size_t>(counts[i]);
    }
    checked_count(total);
    sim::Bytes all(is_root() ? total : 0);
    MPI_Gatherv(mine.data(), count, MPI_BYTE, all.data(), counts.data(), offsets.data(), MPI_BYTE, 0,
                MPI_COMM_WORLD);
    std::vector<sim::Bytes> parts;
    for (std::size_t i = 0; is_root() && i < counts.size(); ++i) {
      const auto begin = all.begin() + offsets[i];
      parts.emplace_back(begin, begin + counts[i]);
    }
    return parts;
  }

  sim::Bytes broadcast(const sim::Bytes& mine) const override {
    int count = checked_count(mine.size());
    MPI_Bcast(&count, 1, MPI_INT, 0, MPI_COMM_WORLD);
    sim::Bytes bytes = is_root() ? mine : sim::Bytes(static_cast<std::size_t>(count));
    MPI_Bcast(bytes.data(), count, MPI_BYTE, 0, MPI_COMM_WORLD);
    return bytes;
  }

 private:
  int rank_ = 0, size_ = 1;
};

}  // namespace

bool has_mpi() { return true; }
std::unique_ptr<sim::Communicator> make_mpi_communicator() { return std::make_unique<MpiCommunicator>(); }
void leave_mpi_communicator() {
  if (communicator_exists) MPI_Finalize();
  communicator_exists = false;
}
void abort_mpi_communicator(int exit_code) {
  if (communicator_exists) MPI_Abort(MPI_COMM_WORLD, exit_code);
}
#else
bool has_mpi() { return false; }
std::unique_ptr<sim::Communicator> make_mpi_communicator() {
  throw study::InputError(
      "--mpi: this build has no MPI; install libopenmpi-dev and openmpi-bin and configure again");
}
void leave_mpi_communicator() {}
void abort_mpi_communicator(int) {}
#endif

}  // namespace bncollapse::cli
