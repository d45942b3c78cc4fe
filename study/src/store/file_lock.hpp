#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace bncollapse::study {

/// A file that no other process holds while this object lives; the system lets it go when the process ends,
/// however it ends.
class FileLock {
 public:
  /// None where another process holds it. On a file system that has no locks nobody is kept out. Throws
  /// RunError where the file cannot be written or locked.
  static std::optional<FileLock> take(const std::filesystem::path& file);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace bncollapse::study
