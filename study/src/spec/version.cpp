#include "bncollapse/study/version.hpp"

#include <fmt/format.h>

namespace bncollapse::study {

std::string program_version() { return BNCOLLAPSE_VERSION; }

std::string build_description() {
#ifdef __clang__
  constexpr const char* compiler = "clang " __clang_version__;
#else
  constexpr const char* compiler = "g++ " __VERSION__;
#endif
  const std::string sanitizers = BNCOLLAPSE_SANITIZERS;
  return fmt::format("{}, {}{}", BNCOLLAPSE_BUILD_TYPE, compiler,
                     sanitizers.empty() ? "" : ", sanitizers " + sanitizers);
}

}  // namespace bncollapse::study
