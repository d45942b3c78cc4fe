// A device on the host: one element, one group, one thread after another, phases in between as on a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace bncollapse::sim::testing {

class HostMemory {
 public:
  explicit HostMemory(std::size_t bytes) : words_(bytes / sizeof(std::max_align_t) + 1) {
    // What a device leaves there: nothing that anyone may rely on.
    std::memset(words_.data(), 0xa5, words_.size() * sizeof(std::max_align_t));
  }
  void* data() { return words_.data(); }

 private:
  std::vector<std::max_align_t> words_;
};

/// @tparam trajectories  that fill it
template <int trajectories>
class HostDevice {
 public:
  // So few that runs are cut in pieces.
  static constexpr std::int64_t samples_per_launch = 50'000, waits_per_launch = 3;

  explicit HostDevice(int) {}
  std::int64_t preferred_trajectories() const { return trajectories; }
  HostMemory allocate(std::size_t bytes) { return HostMemory(bytes); }

  template <class U>
  void upload(U* to, const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U>);
    if (count > 0) std::memcpy(to, from, count * sizeof(U));
  }
  template <class U>
  void download(U* to, const U* from, std::size_t count) {
    upload(to, from, count);
  }
  template <class U>
  void clear(U* to, std::size_t count) {
    std::memset(to, 0, count * sizeof(U));
  }
  void wait() {}

  /// The last task and element first: their order must not matter.
  template <class Task>
  void each(std::int64_t count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    for (std::int64_t i = count - 1; i >= 0; --i) task(i);
  }
  template <class Task>
  void each(std::int64_t count, const std::vector<Task>& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) each(count, *task);
  }
  template <class Task>
  void groups(int count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    std::vector<double> shared(task.shared_bytes() / sizeof(double));
    for (int group = count - 1; group >= 0; --group) {
      for (int phase = 0; phase < Task::phases; ++phase) {
        for (int thread = Task::threads - 1; thread >= 0; --thread) task(phase, group, thread, shared.data());
      }
    }
  }
  template <class Task>
  void groups(int count, const std::vector<Task>& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) groups(count, *task);
  }
};

}  // namespace bncollapse::sim::testing
