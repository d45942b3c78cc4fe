#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bncollapse::study {

enum class Outcome { pass, fail, out_of_range, inconclusive };

/// "pass", "fail", "out of range", "inconclusive".
std::string_view to_string(Outcome outcome);

/// One prediction judged.
struct Verdict {
  std::string check;                  ///< kind of check, as in the spec
  std::string claim;                  ///< what is claimed, for people
  std::optional<std::int64_t> point;  ///< nothing where it is about several points
  std::string field;                  ///< what was compared, e.g. "probability_change at step 1"
  double measured = 0;
  double standard_error = 0;  ///< 0 for a deterministic measurement
  std::optional<double> predicted;
  double deviation = 0;  ///< (measured - predicted) / standard_error; 0 where that is undefined
  double tolerance = 0;  ///< allowed |measured - predicted|
  std::string tolerance_source;
  Outcome outcome = Outcome::inconclusive;
  std::string note;
  bool out_of_range_allowed = false;  ///< the spec asked for a point outside the theory's range
};

/// 1 where a verdict failed; else 4 where one stayed inconclusive, or out of range without the spec's
/// consent; else 0.
int exit_code(const std::vector<Verdict>& verdicts);

}  // namespace bncollapse::study
