#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace bncollapse::fields {

/// A value that is not allowed. `argument()` is the path of the field, as a spec writes it (for example
/// "noise.std"), so that a program can point at the place where the value was given.
class InvalidArgument : public std::invalid_argument {
 public:
  /// @param argument  the field's path
  /// @param problem   what is wrong and what is allowed, e.g. "is -1; it must be 0 or more"
  InvalidArgument(std::string argument, std::string problem)
      : std::invalid_argument(argument + " " + problem),
        argument_(std::move(argument)),
        problem_(std::move(problem)) {}

  const std::string& argument() const noexcept { return argument_; }
  const std::string& problem() const noexcept { return problem_; }

 private:
  std::string argument_, problem_;
};

}  // namespace bncollapse::fields
