// The lane functions of one target, for tests.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "shared/random_streams.hpp"

namespace bncollapse::sim {

enum class LaneFunction { log, exp_of_negative, expm1_of_positive, normal_pdf, normal_survival };

struct LaneTable {
  std::string_view target;
  std::array<std::uint32_t, 4> (*philox_float)(const std::array<std::uint32_t, 4>& counter, PhiloxKey key);
  std::array<std::uint32_t, 4> (*philox_double)(const std::array<std::uint32_t, 4>& counter, PhiloxKey key);
  std::vector<float> (*values_float)(LaneFunction function, const std::vector<float>& x);
  std::vector<double> (*values_double)(LaneFunction function, const std::vector<double>& x);
  std::vector<float> (*normals_float)(std::uint32_t count);
  std::vector<double> (*normals_double)(std::uint32_t count);
};

/// The scalar lane's first, then those of the vector targets that this processor has.
std::vector<LaneTable> lane_tables();
LaneTable reference_lane_table();

}  // namespace bncollapse::sim
