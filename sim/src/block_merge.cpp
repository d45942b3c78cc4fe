#include "block_merge.hpp"

#include <algorithm>
#include <utility>

#include "kernel_table.hpp"

namespace bncollapse::sim {
namespace {

constexpr int largest_block = 1024;

/// Small experiments are cut finer, so that all threads get work. The threads themselves must not matter.
/// Neurons that wait leave gaps: larger blocks have enough others to fill a vector.
int block_size_of(const Experiment& experiment) {
  const std::int64_t wanted_blocks = experiment.rejection_free ? 16 : 64;
  const std::int64_t size =
      (experiment.trajectories / wanted_blocks + maximum_width - 1) / maximum_width * maximum_width;
  return static_cast<int>(std::clamp<std::int64_t>(size, maximum_width, largest_block));
}

constexpr std::int64_t sums_worth_threads = 4096;  // a merge takes 50 ns

}  // namespace

BlockMerge::BlockMerge(const Experiment& experiment, int threads)
    : experiment_(experiment),
      threads_(threads),
      block_size_(block_size_of(experiment)),
      blocks_((experiment.trajectories + block_size_ - 1) / block_size_),
      sums_(experiment.recording.steps.size()),
      groups_(std::min(experiment.recording.groups, blocks_)),
      changes_(sums_.size(), std::vector<Moments>(static_cast<std::size_t>(groups_))),
      counts_(experiment) {}

BlockWork BlockMerge::work(std::int64_t begin, std::int64_t end, std::function<void(BlockResults&&)> take) {
  return {experiment_, {block_size_, begin, end}, std::move(take), counts_};
}

void BlockMerge::take(BlockResults&& results) {
  if (results.diverged) throw Diverged(results.diverged->step, results.diverged->trajectory);
  const auto blocks = static_cast<std::size_t>(results.blocks);
  const std::int64_t sums = std::ssize(results.records);
  const int threads =
      sums < sums_worth_threads ? 1 : static_cast<int>(std::min<std::int64_t>(threads_, std::ssize(sums_)));
  const auto merge_one = [&](std::size_t i) { merge_record(i, {&results.records[i * blocks], blocks}); };
  if (threads > 1) {
#pragma omp parallel for num_threads(threads)
    for (std::size_t i = 0; i < sums_.size(); ++i) merge_one(i);
  } else {
    for (std::size_t i = 0; i < sums_.size(); ++i) merge_one(i);
  }
  taken_ += results.blocks;
  paths_.insert(paths_.end(), results.paths.begin(), results.paths.end());
}

Estimates BlockMerge::estimates() {
  const Recording& recording = experiment_.recording;
  Estimates estimates;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    estimates.records.push_back(to_record(sums_[i], recording.steps[i], recording));
    for (const Moments& group : changes_[i]) {
      estimates.records.back().change_by_group.push_back({group.mean, group.count});
    }
    if (recording.histograms) estimates.records.back().histograms = std::move(counts_.histograms[i]);
  }
  estimates.first_activation = std::move(counts_.first_activation);
  estimates.collapse_time = std::move(counts_.collapse_time);
  std::sort(paths_.begin(), paths_.end(), [](const PathPoint& a, const PathPoint& b) {
    return a.path != b.path ? a.path < b.path : a.step < b.step;
  });
  estimates.paths = std::move(paths_);
  return estimates;
}

void BlockMerge::merge_record(std::size_t record, std::span<const RecordSums> blocks) {
  std::int64_t number = taken_;
  for (const RecordSums& block : blocks) {
    merge(sums_[record], block);
    if (groups_ > 0) {
      Moments& group = changes_[record][static_cast<std::size_t>(number * groups_ / blocks_)];
      group = merged(group, block.moments[best_change(experiment_.recording)]);
    }
    ++number;
  }
}

}  // namespace bncollapse::sim
