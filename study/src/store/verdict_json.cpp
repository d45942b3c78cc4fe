#include <cmath>

#include "bncollapse/study/store.hpp"
#include "store/common_rows.hpp"

namespace bncollapse::study {
namespace {

Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json json_of(const std::string& value) { return value; }
Json json_of(Outcome value) { return to_string(value); }
Json json_of(std::int64_t value) { return value; }
template <class Value>
Json json_of(const std::optional<Value>& value) {
  return value ? json_of(*value) : Json(nullptr);
}

}  // namespace

Json to_json(const std::vector<Verdict>& verdicts) {
  Json result = Json::array();
  for (const Verdict& verdict : verdicts) {
    Json& entry = result.emplace_back(Json::object());
    for_each_column<VerdictRow>([&]<class Part, class Value>(const Column<Part, Value>& column) {
      if constexpr (std::is_same_v<Part, Verdict>) entry[column.name] = json_of(verdict.*column.member);
    });
  }
  return result;
}

}  // namespace bncollapse::study
