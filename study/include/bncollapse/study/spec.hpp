#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/training_point.hpp"

namespace bncollapse::study {

/// The version of the spec's format, the value of its key `bncollapse`.
inline constexpr int spec_version = 2;

/// An experiment as its author wrote it and as it is run.
struct Spec {
  std::string file;  ///< where it was read, for messages
  Json given;        ///< what the file holds, in this version's names
  Json resolved;     ///< every value, defaults filled in, files as absolute paths with their SHA-256
  std::vector<std::string> notes = {};  ///< for the user: old names, fields that do not count
  // The sweep's points in order (grid: the last axis moves fastest), of one of the two kinds.
  std::vector<Point> points = {};
  std::vector<TrainingPoint> trainings = {};

  /// Whether it trains networks (it has the key `network`), not simulates a neuron.
  bool is_network() const;

  /// How many points its sweep has.
  std::size_t count_points() const { return is_network() ? trainings.size() : points.size(); }

  std::string name() const { return resolved.at("name").get<std::string>(); }

  /// SHA-256 of `resolved` without the paths of its tables, in hexadecimal: the identity of the experiment
  /// (its seed included).
  std::string sha256() const;
};

/// Reads and validates a spec and makes its points. Throws InputError that names the file, the
/// place (line and column of a syntax error, else the JSON path), what is wrong and what is allowed.
Spec read_spec(const std::string& path);

/// The same from a text; `file` is used in messages and to find files that the spec names.
Spec parse_spec(std::string_view text, const std::string& file);

/// The JSON Schema (draft 2020-12) of a spec of either kind.
Json spec_schema();

/// Every field of both kinds of spec, as Markdown (docs/SPEC.md).
std::string spec_reference();

/// What figures call the fields of both kinds of spec and their values, by the fields' paths: label, symbol,
/// values (plots/field_labels.json). A field or value that goes by its name is left out.
Json field_labels();

/// A valid spec of a neuron, and one of a network, that holds every default.
Json spec_defaults();
Json network_spec_defaults();

}  // namespace bncollapse::study
