#pragma once

#include <stdexcept>
#include <string>

namespace bncollapse::theory {

/// An argument outside the domain of a formula. `argument()` is its name as the caller wrote it
/// (for example "sigma"), so that a program can point at the place where it was given.
class InvalidArgument : public std::invalid_argument {
 public:
  /// @param argument  name of the offending argument
  /// @param problem   what is wrong and what is allowed, e.g. "is -1; it must be 0 or more"
  InvalidArgument(std::string argument, const std::string& problem)
      : std::invalid_argument(argument + " " + problem), argument_(std::move(argument)) {}

  const std::string& argument() const noexcept { return argument_; }

 private:
  std::string argument_;
};

}  // namespace bncollapse::theory
