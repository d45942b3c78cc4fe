#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// The numbers that a field may take.
struct Range {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  bool lower_open = false;  ///< `lower` itself is not allowed
  bool upper_open = false;

  bool holds(double value) const;
  /// "from 0 to 1", "greater than 0", ...; empty where every number is allowed.
  std::string text() const;
};
inline Range at_least(double lower) { return {.lower = lower}; }
inline Range above(double lower) { return {.lower = lower, .lower_open = true}; }
inline Range from_to(double lower, double upper) { return {.lower = lower, .upper = upper}; }
/// [lower, upper)
inline Range from_below(double lower, double upper) {
  return {.lower = lower, .upper = upper, .upper_open = true};
}

/// A JSON value in a message: its first 200 bytes.
std::string shown(const Json& value);

struct Field;
struct Alternative;

/// One value of a JSON document: what it may be, its default and its meaning. Validation, the resolved spec,
/// the JSON Schema and the table of defaults all derive from it.
struct Description {
  enum class Kind {
    number,
    integer,
    boolean,
    text,
    object,   ///< `fields`; of the keys in `exactly_one`, one and only one
    mapping,  ///< an object with keys of any name, of `parts[0]`
    list,     ///< of `parts[0]`, `min_items` to `max_items`
    tagged,   ///< an object whose key `tag` names one of `alternatives`
    either,   ///< one of `parts`, told apart by JSON type
  };
  Kind kind = Kind::object;
  std::string help;
  std::optional<Json> fallback;  ///< the value where it is left out
  bool optional = false;         ///< without `fallback`: may be left out, and then stays out
  bool nullable = false;
  Range range;
  std::vector<std::string> choices;  ///< text: the allowed ones; empty allows all
  std::string pattern;               ///< text: a regular expression
  std::vector<Field> fields;
  std::vector<std::string> exactly_one;
  std::vector<Description> parts;
  std::size_t min_items = 0, max_items = 1'000'000;
  std::string tag;
  std::vector<Alternative> alternatives;

  Description&& defaults_to(Json value) &&;
  Description&& or_null() &&;
  Description&& left_out_if_absent() &&;
};

struct Field {
  std::string name;
  Description value;
  std::string instead_of = {};  ///< the key that this one replaces: never both, and no default for the other
};

struct Alternative {
  std::string name;
  Description value;  ///< an object, without the tag
};

Description number(std::string help, Range range = {});
Description integer(std::string help, Range range);
Description boolean(std::string help);
Description text(std::string help, std::vector<std::string> choices = {});
Description object(std::string help, std::vector<Field> fields);
Description mapping(std::string help, Description value);
Description list(std::string help, Description item, std::size_t min_items = 0,
                 std::size_t max_items = 1'000'000);
Description tagged(std::string help, std::string tag, std::vector<Alternative> alternatives);
Description either(std::string help, std::vector<Description> parts);

/// A place in a file, for messages: "FILE: PATH: ".
struct Place {
  std::string file;
  std::string path = {};

  Place key(std::string_view name) const;
  Place index(std::size_t position) const;
  /// Throws InputError "FILE: PATH: problem".
  [[noreturn]] void fail(const std::string& problem) const;
};

/// `value` checked against its description, defaults filled in, keys in the description's order. Throws
/// InputError.
Json resolve(const Description& description, const Json& value, const Place& place);

/// The description's JSON Schema (draft 2020-12).
Json schema(const Description& description);

/// A field of an object or of the objects inside it, as "optimizer.learning_rate", that a sweep can move: a
/// number or one of several names. Where an object is tagged, `value` tells the alternative.
struct SweepableField {
  std::string path;
  const Description* description;
};
std::vector<SweepableField> sweepable_fields(const Description& description, const Json& value);

}  // namespace bncollapse::study
