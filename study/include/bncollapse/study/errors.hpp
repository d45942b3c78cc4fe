#pragma once

#include <stdexcept>

namespace bncollapse::study {

/// What a user gave cannot be used: a spec, a file, an option. The message names the place, what is wrong and
/// what is allowed. Exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
