#include "single_sample_drift.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "infinity.hpp"
#include "laws/reflected_law.hpp"
#include "noise.hpp"
#include "quadrature.hpp"
#include "rectifier_segment.hpp"

namespace bncollapse::theory {

namespace {

constexpr double rounding = 8 * std::numeric_limits<double>::epsilon();

/// What a relative rounding of an argument does to a law's tail there, at most (Gaussian: about x^2).
double sensitivity(double x) { return 1 + std::min(x * x, 1e3); }

/// P's change by the step -t (x, 1) of (scale, shift), scale >= 0.
class ProbabilityChange {
 public:
  ProbabilityChange(const Law& law, const FreshSample& fresh)
      : law_(law),
        scale_(fresh.scale),
        shift_(fresh.shift),
        root_(fresh.scale > 0 ? fresh.root()
              : shift_ > 0    ? -infinity
                              : infinity),
        upper_side_(law.survival(root_) <= 0.5),
        side_(upper_side_ ? law.survival(root_) : law.cdf(root_)),
        breaks_(law.breakpoints()) {
    if (!std::isfinite(root_)) return;
    density_ = law.pdf(root_);
    for (const double x : breaks_)
      jumps_.push_back(law.pdf(std::nextafter(x, infinity)) - law.pdf(std::nextafter(x, -infinity)));
    choose_reach();
  }

  double root() const { return root_; }
  double density() const { return density_; }
  const std::vector<double>& breaks() const { return breaks_; }

  /// The sum of the changes by t = mean +- deviation.
  Estimate pair(double mean, double deviation, double x) const {
    const double t[] = {mean + deviation, mean - deviation};
    const double left[] = {scale_ - t[0] * x, scale_ - t[1] * x};
    if (left[0] > 0 && left[1] > 0 && std::isfinite(root_)) {
      const double lead = 1 + root_ * x;
      const double moved[] = {t[0] * lead / left[0], t[1] * lead / left[1]};
      if (std::abs(moved[0]) <= reach_ && std::abs(moved[1]) <= reach_) {
        const double first = density_ * (lead / scale_) * 2 * mean;
        const double turned =
            density_ * (lead / scale_) * x * (t[0] * (t[0] / left[0]) + t[1] * (t[1] / left[1]));
        const double curved[] = {curvature(moved[0]), curvature(moved[1])};
        const double size = std::abs(first) + std::abs(turned) + std::abs(curved[0]) + std::abs(curved[1]);
        return {-(first + turned + curved[0] + curved[1]), rounding * sensitivity(root_) * size};
      }
    }
    return change(t[0], x) + change(t[1], x);
  }

 private:
  /// P after the step minus P, each from the tail that is small before the step.
  Estimate change(double t, double x) const {
    const double scale = scale_ - t * x;
    const double shift = shift_ - t;
    double after = 0;
    double threshold = 0;
    if (scale == 0) {
      after = (shift > 0) == upper_side_ ? 1 : 0;
    } else {
      threshold = -shift / scale;
      after = (scale > 0) == upper_side_ ? law_.survival(threshold) : law_.cdf(threshold);
    }
    const double error =
        rounding * (std::min(after, 1 - after) * sensitivity(threshold) + after + side_ * sensitivity(root_));
    return {upper_side_ ? after - side_ : side_ - after, error};
  }

  /// integral from 0 to d of p(r + y) - p(r) dy = integral of (d - y) p'(r + y) dy and, for a jump J of p at
  /// r + b, J |d - b|, half of it where b = 0, since p(r) is then the mean of both sides.
  double curvature(double d, int panels = 1) const {
    double sum = 0;
    double from = 0;
    const auto add = [&](double to) {
      for (int i = 0; i < panels; ++i)
        sum += curved_panel(d, from + (to - from) * i / panels, (to - from) / panels);
      from = to;
    };
    const auto pass = [&](std::size_t i) {
      const double b = breaks_[i] - root_;
      add(b);
      sum += jumps_[i] * std::abs(d - b) * (b == 0 ? 0.5 : 1);
    };
    const auto first = std::lower_bound(breaks_.begin(), breaks_.end(), std::min(root_, root_ + d));
    const auto last = std::upper_bound(first, breaks_.end(), std::max(root_, root_ + d));
    const auto begin = static_cast<std::size_t>(first - breaks_.begin());
    const auto end = static_cast<std::size_t>(last - breaks_.begin());
    for (std::size_t i = begin; i < end; ++i) pass(d > 0 ? i : begin + end - 1 - i);
    add(d);
    return sum;
  }

