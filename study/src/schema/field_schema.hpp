#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/fields/range.hpp"
#include "bncollapse/study/json.hpp"
#include "schema/place.hpp"

namespace bncollapse::study {

using fields::above;
using fields::at_least;
using fields::from_to;
using fields::largest_count;
using fields::Range;

struct Field;
struct Alternative;

/// A field beside another has one of these names.
struct Condition {
  std::string key;
  std::vector<std::string> names;
};

/// One value of a JSON document: what it may be, its default and its meaning. Validation, the resolved spec,
/// the JSON Schema and the table of defaults all derive from it.
struct FieldSchema {
  enum class Kind {
    number,
    integer,
    boolean,
    text,
    object,   ///< `fields`; of the keys in `exactly_one`, one and only one
    mapping,  ///< an object with `min_items` or more keys of any name, of `parts[0]`
    list,     ///< of `parts[0]`, `min_items` to `max_items`
    tagged,   ///< an object whose key `tag` names one of `alternatives`
    one_of,   ///< one of `parts`, told apart by JSON type
  };
  Kind kind = Kind::object;
  std::string help;
  std::optional<Json> default_value;  ///< the value where it is left out
  bool optional = false;              ///< without `default_value`: may be left out, and then stays out
  bool nullable = false;
  Range range;
  std::vector<std::string> choices;        ///< text: the allowed ones; empty allows all
  std::vector<std::string> choice_helps;   ///< what they mean, as many or none
  std::vector<std::string> choice_labels;  ///< for figures, as many or none; empty: the name
  std::string pattern;                     ///< text: a regular expression
  std::vector<Field> fields;
  std::vector<std::string> exactly_one;
  std::vector<FieldSchema> parts;
  std::size_t min_items = 0, max_items = 1'000'000;
  std::string tag;
  std::vector<Alternative> alternatives;
  std::string symbol, unit;  ///< for people
  std::string label;         ///< for figures; empty: the field's name
  Condition only_for;        ///< it counts there alone; empty: everywhere
  bool is_fixed = false;     ///< a sweep does not move it

  FieldSchema&& defaults_to(Json value) &&;
  FieldSchema&& or_null() &&;
  FieldSchema&& left_out_if_absent() &&;
};

struct Field {
  std::string name;
  FieldSchema value;
  std::string instead_of = {};  ///< the key that this one replaces: never both, and no default for the other
  std::vector<std::string> goes_with =
      {};  ///< some of the object's `exactly_one`: required beside them alone
};

struct Alternative {
  std::string name;
  FieldSchema value;  ///< an object, without the tag
};

FieldSchema number(std::string help, Range range = {});
FieldSchema integer(std::string help, Range range);
FieldSchema boolean(std::string help);
FieldSchema text(std::string help, std::vector<std::string> choices = {});
FieldSchema object(std::string help, std::vector<Field> fields);
FieldSchema mapping(std::string help, FieldSchema value, std::size_t min_keys = 0);
FieldSchema list(std::string help, FieldSchema item, std::size_t min_items = 0,
                 std::size_t max_items = 1'000'000);
FieldSchema tagged(std::string help, std::string tag, std::vector<Alternative> alternatives);
FieldSchema one_of(std::string help, std::vector<FieldSchema> parts);

/// `value` checked against its schema, with defaults filled in and keys in the schema's order. Throws
/// InputError.
Json resolve(const FieldSchema& schema, const Json& value, const Place& place);

/// What a value may be: "a number from 0 to 1", "one of a, b".
std::string type_text(const FieldSchema& schema);

/// What a field means, with its symbol, its unit and where it applies.
std::string help_text(const FieldSchema& schema);

/// The same as a JSON Schema (draft 2020-12).
Json json_schema(const FieldSchema& schema);

/// A field of an object or of the objects inside it, as "optimizer.learning_rate", that a sweep can move: a
/// number or one of several names. Where an object is tagged, `value` tells the alternative.
struct SweepableField {
  std::string path;
  const FieldSchema* schema;
};
std::vector<SweepableField> sweepable_fields(const FieldSchema& schema, const Json& value);

}  // namespace bncollapse::study
