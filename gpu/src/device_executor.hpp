// Blocks shared by devices: chunks of consecutive blocks, each device taking the next.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "device_runner.hpp"
#include "ordered_merge.hpp"
#include "simulation.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// Experiments of precision T.
/// @tparam Device  see device_runner.hpp; made from an index, it also says how many trajectories fill it
template <class Device, class T>
class DeviceExecutor final : public BlockExecutor {
 public:
  /// @param devices  their indices
  /// @param threads  of the host
  DeviceExecutor(std::vector<int> devices, int threads) : devices_(std::move(devices)), threads_(threads) {}

  std::int64_t share(int block_size) const override {
    return std::max<std::int64_t>(preferred_trajectories() / block_size, 1);
  }

  /// As many as fill the devices.
  std::size_t together(std::span<const Experiment* const> experiments) const override {
    const Experiment& first = *experiments.front();
    const auto most = static_cast<std::size_t>(
        std::clamp<std::int64_t>(preferred_trajectories() / first.trajectories, 1, most_together));
    std::size_t count = 1;
    while (count < std::min(most, experiments.size()) && run_together(first, *experiments[count])) ++count;
    return count;
  }

  void run(std::span<const BlockWork> work, Progress& progress) const override {
    std::vector<std::unique_ptr<PlannedStep<T>>> plans;
    for (const BlockWork& part : work) {
      plans.push_back(std::make_unique<PlannedStep<T>>(part.experiment));
    }
    const std::vector<Chunk> chunks = work.size() == 1 ? cut_blocks(work.front()) : cut_experiments(work);
    using Results = std::vector<std::vector<BlockResult>>;
    std::size_t delivered = 0;
    OrderedMerge<Results> merge(2 * std::ssize(devices_), [&](Results&& results) {
      const Chunk& chunk = chunks[delivered++];
      for (std::size_t i = 0; i < results.size(); ++i) {
        for (BlockResult& result : results[i]) work[chunk.first + i].take(std::move(result));
      }
    });
    std::atomic<std::size_t> next = 0;
    std::mutex counting;
    const auto serve = [&](int index) {
      try {
        Device device(index);
        std::optional<DeviceRunner<Device, T>> runner;
        std::size_t first = 0;
        const auto collect = [&] {
          if (!runner) return;
          const std::lock_guard lock(counting);
          for (const Counts& counts : runner->counts()) work[first++].counts.merge(counts);
          runner.reset();
        };
        for (std::size_t i = next++; i < chunks.size() && !progress.abandoned(); i = next++) {
          const Chunk& chunk = chunks[i];
          if (!runner || chunk.first != first) {
            collect();
            first = chunk.first;
            runner.emplace(device, members(device, work.subspan(first, chunk.experiments), plans, chunk),
                           progress);
          }
          const BlockWork& part = work[first];
          const std::int64_t begin = chunk.begin * part.blocks.size;
          const std::int64_t end = std::min(chunk.end * part.blocks.size, part.experiment.trajectories);
          merge.deliver(static_cast<std::int64_t>(i),
                        runner->run(begin, chunk.end - chunk.begin, end - begin));
        }
        collect();
      } catch (...) {
        progress.fail(std::current_exception());
        merge.cancel();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (const int index : devices_) threads.emplace_back(serve, index);
    }
    progress.rethrow();
  }

 private:
  static constexpr std::int64_t most_together = 1024;

  /// Blocks [begin, end) of each of `experiments` experiments, from that of place `first` on.
  struct Chunk {
    std::size_t first = 0, experiments = 1;
    std::int64_t begin = 0, end = 0;
    std::int64_t most_blocks = 0;  ///< of any chunk of these experiments
  };

  std::int64_t preferred_trajectories() const {
    std::int64_t trajectories = 0;
    for (const int index : devices_) trajectories += Device(index).preferred_trajectories();
    return trajectories;
  }

  /// Chunks that fill a device; no chunk holds blocks with and without paths.
  std::vector<Chunk> cut_blocks(const BlockWork& work) const {
    const BlockRange& blocks = work.blocks;
    const auto workers = std::ssize(devices_);
    const std::int64_t fill = Device(devices_.front()).preferred_trajectories() / blocks.size;
    const std::int64_t largest = std::clamp<std::int64_t>((blocks.end - blocks.begin + workers - 1) / workers,
                                                          1, std::max<std::int64_t>(fill, 1));
    const std::int64_t with_paths = (work.experiment.recording.paths + blocks.size - 1) / blocks.size;
    std::vector<Chunk> chunks;
    for (std::int64_t begin = blocks.begin; begin < blocks.end;) {
      std::int64_t end = std::min(begin + largest, blocks.end);
      if (begin < with_paths) end = std::min(end, with_paths);
      chunks.push_back({0, 1, begin, end, largest});
      begin = end;
    }
    return chunks;
  }

  /// Whole experiments, an equal number a device.
  std::vector<Chunk> cut_experiments(std::span<const BlockWork> work) const {
    const std::size_t share = (work.size() + devices_.size() - 1) / devices_.size();
    const BlockRange& blocks = work.front().blocks;
    std::vector<Chunk> chunks;
    for (std::size_t first = 0; first < work.size(); first += share) {
      chunks.push_back(
          {first, std::min(share, work.size() - first), blocks.begin, blocks.end, blocks.end - blocks.begin});
    }
    return chunks;
  }

  std::vector<std::unique_ptr<DeviceTrajectories<Device, T>>> members(
      Device& device, std::span<const BlockWork> work,
      const std::vector<std::unique_ptr<PlannedStep<T>>>& plans, const Chunk& chunk) const {
    std::vector<std::unique_ptr<DeviceTrajectories<Device, T>>> members;
    for (std::size_t i = 0; i < work.size(); ++i) {
      members.push_back(std::make_unique<DeviceTrajectories<Device, T>>(
          device, work[i].experiment, plans[chunk.first + i]->plan(), work[i].blocks.size, chunk.most_blocks,
          threads_));
    }
    return members;
  }

  std::vector<int> devices_;
  int threads_;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
