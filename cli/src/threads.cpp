#include "threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "bncollapse/study/errors.hpp"

namespace bncollapse::cli {

int threads_of(int asked) {
  return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void require_threads(int threads) {
  std::atomic<bool> all_started = false;
  std::vector<std::jthread> started;
  std::error_code problem;
  try {
    while (static_cast<int>(started.size()) + 1 < threads) {
      started.emplace_back([&all_started] { all_started.wait(false); });
    }
  } catch (const std::system_error& error) {
    problem = error.code();
  }
  all_started = true;
  all_started.notify_all();
  if (problem) {
    throw study::RunError(fmt::format("only {} of {} threads can be started ({}); take fewer with --threads",
                                      started.size() + 1, threads, problem.message()));
  }
}

}  // namespace bncollapse::cli
