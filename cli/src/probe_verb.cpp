#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bncollapse/nets/fields.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/run.hpp"
#include "bncollapse/study/train.hpp"
#include "text_table.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

struct ProbeOptions {
  std::string folder;
  std::string data = "data/cifar-10";
  std::int64_t point = -1;
  study::ProbeRequest request;
  bool json = false;
};

/// How the noise's measured part of the drift compares with Theorem 1, over a point's channels.
struct Agreement {
  std::int64_t channels = 0;
  std::int64_t resolved = 0;  ///< the measured part is more than two standard errors from 0
  std::int64_t same_sign = 0;
  double measured = 0, predicted = 0;  ///< sums over all channels
};

Agreement compare(const std::vector<study::ProbedChannel>& channels) {
  Agreement result;
  for (const study::ProbedChannel& channel : channels) {
    const study::OneStep& step = channel.step;
    const double measured = step.drift_measured - step.drift_signal;
    ++result.channels;
    result.measured += measured;
    result.predicted += step.drift_theorem1;
    if (std::abs(measured) <= 2 * step.standard_error) continue;
    ++result.resolved;
    if (std::signbit(measured) == std::signbit(step.drift_theorem1)) ++result.same_sign;
  }
  return result;
}

int probe(const ProbeOptions& options) {
  const std::filesystem::path folder = options.folder;
  const study::Spec spec = study::read_spec((folder / "spec.resolved.json").string());
  if (!spec.is_network()) {
    throw study::InputError(options.folder +
                            ": is not a run of `bncollapse train`; there is nothing to probe");
  }
  study::NetworkStore store(folder, spec);
  const std::set<std::int64_t> finished = store.finished_points();
  std::vector<std::vector<std::string>> rows{
      {"point", "channels", "told from 0", "same sign as Theorem 1", "sum measured", "sum predicted"}};
  study::Json list = study::Json::array();
  for (const study::TrainingPoint& point : spec.trainings) {
    if (options.point >= 0 ? point.index != options.point : !finished.contains(point.index)) continue;
    const auto channels =
        study::probe_point(store, point, study::load_data(point.data, options.data), folder, options.request);
    const Agreement agreement = compare(channels);
    rows.push_back({fmt::format("{} {}", point.index, point.parameters.dump()),
                    std::to_string(agreement.channels), std::to_string(agreement.resolved),
                    std::to_string(agreement.same_sign), fmt::format("{:.4g}", agreement.measured),
                    fmt::format("{:.4g}", agreement.predicted)});
    list.push_back({{"point", point.index},
                    {"parameters", point.parameters},
                    {"channels", agreement.channels},
                    {"resolved", agreement.resolved},
                    {"same_sign", agreement.same_sign},
                    {"measured", agreement.measured},
                    {"predicted", agreement.predicted}});
  }
  if (list.empty()) {
    throw study::InputError(options.folder +
                            ": has no finished training to probe; finish it with `bncollapse train "
                            "... --resume`, or name one with --point");
  }
  if (options.json)
    fmt::print("{}\n", study::Json{{"folder", options.folder}, {"points", list}}.dump(2));
  else
    fmt::print("{}", text_table(rows));
  return 0;
}

}  // namespace

Verb probe_verb(CLI::App& program) {
  auto options = std::make_shared<ProbeOptions>();
  CLI::App* app = program.add_subcommand(
      "probe",
      "What one SGD step does to the activation probability of a network's channels, beside Theorem 1");
  app->add_option("DIR", options->folder, "The folder of a run of `bncollapse train`")->required();
  app->add_option("--data", options->data, "Folder of CIFAR-10's binary files (default: data/cifar-10)");
  app->add_option("--point", options->point, "Probe only this point (default: every finished one)")
      ->check(CLI::Range(0, 1'000'000'000));
  app->add_option(
         "--round", options->request.round,
         "The round at whose end the network is probed; the run must have kept its checkpoint (default: the "
         "last)")
      ->check(CLI::Range(1, 1000));
  app->add_option(
      "--batches", options->request.batches,
      "Number of mini-batches, at most those of an epoch (default: 100, or all if an epoch has fewer)");
  app->add_option("--learning-rate", options->request.learning_rate,
                  "Learning rate of the step (default: that of the training at a round's start)")
      ->check(CLI::PositiveNumber);
  app->add_flag("--json", options->json, "One JSON object on stdout");
  app->footer(
      "Measures the drift of each channel: the mean change of its P (by the Gaussian formula) in one step\n"
      "with the gradients of one mini-batch. The mean gradient makes the first-order part of the drift.\n"
      "What is left comes from the noise of the gradients. Theorem 1 predicts it from the variance of\n"
      "beta's gradient. The numbers of every channel go into the table `probe` of the store.\n"
      "Examples:\n"
      "  bncollapse probe results/rounds\n"
      "  bncollapse probe results/rounds --point 0 --learning-rate 0.01 --json\n"
      "  bncollapse export results/rounds --table probe");
  return {app, [options] { return probe(*options); }};
}

}  // namespace bncollapse::cli
