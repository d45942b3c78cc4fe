#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// The fields that a spec gives and that count at none of its points, as model.noise.dof where the law is
/// gaussian: a note about each, for the user.
/// @param given, resolved  the spec as its file has it, and with every value
std::vector<std::string> notes_on_unused_fields(const FieldSchema& schema, const Json& given,
                                                const Json& resolved);

}  // namespace bncollapse::study
