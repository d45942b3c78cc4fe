#pragma once

#include <stdexcept>

namespace bncollapse::nets {

/// A file that was given cannot be used: a data set, a checkpoint. The message names the file, the place in
/// it, what is wrong and what is allowed. Exit code 2.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One that cannot be read at all (missing, no permission, a folder), whatever it holds.
class UnreadableFile : public FileError {
 public:
  using FileError::FileError;
};

/// The training itself failed: it diverged, or a checkpoint could not be written. Exit code 3.
class TrainingError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace bncollapse::nets
