#include "spec/upgrade.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "bncollapse/study/spec.hpp"

namespace bncollapse::study {
namespace {

/// A field's place ("model.slope"), or a key of a check.
struct RenamedKey {
  std::string_view old_name, new_name;
};
/// A name that a field, or a key of a check, takes.
struct RenamedValue {
  std::string_view key, old_value, new_value;
};

constexpr std::array neuron_fields{RenamedKey{"model.slope", "model.leak"}};
constexpr std::array neuron_values{RenamedValue{"optimizer.name", "adam_l2", "adam"},
                                   RenamedValue{"initial.law", "two_point", "rademacher"},
                                   RenamedValue{"quantity", "inactive_share", "rarely_active_share"}};
constexpr std::array network_fields{RenamedKey{"network.slope", "network.leak"},
                                    RenamedKey{"where", "select"}, RenamedKey{"contrary", "if_opposite"}};
constexpr std::array network_values{
    RenamedValue{"optimizer.name", "sgd", "momentum"},
    RenamedValue{"check", "early_deaths", "early_inactivation"},
    RenamedValue{"check", "silent_decay", "inactive_decay"},
    RenamedValue{"quantity", "silent_share", "inactive_share"},
    RenamedValue{"quantity", "flops_removed_silent", "flops_removed_inactive"}};

/// A name of version 1 that a spec has.
struct Renaming {
  std::vector<std::string> refusals;  ///< what messages say that refuse it; one of them
  std::string text;
};

class Upgrade {
 public:
  Upgrade(std::span<const RenamedKey> fields, std::span<const RenamedValue> values)
      : fields_(fields), values_(values) {}

  void spec(Json& spec) {
    spec["bncollapse"] = spec_version;
    fields_inside(spec, "");
    if (Json* sweep = object_in(spec, "sweep"); sweep != nullptr && sweep->contains("axes"))
      for_each_object((*sweep)["axes"], [&](Json& axis) { this->axis(axis); });
    for (const char* list : {"checks", "curves"}) {
      if (spec.contains(list)) for_each_object(spec[list], [&](Json& entry) { this->entry(entry); });
    }
  }
  const std::vector<Renaming>& found() const { return found_; }

 private:
  static Json* object_in(Json& object, const char* key) {
    return object.contains(key) && object[key].is_object() ? &object[key] : nullptr;
  }
  template <class Visit>
  static void for_each_object(Json& list, const Visit& visit) {
    if (!list.is_array()) return;
    for (Json& item : list) {
      if (item.is_object()) visit(item);
    }
  }

  void note(std::vector<std::string> refusals, std::string text) {
    const auto is_same = [&](const Renaming& other) { return other.text == text; };
    if (std::none_of(found_.begin(), found_.end(), is_same))
      found_.push_back({std::move(refusals), std::move(text)});
  }

  std::string new_field(const std::string& name) {
    for (const RenamedKey& row : fields_) {
      if (row.old_name == name) {
        note({fmt::format("{}: is not a known key", row.old_name.substr(row.old_name.rfind('.') + 1)),
              fmt::format("\"{}\" is not a field", row.old_name)},
             fmt::format("{} is called {} since version 2", row.old_name, row.new_name));
        return std::string(row.new_name);
      }
    }
    return name;
  }

  /// @param name  the field's place, as it is called now
  void value(const std::string& name, Json& value) {
    if (value.is_array()) {
      for (Json& item : value) this->value(name, item);
    }
    if (!value.is_string()) return;
    for (const RenamedValue& row : values_) {
      if (row.key == name && row.old_value == value.get_ref<const std::string&>()) {
        note({fmt::format(": is \"{}\"; it must be", row.old_value)},
             fmt::format("{} {} is called {} since version 2", row.key, row.old_value, row.new_value));
        value = row.new_value;
        return;
      }
    }
  }

  /// The object's keys in their order, each by the name that `rename` gives it.
  template <class Rename>
  static void rename_keys(Json& object, const Rename& rename) {
    Json renamed = Json::object();
    for (auto& [key, item] : object.items()) {
      const std::string name = rename(key);
      // Both names are given: the old one stays, and is refused as unknown.
      renamed[name != key && object.contains(name) ? key : name] = std::move(item);
    }
    object = std::move(renamed);
  }

  void fields_inside(Json& object, const std::string& place) {
    const std::string prefix = place.empty() ? "" : place + ".";
    rename_keys(object,
                [&](const std::string& key) { return new_field(prefix + key).substr(prefix.size()); });
    for (auto& [key, item] : object.items()) {
      if (place.empty() && (key == "sweep" || key == "checks" || key == "curves")) continue;
      if (item.is_object())
        fields_inside(item, prefix + key);
      else
        value(prefix + key, item);
    }
  }

  /// {"optimizer.name": value}.
  void assignment(Json& object) {
    rename_keys(object, [&](const std::string& key) { return new_field(key); });
    for (auto& [key, item] : object.items()) value(key, item);
  }

  void axis(Json& axis) {
    if (axis.contains("field") && axis["field"].is_string()) {
      axis["field"] = new_field(axis["field"].get<std::string>());
      if (axis.contains("values")) value(axis["field"].get<std::string>(), axis["values"]);
    }
    if (axis.contains("rows")) for_each_object(axis["rows"], [&](Json& row) { assignment(row); });
  }

  /// A check or a curve.
  void entry(Json& entry) {
    rename_keys(entry, [&](const std::string& key) { return new_field(key); });
    for (auto& [key, item] : entry.items()) {
      if (item.is_object()) {
        assignment(item);
      } else if (item.is_array()) {
        for_each_object(item, [&](Json& inner) {
          for (auto& [name, of_optimizer] : inner.items()) value("optimizer." + name, of_optimizer);
        });
      } else if (key == "of" && item.is_string()) {
        item = new_field(item.get<std::string>());
      } else {
        value(key, item);
      }
    }
  }

  std::span<const RenamedKey> fields_;
  std::span<const RenamedValue> values_;
  std::vector<Renaming> found_;
};

std::vector<Renaming> rename(Json& spec) {
  Upgrade upgrade = spec.contains("network") ? Upgrade(network_fields, network_values)
                                             : Upgrade(neuron_fields, neuron_values);
  upgrade.spec(spec);
  return upgrade.found();
}

}  // namespace

std::vector<std::string> upgrade(Json& spec) {
  if (!spec.is_object() || !spec.contains("bncollapse") || spec["bncollapse"] != 1) return {};
  std::vector<std::string> notes;
  for (Renaming& renaming : rename(spec)) notes.push_back(std::move(renaming.text));
  return notes;
}

std::string hint_of_old_names(const Json& spec, const std::string& message) {
  if (!spec.is_object()) return {};
  Json renamed = spec;
  std::string hint;
  for (const Renaming& renaming : rename(renamed)) {
    const auto is_meant = [&](const std::string& refusal) {
      return message.find(refusal) != std::string::npos;
    };
    if (std::any_of(renaming.refusals.begin(), renaming.refusals.end(), is_meant))
      hint += "; " + renaming.text;
  }
  return hint;
}

}  // namespace bncollapse::study
