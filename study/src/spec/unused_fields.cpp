#include "spec/unused_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace bncollapse::study {
namespace {

class UnusedFields {
 public:
  explicit UnusedFields(const Json& assignment) : swept_(assignment) {}

  void look_in(const FieldSchema& schema, const Json& given, const Json& resolved,
               const std::string& prefix) {
    for (const Field& field : schema.fields) {
      const std::string path = prefix + field.name;
      const bool is_given = given.is_object() && given.contains(field.name);
      if (is_given || swept_.contains(path)) judge(field, resolved, prefix);
      if (field.value.kind != FieldSchema::Kind::object || !resolved.contains(field.name)) continue;
      static const Json nothing = Json::object();
      look_in(field.value, is_given ? given.at(field.name) : nothing, resolved.at(field.name), path + ".");
    }
  }
  std::vector<std::string> notes() && { return std::move(notes_); }

 private:
  void judge(const Field& field, const Json& object, const std::string& prefix) {
    const auto& [key, names] = field.value.only_for;
    if (key.empty() || swept_.contains(prefix + key)) return;
    const auto present = object.at(key).get<std::string>();
    if (std::find(names.begin(), names.end(), present) != names.end()) return;
    notes_.push_back(fmt::format("{}{} does not count: it is for {} {}, and this spec has {}", prefix,
                                 field.name, key, fmt::join(names, " or "), present));
  }

  const Json& swept_;  ///< field -> value, of a point
  std::vector<std::string> notes_;
};

}  // namespace

std::vector<std::string> notes_on_unused_fields(const FieldSchema& schema, const Json& given,
                                                const Json& resolved, const Json& assignment) {
  if (given == resolved) return {};  // a resolved spec gives every field
  UnusedFields unused(assignment);
  unused.look_in(schema, given, resolved, "");
  return std::move(unused).notes();
}

}  // namespace bncollapse::study
