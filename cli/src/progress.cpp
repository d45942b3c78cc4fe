#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "standard_streams.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto bar_interval = 100ms;
constexpr auto line_interval = 5s;
constexpr int bar_width = 24;

/// 1.2e9 as "1.2 G".
std::string with_unit(double value) {
  constexpr const char* units[] = {"", " k", " M", " G", " T", " P"};
  std::size_t unit = 0;
  while (std::abs(value) >= 999.5 && unit + 1 < std::size(units)) value /= 1000, ++unit;
  return fmt::format("{:.3g}{}", value, units[unit]);
}

std::string duration(double seconds) {
  if (!(seconds < 1e7)) return "?";
  const auto whole = static_cast<long long>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

ProgressView::ProgressView()
    : is_terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()), shown_(start_) {}

ProgressView::~ProgressView() { clear(); }

std::string ProgressView::line(const study::Progress& progress, const std::string& detail) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double done_here = progress.steps_done - progress.steps_before;
  const double rate = seconds > 0 ? done_here / seconds : 0;
  std::string text = fmt::format("{}/{} points, {} of {} steps", progress.points_done, progress.points,
                                 with_unit(progress.steps_done), with_unit(progress.steps));
  if (rate > 0) text += fmt::format(", {} steps/s", with_unit(rate));
  if (const double left = progress.steps - progress.steps_done; rate > 0 && left > 0)
    text += fmt::format(", {} left", duration(left / rate));
  for (const std::string& more : {progress.beside, detail}) {
    if (!more.empty()) text += "; " + more;
  }
  return text;
}

void ProgressView::show(const study::Progress& progress, const std::string& detail) {
  const auto now = Clock::now();
  if (is_terminal_) {
    if (bar_shown_ && now - shown_ < bar_interval) return;
    const double share = progress.steps > 0 ? progress.steps_done / progress.steps : 1;
    const int filled = static_cast<int>(share * bar_width);
    tell(fmt::format("\r[{:#<{}}{:.<{}}] {}\033[K", "", filled, "", bar_width - filled,
                     line(progress, detail)));
    std::fflush(stderr);
    bar_shown_ = true;
  } else {
    const bool is_last = progress.points_done == progress.points && points_shown_ != progress.points_done;
    if (now - shown_ < line_interval && !is_last) return;
    tell(line(progress, detail) + "\n");
    points_shown_ = progress.points_done;
  }
  shown_ = now;
}

void ProgressView::message(const std::string& text) {
  clear();
  tell(visible_text(text) + "\n");
}

void ProgressView::clear() {
  if (bar_shown_) tell("\r\033[K");
  bar_shown_ = false;
}

}  // namespace bncollapse::cli
