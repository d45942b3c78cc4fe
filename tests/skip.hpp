#pragma once

#include <string>

/// Ends a case that cannot run here, before its first assertion. `reason` is a string that says what is
/// missing; where it is empty, the case goes on. main.cpp reports such a case as skipped. (Include doctest
/// before.)
#define SKIP_IF(reason)                                         \
  if (const std::string missing = (reason); !missing.empty()) { \
    MESSAGE("skipped: ", missing);                              \
    return;                                                     \
  }                                                             \
  static_assert(true)
