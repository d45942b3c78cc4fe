#include "check_kind.hpp"

#include <algorithm>
#include <iterator>

namespace bncollapse::study {

const std::vector<CheckKind>& check_kinds() {
  static const std::vector<CheckKind> kinds = [] {
    std::vector<CheckKind> all;
    for (auto family :
         {drift_checks(), scaling_checks(), decay_checks(), activation_checks(), comparison_checks()}) {
      std::move(family.begin(), family.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kinds;
}

const CheckKind& check_kind(const Json& check) {
  const auto& kinds = check_kinds();
  const auto& name = check.at("check").get_ref<const std::string&>();
  return *std::find_if(kinds.begin(), kinds.end(), [&](const CheckKind& kind) { return kind.name == name; });
}

}  // namespace bncollapse::study
