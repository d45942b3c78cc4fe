// The lane functions on arrays, for one target.

#if defined(BNC_TEST_LANE_FUNCTIONS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_TEST_LANE_FUNCTIONS_HPP
#undef BNC_TEST_LANE_FUNCTIONS_HPP
#else
#define BNC_TEST_LANE_FUNCTIONS_HPP
#endif

#include <algorithm>
#include <string_view>
#include <vector>

#include "lane_table.hpp"
#include "shared/elementary.hpp"
#include "shared/philox.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class T>
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter, PhiloxKey key) {
  using V = Lane<T>;
  const std::uint64_t trajectory = std::uint64_t{counter[3]} << 32 | counter[2];
  const std::uint64_t lane = trajectory % V::width;
  const PhiloxStream<V> stream(key, static_cast<RandomPurpose>(counter[1] >> 24), counter[1] & 0xffffffU,
                               trajectory - lane);
  const Words<V> words = stream(counter[0]);
  const auto word_of = [&](typename V::Bits bits) {
    T high[V::width], low[V::width];
    to_real<V>(shift_right<16>(bits)).store(high);
    to_real<V>(bits & 0xffffU).store(low);
    return static_cast<std::uint32_t>(high[lane]) << 16 | static_cast<std::uint32_t>(low[lane]);
  };
  return {word_of(words.w0), word_of(words.w1), word_of(words.w2), word_of(words.w3)};
}

template <class T>
std::vector<T> function_values(LaneFunction function, const std::vector<T>& x) {
  using V = Lane<T>;
  std::vector<T> result;
  for (std::size_t i = 0; i < x.size(); i += V::width) {
    T in[V::width], out[V::width] = {};
    for (std::size_t j = 0; j < V::width; ++j) in[j] = x[std::min(i + j, x.size() - 1)];
    const V value = V::load(in);
    switch (function) {
      case LaneFunction::log:
        log(value).store(out);
        break;
      case LaneFunction::exp_of_negative:
        exp_of_negative(value).store(out);
        break;
      case LaneFunction::expm1_of_positive:
        expm1_of_positive(value).store(out);
        break;
      case LaneFunction::normal_pdf:
        normal_pdf(value).store(out);
        break;
      case LaneFunction::normal_survival:
        normal_survival(value).store(out);
        break;
    }
    for (std::size_t j = 0; j < V::width && i + j < x.size(); ++j) result.push_back(out[j]);
  }
  return result;
}

/// x and g of `count` blocks of trajectory 0 to V::width - 1, the first lane's.
template <class T>
std::vector<T> normals(std::uint32_t count) {
  using V = Lane<T>;
  const PhiloxStream<V> stream({1, 2}, RandomPurpose::step, 0, 0);
  std::vector<T> result;
  for (std::uint32_t block = 0; block < count; ++block) {
    const Words<V> words = stream(block);
    const Pair<V> pair = normal_pair<V>(words.w0, words.w1);
    T first[V::width], second[V::width];
    pair.first.store(first);
    pair.second.store(second);
    result.insert(result.end(), {first[0], second[0]});
  }
  return result;
}

inline LaneTable lane_table(std::string_view target) {
  return {target,         philox<float>,  philox<double>, function_values<float>, function_values<double>,
          normals<float>, normals<double>};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
