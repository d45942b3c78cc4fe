#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/store.hpp"
#include "bncollapse/study/stored_run.hpp"

namespace bncollapse::study {

/// Everything that is written of a finished point.
struct PointResult {
  PointSummary summary;
  PointPrediction prediction;
  sim::Estimates estimates;
};

/// The store of a run of the single neuron. Its finished points are the first so many of the sweep.
class RunStore : public Store {
 public:
  RunStore(const std::filesystem::path& folder, const Spec& spec, const RunEnvironment& environment,
           Existing existing, const std::atomic<bool>* stop = nullptr)
      : Store(neuron_store_format(), folder, spec, environment, existing, stop) {}

  /// Commits one point, all or nothing. Throws RunError; what was committed before is kept.
  void write(const PointResult& result);

  /// In place of earlier curves.
  void write(const std::vector<CurveSample>& curves);
  using Store::write;

  StoredRun read() const;
};

/// Reads DIR/results.sqlite. Throws InputError where there is none, or it is no store of the single neuron,
/// or is damaged.
StoredRun read_stored_run(const std::filesystem::path& folder);

}  // namespace bncollapse::study