  /// integral of (d - y) p'(r + y) over `length` from `from` on.
  double curved_panel(double d, double from, double length) const {
    if (length == 0) return 0;
    using Rule = boost::math::quadrature::gauss<double, 5>;
    const double half = 0.5 * length;
    const double middle = from + half;
    const auto term = [&](double y) { return (d - y) * law_.pdf_derivative(root_ + y); };
    double sum = Rule::weights()[0] * term(middle);
    for (std::size_t i = 1; i < Rule::abscissa().size(); ++i) {
      const double offset = half * Rule::abscissa()[i];
      sum += Rule::weights()[i] * (term(middle - offset) + term(middle + offset));
    }
    return half * sum;
  }

  /// Shrinks the range of the expansion until its rule agrees with itself on halves.
  void choose_reach() {
    reach_ = 1e-2 / (1 + std::abs(root_));
    const auto differs = [&](double d) {
      const double whole = curvature(d);
      return std::abs(whole - curvature(d, 2)) > 1e-12 * std::abs(whole);
    };
    for (int i = 0; i < 20 && (differs(reach_) || differs(-reach_)); ++i) reach_ /= 4;
  }

  const Law& law_;
  double scale_;
  double shift_;
  double root_;
  bool upper_side_;
  double side_;  ///< P, or 1 - P where that is the smaller
  double density_ = 0;
  double reach_ = 0;
  std::vector<double> breaks_;
  std::vector<double> jumps_;
};

/// The mean over x and g. The inner integral is over z = |g - mean| / sigma, the outer one over x.
class SingleSampleDrift {
 public:
  SingleSampleDrift(const Law& law, const Neuron& neuron, const Noise& noise, const FreshSample& fresh,
                    const Pause& pause)
      : law_(law),
        neuron_(neuron),
        distribution_(noise),
        fresh_(fresh),
        change_(law, fresh),
        pause_(pause),
        unit_(fresh.rate * noise.std),
        mean_(fresh.rate * noise.mean),
        negligible_(negligible_probability()),
        farthest_(noise.std > 0 ? distribution_.farthest(negligible_) : 0) {}

  Quadrature operator()() const {
    const auto may_refine = [this] { return work_ < budget; };
    Integral sum;
    // What is cut off changes P by at most 1.
    double error = std::numeric_limits<double>::min();
    for (const RectifierSegment& segment : rectifier_segments(neuron_)) {
      if (segment.derivative == 0) continue;
      const double share = law_.survival(segment.from) - law_.survival(segment.to);
      const double open = std::isinf(segment.to)     ? law_.survival(segment.from)
                          : std::isinf(segment.from) ? law_.cdf(segment.to)
                                                     : share;
      if (open == 0) continue;
      const double cut = std::max(negligible_ * open, 1e-300);
      const double lower = std::max(segment.from, law_.quantile(cut));
      const double upper = std::min(segment.to, law_.upper_quantile(cut));
      error += 2 * cut + 2 * negligible_ * open;
      if (!(lower < upper)) continue;
      const auto weighted = [&](double x) {
        const double density = law_.pdf(x);
        if (density == 0) return Estimate();
        const Estimate mean = mean_change(x, segment.derivative);
        return Estimate(density * mean.value, density * mean.error);
      };
      const Integral part =
          integrate(weighted, outer_points(segment.derivative, lower, upper), 1e-10, 300, may_refine);
      sum.value += part.value;
      error += part.error;
    }
    return {sum.value, error};
  }

 private:
  static constexpr std::int64_t budget = 1'000'000;  ///< pairs; beyond it panels are not refined

  /// A probability that is small beside epsilon^2 p(r), the size of the drift.
  double negligible_probability() const {
    const double size = std::min(1.0, std::hypot(unit_, mean_) / std::max(fresh_.scale, 1e-300));
    const double density = std::isfinite(change_.root()) ? std::clamp(change_.density(), 1e-100, 1.0) : 1;
    return std::max(1e-15 * size * size * density, 1e-290);
  }

  void count_pair() const {
    constexpr std::int64_t between_pauses = 4096;
    if (++work_ % between_pauses == 0 && pause_) pause_();
  }

  /// The mean over g of P's change by the sample x.
  Estimate mean_change(double x, double derivative) const {
    if (distribution_.is_discrete()) {
      count_pair();
      const Estimate pair = change_.pair(derivative * mean_, derivative * unit_, x);
      return {0.5 * pair.value, 0.5 * pair.error};
    }
    const auto may_refine = [this] { return work_ < budget; };
    const auto weighted = [&](double z) {
      count_pair();
      const Estimate pair = change_.pair(derivative * mean_, derivative * unit_ * z, x);
      const double density = distribution_.standard_density(z);
      return Estimate(density * pair.value, density * pair.error);
    };
    const Integral part = integrate(weighted, inner_points(x, derivative), 1e-11, 60, may_refine);
    return {part.value, part.error};
  }

