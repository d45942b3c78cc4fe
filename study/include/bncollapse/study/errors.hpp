#pragma once

#include <stdexcept>
#include <string>

#include "bncollapse/fields/invalid_argument.hpp"

namespace bncollapse::study {

/// What a user gave cannot be used: a spec, a file, an option. The message names the place, what is wrong and
/// what is allowed. Exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Of a spec whose values are allowed one by one, and together lead theory out of its domain.
inline InputError out_of_domain(const std::string& file, const fields::InvalidArgument& error) {
  return InputError(file + ": these values lead to a neuron whose " + error.what() +
                    "; take values further from the ends of their ranges");
}

/// The run itself failed: disk, device, a store that another process writes. What was committed is kept.
/// Exit code 3.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Another process writes the run's folder.
class FolderInUse : public RunError {
 public:
  using RunError::RunError;
};

}  // namespace bncollapse::study
