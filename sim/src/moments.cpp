#include "host/moments.hpp"

#include <cmath>
#include <limits>

namespace bncollapse::sim {

Moments merged(const Moments& a, const Moments& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const std::int64_t count = a.count + b.count;
  const double share = static_cast<double>(b.count) / static_cast<double>(count);
  const double delta = b.mean - a.mean;
  return {count, a.mean + delta * share,
          a.square_sum + b.square_sum + delta * delta * share * static_cast<double>(a.count)};
}

Mean to_mean(const Moments& moments) {
  const double count = static_cast<double>(moments.count);
  const double error = moments.count > 1 ? std::sqrt(moments.square_sum / (count - 1) / count)
                                         : std::numeric_limits<double>::infinity();
  return {moments.mean, error, moments.count};
}

Mean to_share(std::int64_t hits, std::int64_t count) {
  const double share = static_cast<double>(hits) / static_cast<double>(count);
  return to_mean({count, share, share * static_cast<double>(count - hits)});
}

}  // namespace bncollapse::sim
