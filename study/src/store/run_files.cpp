#include "store/run_files.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <utility>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/version.hpp"

namespace bncollapse::study {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

RunEnvironment run_environment(std::string engine) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {.engine = std::move(engine),
          .host = host_name(),
          .build = build_description(),
          .started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))};
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw RunError(fmt::format("{}: cannot be made a folder: {}", folder.string(), error.message()));
}

bool is_there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::symlink_status(path, error).type() != std::filesystem::file_type::not_found;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  const auto fail = [&](const std::string& reason) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw RunError(
        fmt::format("{}: cannot be written: {}; free space or look at the permissions, and run again",
                    path.string(), reason));
  };
  std::ofstream stream(part, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) fail(std::strerror(errno));
  std::error_code error;
  std::filesystem::rename(part, path, error);
  if (error) fail(error.message());
}

bool is_file_of_run(const std::filesystem::path& path, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path beside = fs::absolute(path, error).parent_path();
  if (fs::equivalent(beside, folder / "checkpoints", error)) return true;
  // Of this run, or of another.
  const bool is_inside = fs::equivalent(beside, folder, error) || fs::exists(beside / store_file_name, error);
  for (const std::string& name : files_of_run()) {
    if ((is_inside && path.filename() == name) || fs::equivalent(path, folder / name, error)) return true;
  }
  return false;
}

}  // namespace bncollapse::study
