#include "bncollapse/sim/estimates.hpp"

#include <limits>
#include <numeric>

namespace bncollapse::sim {

std::int64_t Histogram::total() const { return std::accumulate(counts.begin(), counts.end(), below + above); }

double Histogram::quantile(double probability) const {
  const double wanted = probability * static_cast<double>(total());
  double reached = static_cast<double>(below);
  if (wanted < reached || (below > 0 && wanted == 0)) return -std::numeric_limits<double>::infinity();
  const double width = (bins.upper - bins.lower) / static_cast<double>(bins.count);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double here = static_cast<double>(counts[i]);
    if (here > 0 && wanted <= reached + here) {
      return bins.lower + width * (static_cast<double>(i) + (wanted - reached) / here);
    }
    reached += here;
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace bncollapse::sim
