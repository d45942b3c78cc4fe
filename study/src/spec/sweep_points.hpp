#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/training_point.hpp"

namespace bncollapse::study {

// The points of a spec whose sections are valid, each built from the fields that it shares and its own.
// `file` is named in messages, `given` is what the file holds, `resolved` has every value. They throw
// InputError naming file, place and remedy where a combination of values makes no experiment, or a check cannot
// be made of it.

std::vector<Point> neuron_points(const std::string& file, const Json& given, const Json& resolved);

std::vector<TrainingPoint> training_points(const std::string& file, const Json& given, const Json& resolved);

}  // namespace bncollapse::study
