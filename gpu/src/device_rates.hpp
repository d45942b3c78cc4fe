// The rates of an experiment's steps on a device.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "device_arrays.hpp"
#include "device_kernels.hpp"
#include "host/plan_experiment.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// @tparam Device  see device_runner.hpp
template <class Device, class T>
class DeviceRates {
 public:
  /// @param arrays  to be placed before anything else is asked for
  DeviceRates(Device& device, DeviceArrays<Device>& arrays, const Experiment& experiment)
      : device_(device),
        steps_(experiment.steps),
        table_(experiment),
        count_(std::min(rate_table_capacity, experiment.steps)) {
    arrays.add(rates_, static_cast<std::size_t>(3 * count_));
  }

  /// Steps whose rates are on the device at a time.
  std::int64_t count() const { return count_; }
  /// Whether all steps share their rates; the task then writes them, for each of count() steps.
  bool is_steady() const { return table_.is_steady(); }
  SteadyRatesTask<T> steady_task() {
    const Rates<T> all = table_.from(0, 1);
    return {rates_, rates_ + count_, rates_ + 2 * count_, *all.rate, *all.shrink, *all.root};
  }

  /// On the device, of `steps` steps from `first_step` on.
  Rates<T> from(std::int64_t first_step, std::int64_t steps) {
    if (is_steady()) {
      first_step = 0;
    } else if (first_step < begin_ || first_step + steps > end_) {
      begin_ = first_step;
      end_ = std::min(first_step + count_, steps_);
      const Rates<T> rates = table_.from(first_step, count_);
      std::vector<T> all(static_cast<std::size_t>(3 * count_));
      std::copy_n(rates.rate, end_ - begin_, all.begin());
      std::copy_n(rates.shrink, end_ - begin_, all.begin() + count_);
      std::copy_n(rates.root, end_ - begin_, all.begin() + 2 * count_);
      device_.upload(rates_, all.data(), all.size());
    }
    const T* const rate = rates_ + (first_step - begin_);
    return {rate, rate + count_, rate + 2 * count_};
  }

 private:
  Device& device_;
  std::int64_t steps_;
  RateTable<T> table_;
  std::int64_t count_;
  T* rates_ = nullptr;  ///< count_ rates, as many shrinks, as many roots
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
