#pragma once

#include <cstdint>
#include <functional>

namespace bncollapse::theory {

/// sum_{j=from}^{to-1} f(j) for f that is smooth between the integers too, in about log(to - from)
/// evaluations: Gauss's rule for the sum over 2^n integers (its orthogonal polynomials are Gram's), halved
/// until two levels differ by at most `tolerance` of the sum so far, or by 1e-25. Sums of up to 32 terms are
/// direct.
double smooth_sum(const std::function<double(double)>& f, std::int64_t from, std::int64_t to,
                  double tolerance);

}  // namespace bncollapse::theory
