#pragma once

#include <chrono>
#include <string>

#include "bncollapse/study/run.hpp"

namespace bncollapse::cli {

/// Progress on stderr: a bar that is redrawn in place on a terminal, otherwise a line now and then.
class ProgressView {
 public:
  ProgressView();
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  /// @param detail  what else there is to say, after the counts
  void show(const study::Progress& progress, const std::string& detail = {});
  void message(const std::string& text);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(const study::Progress& progress, const std::string& detail) const;

  bool is_terminal_;
  bool bar_shown_ = false;
  Clock::time_point start_;
  Clock::time_point shown_;
  long long points_shown_ = -1;
};

}  // namespace bncollapse::cli
