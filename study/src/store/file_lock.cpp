#include "store/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bncollapse/study/errors.hpp"

namespace bncollapse::study {

std::optional<FileLock> FileLock::take(const std::filesystem::path& file) {
  FileLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (lock.descriptor_ < 0)
    throw RunError(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return std::nullopt;
  if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP) return lock;
  throw RunError(fmt::format("{}: cannot be locked: {}", file.string(), std::strerror(errno)));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace bncollapse::study
