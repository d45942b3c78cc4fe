#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// The fields that a spec gives and that count at none of its points, as model.noise.dof where the law is
/// gaussian: a note about each, for the user.
/// @param given, resolved  the spec as its file has it, and with every value
/// @param assignment       of a point: its keys are the fields that the sweep moves
std::vector<std::string> notes_on_unused_fields(const FieldSchema& schema, const Json& given,
                                                const Json& resolved, const Json& assignment);

}  // namespace bncollapse::study
