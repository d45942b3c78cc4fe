#include "networks_program.hpp"

#include <system_error>

namespace bncollapse::cli {

std::filesystem::path networks_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "bncollapse-networks";
}

}  // namespace bncollapse::cli
