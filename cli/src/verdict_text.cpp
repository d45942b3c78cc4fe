#include "verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "text_table.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {
namespace {

std::string with_error(double value, double standard_error) {
  return standard_error > 0 ? fmt::format("{:.5g} +- {:.2g}", value, standard_error)
                            : fmt::format("{:.5g}", value);
}

std::string verdict_table(const std::vector<study::Verdict>& verdicts) {
  std::vector<std::vector<std::string>> rows{
      {"verdict", "check", "measured", "predicted", "deviation", "claim"}};
  for (const study::Verdict& verdict : verdicts) {
    rows.push_back({std::string(to_string(verdict.outcome)), verdict.check,
                    with_error(verdict.measured, verdict.standard_error),
                    verdict.predicted ? fmt::format("{:.5g}", *verdict.predicted) : "",
                    verdict.standard_error > 0 ? fmt::format("{:+.2f} se", verdict.deviation) : "",
                    verdict.claim});
  }
  return text_table(rows);
}

/// Why a verdict is not a pass, one line each.
std::string reasons(const std::vector<study::Verdict>& verdicts) {
  std::string text;
  for (const study::Verdict& verdict : verdicts) {
    if (verdict.outcome == study::Outcome::pass) continue;
    text += fmt::format("{}: {}: {}", to_string(verdict.outcome), verdict.claim, verdict.field);
    if (verdict.tolerance > 0)
      text += fmt::format("; allowed {:.3g}: {}", verdict.tolerance, verdict.tolerance_source);
    text += verdict.note.empty() ? "\n" : fmt::format(" ({})\n", verdict.note);
  }
  return text;
}

std::string tally(const std::vector<study::Verdict>& verdicts) {
  using enum study::Outcome;
  std::string text;
  for (const study::Outcome outcome : {pass, fail, out_of_range, inconclusive}) {
    const auto count = std::count_if(verdicts.begin(), verdicts.end(), [&](const study::Verdict& verdict) {
      return verdict.outcome == outcome;
    });
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(outcome));
  }
  return text.empty() ? "no checks in the spec" : text;
}

}  // namespace

void print_verdicts(const std::vector<study::Verdict>& verdicts, const std::filesystem::path& folder) {
  if (!verdicts.empty())
    fmt::print("{}\n{}", visible_text(verdict_table(verdicts)), visible_text(reasons(verdicts)));
  fmt::print("{}; results in {}\n", tally(verdicts), folder.string());
}

}  // namespace bncollapse::cli
