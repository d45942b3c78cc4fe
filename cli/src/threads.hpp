#pragma once

#include <algorithm>
#include <thread>

namespace bncollapse::cli {

/// The threads that --threads asks for; 0: as many as there are.
inline int threads_of(int asked) {
  return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace bncollapse::cli
