#include "permutation.hpp"

#include <algorithm>
#include <utility>

namespace bncollapse::nets {

std::vector<std::int64_t> permutation(std::int64_t count, const CounterRandom& random) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> keyed;
  keyed.reserve(static_cast<std::size_t>(count));
  for (std::int64_t index = 0; index < count; ++index) {
    keyed.emplace_back(random.bits64(static_cast<std::uint64_t>(index)), index);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::int64_t> order;
  order.reserve(keyed.size());
  for (const auto& [key, index] : keyed) {
    order.push_back(index);
  }
  return order;
}

}  // namespace bncollapse::nets
