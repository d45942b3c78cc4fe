// Arrays on a device that come and go together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace bncollapse::sim {

/// Who wants an array says where its address is to be written. `place` writes the addresses, brings over what
/// the host gives and clears the counts: one allocation, one transfer and one clear for all of them.
/// @tparam Device  see device_runner.hpp
template <class Device>
class DeviceArrays {
 public:
  explicit DeviceArrays(Device& device) : device_(device) {}

  /// `count` elements that hold anything.
  template <class U>
  void add(U*& array, std::size_t count) {
    request(anything_, array, count);
  }
  /// A copy of `from`, which must be there until `place`.
  template <class Element, class U>
  void add_copy(Element*& array, const U* from, std::size_t count) {
    copied_.sources.push_back(reinterpret_cast<const std::byte*>(from));
    request(copied_, array, count);
  }
  /// Counts that begin at 0 and are read all at once.
  void add_counts(std::int64_t*& array, std::size_t count) { request(counted_, array, count); }

  void place() {
    const std::size_t size = copied_.bytes + counted_.bytes + anything_.bytes;
    memory_.emplace(device_.allocate(size));
    auto* const begin = static_cast<std::byte*>(memory_->data());
    counts_begin_ = reinterpret_cast<std::int64_t*>(begin + copied_.bytes);
    assign(copied_, begin);
    assign(counted_, begin + copied_.bytes);
    assign(anything_, begin + copied_.bytes + counted_.bytes);
    if (copied_.bytes > 0) {
      std::vector<std::byte> image(copied_.bytes);
      for (std::size_t i = 0; i < copied_.wanted.size(); ++i) {
        const Wanted& wanted = copied_.wanted[i];
        if (wanted.bytes > 0) std::memcpy(image.data() + wanted.begin, copied_.sources[i], wanted.bytes);
      }
      device_.upload(begin, image.data(), image.size());
    }
    if (counted_.bytes > 0) device_.clear(counts_begin_, counted_.bytes / sizeof(std::int64_t));
  }

  /// Brings the counts to the host.
  void read_counts() {
    counts_.resize(counted_.bytes / sizeof(std::int64_t));
    if (!counts_.empty()) device_.download(counts_.data(), counts_begin_, counts_.size());
  }
  /// Counts that have been read, by their array on the device.
  const std::int64_t* counts_of(const std::int64_t* array) const {
    return counts_.data() + (array - counts_begin_);
  }

 private:
  /// Of an array's begin, so that neighbouring threads read whole lines of memory.
  static constexpr std::size_t alignment = 128;

  struct Wanted {
    std::size_t begin = 0, bytes = 0;  ///< in its region
    std::function<void(std::byte*)> assign;
  };
  struct Region {
    std::vector<Wanted> wanted;
    std::vector<const std::byte*> sources;  ///< of those that are copied
    std::size_t bytes = 0;
  };

  template <class U>
  static void request(Region& region, U*& array, std::size_t count) {
    const std::size_t bytes = count * sizeof(U);
    region.wanted.push_back(
        {region.bytes, bytes, [&array](std::byte* place) { array = reinterpret_cast<U*>(place); }});
    region.bytes += (bytes + alignment - 1) / alignment * alignment;
  }
  static void assign(const Region& region, std::byte* begin) {
    for (const Wanted& wanted : region.wanted) wanted.assign(begin + wanted.begin);
  }

  Device& device_;
  Region copied_, counted_, anything_;
  std::optional<decltype(std::declval<Device&>().allocate(0))> memory_;
  std::int64_t* counts_begin_ = nullptr;
  std::vector<std::int64_t> counts_;
};

}  // namespace bncollapse::sim
