#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/validate.hpp"
#include "bncollapse/study/errors.hpp"

namespace bncollapse::cli {

/// The options of a verb that set the fields of structs: one per field, called as the field, with its symbol
/// as an alias ("--noise-std,--noise-sigma").
class FieldOptions {
 public:
  explicit FieldOptions(CLI::App& app) : app_(app) {}

  /// Adds an option for each field of `value`, which must outlive the parsing. Its default is the member.
  /// @param group     goes before the names of the fields: "noise" gives --noise-std
  /// @param required  fields that must be given
  /// @param aliases   {field, a further name of the option}
  template <fields::HasFields Struct>
  void add(Struct& value, const std::string& group, const std::vector<std::string>& required = {},
           const std::vector<std::pair<std::string, std::string>>& aliases = {});

  /// Throws study::InputError naming the option: an enumerator that is none, a number outside its range, an
  /// option that does not count beside the others.
  template <fields::HasFields Struct>
  void check(const Struct& value, const std::string& group) const;

  /// The option of a field's path: "noise.std" is --noise-std; the path itself where there is none.
  std::string option_of(const std::string& path) const;

 private:
  CLI::App& app_;
  std::vector<std::pair<std::string, CLI::Option*>> options_;  ///< a field's path, its option
};

/// "--noise-std" of "noise.std".
std::string option_name(std::string_view path);

std::string comma_separated(const std::vector<std::string>& names);
/// "is GIVEN; it must be one of NAMES", with a hint at the likely one.
std::string not_one_of(const std::string& given, const std::vector<std::string>& names);

/// Checks of an option: a value in the range; one of the names, with a hint at the likely one.
CLI::Validator in_range(const fields::Range& range);
CLI::Validator one_of(std::vector<std::string> names);

template <fields::HasFields Struct>
void FieldOptions::add(Struct& value, const std::string& group, const std::vector<std::string>& required,
                       const std::vector<std::pair<std::string, std::string>>& aliases) {
  fields::for_each_field(value, [&]<class Row, class Member>(const Row& row, Member& member) {
    const std::string path = fields::joined_path(group, row.name), name = option_name(path);
    std::string names = name, help(row.help);
    const std::string symbol = option_name(fields::joined_path(group, row.symbol.name));
    if (!row.symbol.name.empty() && symbol != name) names += "," + symbol;
    for (const auto& [field, alias] : aliases) {
      if (field == row.name) names += ",--" + alias;
    }
    if (!row.only_for.key.empty()) help += "; only for " + fields::condition_text(row.only_for);
    const std::string range = row.range.text();
    CLI::Option* option = nullptr;
    if constexpr (fields::Enumerated<Member>) {
      const std::vector<std::string> choices = fields::names_of<Member>();
      const CLI::callback_t read = [&member, name, choices](const CLI::results_t& given) {
        const auto found = fields::enumerator_of<Member>(given.front());
        if (!found) throw CLI::ValidationError(name, not_one_of(given.front(), choices));
        member = *found;
        return true;
      };
      option = app_.add_option(names, read, help + ": " + comma_separated(choices))->type_name("NAME");
      option->default_str(std::string(fields::name_of(member)));
    } else {
      option = app_.add_option(names, member, range.empty() ? help : help + ", " + range);
      if constexpr (fields::is_number<Member>)
        option->default_str(fields::number_text(static_cast<double>(member)));
    }
    options_.emplace_back(path, option);
    for (const std::string& field : required) {
      if (field == row.name) option->required()->default_str("");
    }
  });
}

template <fields::HasFields Struct>
void FieldOptions::check(const Struct& value, const std::string& group) const {
  fields::for_each_field(value, [&]<class Row, class Member>(const Row& row, const Member&) {
    const std::string path = fields::joined_path(group, row.name);
    for (const auto& [known, option] : options_) {
      if (known == path && option->count() > 0 && !fields::applies(value, row)) {
        throw study::InputError(option_name(path) + " applies only to " +
                                option_of(fields::joined_path(group, row.only_for.key)) + " " +
                                fields::names_text(row.only_for) + "; leave it out");
      }
    }
  });
  try {
    fields::validate(value, group);
  } catch (const fields::InvalidArgument& error) {
    throw study::InputError(option_of(error.argument()) + " " + error.problem());
  }
}

}  // namespace bncollapse::cli
