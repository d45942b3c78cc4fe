// Blocks shared by devices: chunks of consecutive blocks, each device taking the next.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "device_runner.hpp"
#include "ordered_merge.hpp"
#include "simulation.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// @tparam Device  see device_runner.hpp; made from an index, it also says how many trajectories fill it
template <class Device>
class DeviceExecutor final : public BlockExecutor {
 public:
  /// @param devices  their indices
  /// @param threads  of the host
  DeviceExecutor(std::vector<int> devices, int threads) : devices_(std::move(devices)), threads_(threads) {}

  std::int64_t share(int block_size) const override {
    std::int64_t trajectories = 0;
    for (const int index : devices_) trajectories += Device(index).preferred_trajectories();
    return std::max<std::int64_t>(trajectories / block_size, 1);
  }

  void run(const Experiment& experiment, const BlockRange& blocks,
           const std::function<void(BlockResult&&)>& take, Counts& counts,
           Progress& progress) const override {
    experiment.precision == Precision::float32 ? run_as<float>(experiment, blocks, take, counts, progress)
                                               : run_as<double>(experiment, blocks, take, counts, progress);
  }

 private:
  struct Chunk {
    std::int64_t begin = 0, end = 0;
  };

  /// Chunks of at most `largest` blocks; no chunk holds blocks with and without paths.
  static std::vector<Chunk> cut(const Experiment& experiment, const BlockRange& blocks,
                                std::int64_t largest) {
    const std::int64_t with_paths = (experiment.recording.paths + blocks.size - 1) / blocks.size;
    std::vector<Chunk> chunks;
    for (std::int64_t begin = blocks.begin; begin < blocks.end;) {
      std::int64_t end = std::min(begin + largest, blocks.end);
      if (begin < with_paths) end = std::min(end, with_paths);
      chunks.push_back({begin, end});
      begin = end;
    }
    return chunks;
  }

  template <class T>
  void run_as(const Experiment& experiment, const BlockRange& blocks,
              const std::function<void(BlockResult&&)>& take, Counts& counts, Progress& progress) const {
    const PlannedStep<T> planned(experiment);
    const auto workers = static_cast<std::int64_t>(devices_.size());
    std::int64_t fill = Device(devices_.front()).preferred_trajectories() / blocks.size;
    fill = std::clamp<std::int64_t>((blocks.end - blocks.begin + workers - 1) / workers, 1,
                                    std::max<std::int64_t>(fill, 1));
    const std::vector<Chunk> chunks = cut(experiment, blocks, fill);
    using Results = std::vector<BlockResult>;
    OrderedMerge<Results> merge(2 * workers, [&](Results&& results) {
      for (BlockResult& result : results) take(std::move(result));
    });
    std::atomic<std::size_t> next = 0;
    std::mutex counting;
    const auto work = [&](int index) {
      try {
        Device device(index);
        DeviceRunner<Device, T> runner(device, experiment, planned.plan(), blocks.size, fill, threads_,
                                       progress);
        for (std::size_t i = next++; i < chunks.size() && !progress.abandoned(); i = next++) {
          const std::int64_t first = chunks[i].begin * blocks.size;
          const std::int64_t end = std::min(chunks[i].end * blocks.size, experiment.trajectories);
          merge.deliver(static_cast<std::int64_t>(i),
                        runner.run(first, chunks[i].end - chunks[i].begin, end - first));
        }
        const std::lock_guard lock(counting);
        counts.merge(runner.counts());
      } catch (...) {
        progress.fail(std::current_exception());
        merge.cancel();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (const int index : devices_) threads.emplace_back(work, index);
    }
    progress.rethrow();
  }

  std::vector<int> devices_;
  int threads_;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
