// A device on the host: one element, one group, one thread after another, phases in between as on a device.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace bncollapse::sim::testing {

/// What memory holds that nobody has written: as a number of any type none, as an integer a negative one.
inline constexpr std::uint32_t never_written = 0xfff5a5a5;

class HostMemory {
 public:
  explicit HostMemory(std::size_t bytes)
      : words_(bytes / sizeof(std::max_align_t) + 1), bytes_(words_.size() * sizeof(std::max_align_t)) {
    for (std::size_t i = 0; i < bytes_; i += sizeof(never_written)) {
      std::memcpy(reinterpret_cast<std::byte*>(words_.data()) + i, &never_written, sizeof(never_written));
    }
  }
  void* data() { return words_.data(); }

 private:
  std::vector<std::max_align_t> words_;
  std::size_t bytes_;
};

/// What has been asked of all devices of the process.
struct DeviceCalls {
  std::atomic<std::int64_t> allocations = 0, uploads = 0, downloads = 0, fetches = 0, clears = 0, paces = 0,
                            launches = 0;
};
inline DeviceCalls device_calls;

/// @tparam trajectories  that fill it
template <int trajectories>
class HostDevice {
 public:
  // So few that runs are cut in pieces.
  static constexpr std::int64_t samples_per_launch = 50'000, waits_per_launch = 3;

  explicit HostDevice(int) {}
  void make_current() {}
  std::int64_t preferred_trajectories() const { return trajectories; }
  HostMemory allocate(std::size_t bytes) {
    ++device_calls.allocations;
    return HostMemory(bytes);
  }

  template <class U>
  void upload(U* to, const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U>);
    ++device_calls.uploads;
    if (count > 0) std::memcpy(to, from, count * sizeof(U));
  }
  /// This and fetch throw where they meet what nobody has written.
  template <class U>
  void download(U* to, const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U> && sizeof(U) % sizeof(never_written) == 0);
    ++device_calls.downloads;
    copy(to, from, count);
  }
  template <class U>
  void fetch(const U* from, std::size_t count) {
    ++device_calls.fetches;
    fetched_.resize(count * sizeof(U) / sizeof(std::max_align_t) + 1);
    copy(reinterpret_cast<U*>(fetched_.data()), from, count);
  }
  template <class U>
  void clear(U* to, std::size_t count) {
    ++device_calls.clears;
    std::memset(to, 0, count * sizeof(U));
  }
  const void* fetched() { return fetched_.data(); }
  void pace() { ++device_calls.paces; }

  /// The last task and element first: their order must not matter.
  template <class Task>
  void each(std::int64_t count, const Task& task) {
    launch(1);
    run_each(count, task);
  }
  template <class Task>
  void each(std::int64_t count, const std::vector<Task>& tasks) {
    launch(tasks.size());
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) run_each(count, *task);
  }
  template <class Task>
  void groups(int count, const Task& task) {
    launch(1);
    run_groups(count, task);
  }
  template <class Task>
  void groups(int count, const std::vector<Task>& tasks) {
    launch(tasks.size());
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) run_groups(count, *task);
  }

 private:
  template <class U>
  static void copy(U* to, const U* from, std::size_t count) {
    if (count > 0) std::memcpy(to, from, count * sizeof(U));
    std::vector<std::uint32_t> words(count * sizeof(U) / sizeof(never_written));
    std::memcpy(words.data(), to, words.size() * sizeof(never_written));
    if (std::find(words.begin(), words.end(), never_written) != words.end()) {
      throw std::logic_error("a download reads memory that was never written");
    }
  }
  /// Several tasks are brought to a device, one is an argument of the launch.
  static void launch(std::size_t tasks) {
    ++device_calls.launches;
    if (tasks > 1) ++device_calls.uploads;
  }
  template <class Task>
  static void run_each(std::int64_t count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    for (std::int64_t i = count - 1; i >= 0; --i) task(i);
  }
  template <class Task>
  static void run_groups(int count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    for (int group = count - 1; group >= 0; --group) {
      std::vector<double> shared(task.shared_bytes() / sizeof(double), std::nan(""));
      for (int phase = 0; phase < Task::phases; ++phase) {
        for (int thread = Task::threads - 1; thread >= 0; --thread) task(phase, group, thread, shared.data());
      }
    }
  }

  std::vector<std::max_align_t> fetched_;
};

}  // namespace bncollapse::sim::testing
