// What several tests of the study share.
#pragma once

#include <filesystem>
#include <string>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/spec.hpp"

namespace bncollapse::study::testing {

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A small valid spec: two learning rates, one step, two checks.
Json small_spec();

/// Parses it as if it stood in spec.json.
Spec parse(const Json& spec);

/// The message of the InputError that `parse_spec` throws; empty where it throws none.
std::string input_error(const std::string& text);
std::string input_error(const Json& spec);

}  // namespace bncollapse::study::testing