  /// Panels for z: of the noise's scale, and beside the steps that turn gamma over or move the threshold by
  /// its scale.
  std::vector<double> inner_points(double x, double derivative) const {
    std::vector<double> points{0, farthest_};
    const auto add = [&](double z) {
      if (0 < z && z < farthest_) points.push_back(z);
    };
    for (double z = 1; z < farthest_; z *= z < 16 ? 2 : 8) add(z);
    const auto add_step = [&](double t, bool graded) {
      for (const double z : {(t - derivative * mean_) / (derivative * unit_),
                             (derivative * mean_ - t) / (derivative * unit_)}) {
        add(z);
        if (!graded) continue;
        add(z / 4);
        for (double wider = 4 * z; wider > 1e-20 && wider < 1; wider *= 16) add(wider);
        add(4 * z);
      }
    };
    const double root = change_.root();
    if (x != 0) add_step(fresh_.scale / x, true);
    if (std::isfinite(root)) {
      const double lead = std::abs(1 + root * x) * (1 + std::abs(root));
      if (lead > 0) add_step(fresh_.scale / lead, true), add_step(-fresh_.scale / lead, true);
    } else {
      add_step(fresh_.shift, true);
    }
    for (const double b : change_.breaks()) {
      if (1 + b * x != 0) add_step(fresh_.margin(b) / (1 + b * x), false);
    }
    std::sort(points.begin(), points.end());
    return points;
  }

  /// Panels for x: of the law's scale, and where a step of the noise's edge turns gamma over or reaches a
  /// break.
  std::vector<double> outer_points(double derivative, double lower, double upper) const {
    std::vector<double> points{lower, upper};
    const auto add = [&](double x) {
      if (lower < x && x < upper) points.push_back(x);
    };
    const double near = 1 / (1 + std::min(std::abs(lower), std::abs(upper)));
    for (double y = near; lower + y < upper && y < 4; y *= 2) add(lower + y);
    for (double y = near; upper - y > lower && y < 4; y *= 2) add(upper - y);
    add(0);
    for (double x = 0.5; x < std::max(std::abs(lower), std::abs(upper)); x *= x < 32 ? 2 : 8) {
      add(x);
      add(-x);
    }
    for (const double b : change_.breaks()) add(b);
    const double root = change_.root();
    const double turn = fresh_.scale / (derivative * std::hypot(unit_, mean_));
    const auto graded = [&](double centre, double width) {
      add(centre);
      for (double y = std::max(width, 1e-12 * (1 + std::abs(centre))); y < 1; y *= 8) {
        add(centre + y);
        add(centre - y);
      }
    };
    graded(0, turn / 4);
    if (std::isfinite(root) && root != 0)
      graded(-1 / root, turn / (4 * std::abs(root) * (1 + std::abs(root))));
    for (const double z : distribution_.standard_edges()) {
      for (const double t : {derivative * (mean_ + unit_ * z), derivative * (mean_ - unit_ * z)}) {
        if (t == 0) continue;
        add(fresh_.scale / t);
        for (const double b : change_.breaks()) {
          if (b != 0) add((fresh_.margin(b) / t - 1) / b);
        }
      }
    }
    std::sort(points.begin(), points.end());
    return points;
  }

  const Law& law_;
  const Neuron& neuron_;
  NoiseDistribution distribution_;
  FreshSample fresh_;
  ProbabilityChange change_;
  const Pause& pause_;
  double unit_;
  double mean_;
  double negligible_;
  double farthest_;
  mutable std::int64_t work_ = 0;
};

}  // namespace

Quadrature single_sample_drift(const Law& law, const Neuron& neuron, const Noise& noise,
                               const FreshSample& fresh, const Pause& pause) {
  if (fresh.scale >= 0) return SingleSampleDrift(law, neuron, noise, fresh, pause)();
  const ReflectedLaw reflected(LawPtr(LawPtr(), &law));
  Neuron mirrored = neuron;
  mirrored.gamma = -neuron.gamma;
  FreshSample upright = fresh;
  upright.scale = -fresh.scale;
  return SingleSampleDrift(reflected, mirrored, noise, upright, pause)();
}

}  // namespace bncollapse::theory
