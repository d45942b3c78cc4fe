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
#include <utility>
#include <vector>

#include "device_runner.hpp"
#include "host/ordered_merge.hpp"
#include "host/simulation.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// [begin, end) in parts of equal size but for one: at most `largest` each, and as many for each worker where
/// there are enough.
inline std::vector<std::pair<std::int64_t, std::int64_t>> cut_evenly(std::int64_t begin, std::int64_t end,
                                                                     std::int64_t largest,
                                                                     std::int64_t workers) {
  const std::int64_t size = end - begin, round = largest * workers;
  const std::int64_t count = std::min((size + round - 1) / round * workers, size);
  std::vector<std::pair<std::int64_t, std::int64_t>> parts;
  for (std::int64_t i = 0; i < count; ++i) {
    parts.emplace_back(begin + size * i / count, begin + size * (i + 1) / count);
  }
  return parts;
}

/// Experiments of precision T.
/// @tparam Device  see device_runner.hpp; made from an index
template <class Device, class T>
class DeviceExecutor final : public BlockExecutor {
 public:
  /// @param devices  their indices
  /// @param threads  of the host
  DeviceExecutor(const std::vector<int>& devices, int threads) : threads_(threads) {
    for (const int index : devices) devices_.push_back(std::make_unique<Device>(index));
  }

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
    const std::lock_guard alone(running_);
    std::vector<std::unique_ptr<PlannedStep<T>>> plans;
    for (const BlockWork& part : work) {
      plans.push_back(std::make_unique<PlannedStep<T>>(part.experiment));
    }
    const std::vector<Chunk> chunks = work.size() == 1 ? cut_blocks(work.front()) : cut_experiments(work);
    using Results = std::vector<BlockResults>;
    std::size_t delivered = 0;
    OrderedMerge<Results> merge(2 * std::ssize(devices_), [&](Results&& results) {
      const Chunk& chunk = chunks[delivered++];
      for (std::size_t i = 0; i < results.size(); ++i) work[chunk.first + i].take(std::move(results[i]));
    });
    std::atomic<std::size_t> next = 0;
    std::mutex counting;
    const auto serve = [&](Device& device) {
      try {
        device.make_current();
        std::optional<Runner> runner;
        std::size_t first = 0;
        const auto collect = [&] {
          if (!runner) return;
          const std::lock_guard lock(counting);
          for (const Counts& counts : runner->counts()) work[first++].counts.merge(counts);
          runner.reset();
        };
        for (std::size_t i = next++; i < chunks.size() && !progress.abandoned(); i = next++) {
          const Chunk& chunk = chunks[i];
          const BlockWork& part = work[chunk.first];
          if (!runner || chunk.first != first) {
            collect();
            first = chunk.first;
            std::vector<typename Runner::Member> members;
            for (std::size_t member = first; member < first + chunk.experiments; ++member) {
              members.push_back({work[member].experiment, plans[member]->plan()});
            }
            runner.emplace(device, members, part.blocks.size, chunk.most_blocks, threads_, progress);
          }
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
      for (std::size_t i = 1; i < devices_.size(); ++i) threads.emplace_back([&, i] { serve(*devices_[i]); });
      serve(*devices_.front());
    }
    progress.rethrow();
  }

 private:
  using Runner = DeviceRunner<Device, T>;
  static constexpr std::int64_t most_together = 1024;

  /// Blocks [begin, end) of each of `experiments` experiments, from that of place `first` on.
  struct Chunk {
    std::size_t first = 0, experiments = 1;
    std::int64_t begin = 0, end = 0;
    std::int64_t most_blocks = 0;  ///< of any chunk of these experiments
  };

  std::int64_t preferred_trajectories() const {
    std::int64_t trajectories = 0;
    for (const auto& device : devices_) trajectories += device->preferred_trajectories();
    return trajectories;
  }

  /// Chunks of equal size, no more than fill a device, and as many for each device; none holds blocks with
  /// and without paths.
  std::vector<Chunk> cut_blocks(const BlockWork& work) const {
    const BlockRange& blocks = work.blocks;
    const std::int64_t fill =
        std::max<std::int64_t>(devices_.front()->preferred_trajectories() / blocks.size, 1);
    const std::int64_t with_paths = std::clamp(
        (work.experiment.recording.paths + blocks.size - 1) / blocks.size, blocks.begin, blocks.end);
    std::vector<Chunk> chunks;
    const auto cut = [&](std::int64_t first, std::int64_t last) {
      for (const auto& [begin, end] : cut_evenly(first, last, fill, std::ssize(devices_))) {
        chunks.push_back(Chunk{0, 1, begin, end});
      }
    };
    cut(blocks.begin, with_paths);
    cut(with_paths, blocks.end);
    std::int64_t most_blocks = 0;
    for (const Chunk& chunk : chunks) most_blocks = std::max(most_blocks, chunk.end - chunk.begin);
    for (Chunk& chunk : chunks) chunk.most_blocks = most_blocks;
    return chunks;
  }

  /// Whole experiments, an equal number per device.
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

  mutable std::mutex running_;  ///< the devices serve one run at a time
  std::vector<std::unique_ptr<Device>> devices_;
  int threads_;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
