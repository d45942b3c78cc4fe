#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// A JSON value in a message: its first 200 bytes.
std::string shown(const Json& value);

/// A place in a file, for messages: "FILE: PATH: ".
struct Place {
  std::string file;
  std::string path = {};

  Place key(std::string_view name) const;
  Place index(std::size_t position) const;
  /// Throws InputError "FILE: PATH: problem".
  [[noreturn]] void fail(const std::string& problem) const;
};

}  // namespace bncollapse::study
