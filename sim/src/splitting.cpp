#include "splitting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "host/moments.hpp"
#include "host/plan_experiment.hpp"
#include "particle.hpp"

namespace bncollapse::sim {
namespace {

/// One replica: a population of particles and its draws.
class Population {
 public:
  Population(const Experiment& experiment, const StepPlan<double>& plan, const Kernels& kernels,
             std::int64_t replica)
      : experiment_(experiment),
        splitting_(*experiment.splitting),
        plan_(plan),
        kernels_(kernels),
        replica_(static_cast<std::uint64_t>(replica)) {}

  /// The estimate of this replica.
  double run(Progress& progress) {
    const double estimate = estimated(progress);
    show(1, progress);
    return estimate;
  }

  std::int64_t work() const { return work_; }

 private:
  double estimated(Progress& progress) {
    start();
    advance_all(progress);
    double survived = 1;
    const auto size = static_cast<double>(particles_.size());
    const double final_level = plan_.upper_threshold;
    for (;;) {
      const double level = level_to_pass();
      if (level >= final_level) {
        const auto arrived = select([&](double score) { return score >= final_level; }).size();
        return survived * static_cast<double>(arrived) / size;
      }
      const std::vector<std::size_t> passed = select([&](double score) { return score > level; });
      const std::vector<std::size_t> killed = select([&](double score) { return score <= level; });
      if (passed.empty()) return 0;
      survived *= static_cast<double>(passed.size()) / size;
      show((level - initial_score()) / (final_level - initial_score()), progress);
      replace(killed, passed, level, progress);
    }
  }

  void start() {
    const auto& point = std::get<InitialPoint>(experiment_.initial);
    particles_.assign(static_cast<std::size_t>(splitting_.particles),
                      Particle{{{initial_score(), 0, point.gamma, point.beta}}});
  }

  double initial_score() const {
    const auto& point = std::get<InitialPoint>(experiment_.initial);
    return -(point.beta + plan_.alpha) / std::fabs(point.gamma);
  }

  void show(double share, Progress& progress) {
    progress.add_splitting((share - shown_) / static_cast<double>(splitting_.replicas));
    shown_ = share;
  }

  void advance_all(Progress& progress) {
    std::vector<Particle*> all;
    for (Particle& particle : particles_) all.push_back(&particle);
    advance(all, progress);
  }

  /// The score that the weakest kill_share of the particles do not pass, at least one of them.
  double level_to_pass() const {
    std::vector<double> scores;
    for (const Particle& particle : particles_) scores.push_back(particle.max_score());
    const auto weakest = static_cast<std::ptrdiff_t>(
        std::max(0.0, std::ceil(splitting_.kill_share * static_cast<double>(scores.size())) - 1));
    std::nth_element(scores.begin(), scores.begin() + weakest, scores.end());
    return scores[static_cast<std::size_t>(weakest)];
  }

  template <class Test>
  std::vector<std::size_t> select(Test test) const {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < particles_.size(); ++i) {
      if (test(particles_[i].max_score())) chosen.push_back(i);
    }
    return chosen;
  }

  void replace(const std::vector<std::size_t>& killed, const std::vector<std::size_t>& passed, double level,
               Progress& progress) {
    std::vector<Particle*> copies;
    for (const std::size_t i : killed) {
      const Particle& parent = particles_[passed[choose(passed.size())]];
      const auto above = std::find_if(parent.path.begin(), parent.path.end(),
                                      [&](const Checkpoint& checkpoint) { return checkpoint.score > level; });
      particles_[i].path.assign(parent.path.begin(), above + 1);
      copies.push_back(&particles_[i]);
    }
    advance(copies, progress);
  }

  /// One of `count`, uniformly: the high half of a 32-bit word times count.
  std::size_t choose(std::size_t count) {
    const auto words = philox4x32_10(
        {static_cast<std::uint32_t>(choices_++), static_cast<std::uint32_t>(RandomPurpose::choice) << 24,
         static_cast<std::uint32_t>(replica_), 0},
        plan_.key);
    const std::uint64_t word = std::uint64_t{words[0]} << 32 | words[1];
    return static_cast<std::size_t>((word >> 32) * count >> 32);
  }

  void advance(const std::vector<Particle*>& particles, Progress& progress) {
    const double rate = experiment_.optimizer.learning_rate;
    for (const Particle* particle : particles) work_ += experiment_.steps - particle->path.back().step;
    const auto width = static_cast<std::size_t>(kernels_.float64.width);
    const Consent consent{[](const void* whom) {
                            const auto& watched = *static_cast<const Progress*>(whom);
                            return !watched.is_stopped() && !watched.abandoned();
                          },
                          &progress};
    for (std::size_t i = 0; i < particles.size(); i += width) {
      kernels_.advance_particles(plan_, rate, rate * experiment_.optimizer.weight_decay,
                                 plan_.upper_threshold, experiment_.steps,
                                 (replica_ << 40) + trajectories_ + i, particles.data() + i,
                                 static_cast<int>(std::min(width, particles.size() - i)), consent);
      if (!consent()) throw Interrupted();
      progress.add_splitting(0);  // the caller sees that it goes on
    }
    trajectories_ += (particles.size() + maximum_width - 1) / maximum_width * maximum_width;
  }

  const Experiment& experiment_;
  const Splitting& splitting_;
  const StepPlan<double>& plan_;
  const Kernels& kernels_;
  std::uint64_t replica_;
  std::vector<Particle> particles_;
  std::uint64_t trajectories_ = 0;  ///< trajectories' draws handed out
  std::uint64_t choices_ = 0;
  std::int64_t work_ = 0;
  double shown_ = 0;  ///< share of the way from the initial score to the threshold
};

}  // namespace

RareCollapse estimate_rare_collapse(const Experiment& experiment, const Kernels& kernels, int threads,
                                    Progress& progress) {
  const PlannedStep<double> planned(experiment);
  const std::int64_t replicas = experiment.splitting->replicas;
  std::vector<double> estimates(static_cast<std::size_t>(replicas));
  std::int64_t work = 0;
#pragma omp parallel for schedule(dynamic) num_threads(threads) reduction(+ : work)
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    try {
      Population population(experiment, planned.plan(), kernels, replica);
      estimates[static_cast<std::size_t>(replica)] = population.run(progress);
      work += population.work();
    } catch (...) {
      progress.fail(std::current_exception());
    }
  }
  progress.rethrow();
  Moments moments;
  for (const double estimate : estimates) moments = merged(moments, Moments{1, estimate, 0});
  return {to_mean(moments), work};
}

}  // namespace bncollapse::sim
