#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bncollapse/nets/fields.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/run.hpp"
#include "bncollapse/study/train.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "field_options.hpp"
#include "lasting_spec.hpp"
#include "progress.hpp"
#include "shell_words.hpp"
#include "spec_notes.hpp"
#include "standard_streams.hpp"
#include "stop_signal.hpp"
#include "threads.hpp"
#include "training_progress.hpp"
#include "training_scheduler.hpp"
#include "verb.hpp"
#include "verdict_text.hpp"

namespace bncollapse::cli {
namespace {

constexpr int interrupted = 3;

struct TrainOptions {
  std::string spec, out;
  std::string data = "data/cifar-10";
  std::string device = "auto";
  int threads = 1, jobs = 0;
  std::int64_t point = -1;
  double checkpoint_seconds = nets::CheckpointFile::usual_interval;
  bool resume = false, json = false, progress_lines = false, cuda_works = false;
};

nets::Device device_of(const std::string& name) {
  if (const auto device = fields::enumerator_of<nets::Device>(name)) return *device;
  return nets::has_cuda() ? nets::Device::cuda : nets::Device::cpu;
}

std::filesystem::path folder_of(const TrainOptions& options, const study::Spec& spec) {
  return options.out.empty() ? std::filesystem::path("results") / spec.name()
                             : std::filesystem::path(options.out);
}

/// The run's trainings on this device.
std::vector<study::TrainingPoint> points_of(const study::Spec& spec, const TrainOptions& options) {
  std::vector<study::TrainingPoint> points = spec.trainings;
  for (study::TrainingPoint& point : points) {
    point.training.device = device_of(options.device);
    point.training.threads = options.threads;
    try {
      nets::validate_device(point.training);
    } catch (const theory::InvalidArgument& error) {
      throw study::InputError(fmt::format("{}: training.{}", spec.file, error.what()));
    }
  }
  return points;
}

template <class Say>
void warn_of_unknown_images(const nets::TrainAndTest& data, const TrainOptions& options, const Say& say) {
  if (!data.train.name.starts_with(nets::unknown_images)) return;
  say(fmt::format(
      "warning: the images in {} are not those of CIFAR-10, and the results say so; tools/fetch-cifar10 "
      "fetches CIFAR-10",
      options.data));
}

/// One point, in this process. Throws sim::Interrupted.
/// @param is_begun  becomes true as soon as the folder's store is known to be this spec's
int train_one(const study::Spec& spec, const TrainOptions& options, bool& is_begun) {
  const std::vector<study::TrainingPoint> points = points_of(spec, options);
  if (options.point >= static_cast<std::int64_t>(points.size())) {
    throw study::InputError(
        fmt::format("--point is {}; the spec has the points 0 to {}", options.point, points.size() - 1));
  }
  const std::atomic<bool>& stop =
      catch_stop_signals(options.progress_lines ? SecondSignal::is_ignored : SecondSignal::ends);
  const study::TrainingPoint& point = points[static_cast<std::size_t>(options.point)];
  const std::filesystem::path folder = folder_of(options, spec);
  require_threads(options.threads);
  const nets::TrainAndTest data = study::load_data(point.data, options.data, &stop);
  ProgressView view;
  const auto say = [&](const std::string& text) {
    options.progress_lines ? tell(text + "\n") : view.message(text);
  };
  if (!options.progress_lines) warn_of_unknown_images(data, options, say);
  std::optional<double> steps_before;  // a training goes on from its checkpoint
  const auto show = [&](const nets::Progress& now) {
    if (options.progress_lines) return tell(to_line(now));
    const auto step = static_cast<double>(now.step);
    if (!steps_before) steps_before = step;
    view.show({.points = 1,
               .steps_done = step,
               .steps = static_cast<double>(now.total_steps),
               .steps_before = *steps_before},
              describe(now));
  };
  const study::TrainWatch watch{
      .on_progress = show, .on_message = say, .on_begun = [&] { is_begun = true; }, .stop = &stop};
  study::join_network_run(spec, folder, point.training.device, options.threads, watch);
  study::train_point(spec, point, data, folder, watch, options.checkpoint_seconds);
  return 0;
}

std::string command_to_resume(const TrainOptions& options, const std::filesystem::path& folder) {
  std::vector<std::string> words = {"bncollapse", "train", lasting_spec(options.spec, folder), "--out",
                                    folder.string()};
  const TrainOptions usual;
  const auto add = [&](const char* option, const auto& value, const auto& usual_value) {
    if (value != usual_value) words.insert(words.end(), {option, fmt::format("{}", value)});
  };
  add("--data", options.data, usual.data);
  add("--device", options.device, usual.device);
  add("--threads", options.threads, usual.threads);
  add("--jobs", options.jobs, usual.jobs);
  add("--point", options.point, usual.point);
  add("--checkpoint-seconds", options.checkpoint_seconds, usual.checkpoint_seconds);
  if (options.json) words.emplace_back("--json");
  words.emplace_back("--resume");
  return shell_words(words);
}

void print_json(const study::Spec& spec, const std::filesystem::path& folder, std::size_t points,
                const std::vector<study::Verdict>& verdicts) {
  const study::Json result = {{"name", spec.name()},
                              {"folder", folder.string()},
                              {"spec_sha256", spec.sha256()},
                              {"points", points},
                              {"verdicts", study::to_json(verdicts)},
                              {"exit_code", study::exit_code(verdicts)}};
  fmt::print("{}\n", result.dump(2, ' ', false, study::Json::error_handler_t::replace));
}

[[noreturn]] void fail(const std::vector<FailedTraining>& failed, const std::filesystem::path& folder) {
  std::vector<std::int64_t> points;
  points.reserve(failed.size());
  for (const FailedTraining& training : failed) points.push_back(training.point);
  const std::string told =
      fmt::format("the training of point{} {} failed (see above); what was finished is kept in {}",
                  points.size() == 1 ? "" : "s", fmt::join(points, ", "), folder.string());
  constexpr int bad_input = 2;
  if (std::all_of(failed.begin(), failed.end(),
                  [](const FailedTraining& training) { return training.exit_code == bad_input; }))
    throw study::InputError(told);
  throw study::RunError(told);
}

/// All points, each in a process of its own; `is_begun` as for train_one. Throws sim::Interrupted.
int train_all(const study::Spec& spec, const TrainOptions& options, bool& is_begun) {
  const std::atomic<bool>& stop = catch_stop_signals();
  const std::vector<study::TrainingPoint> points = points_of(spec, options);
  const std::filesystem::path folder = folder_of(options, spec);
  const nets::Device device = device_of(options.device);
  ProgressView view;
  const nets::TrainAndTest data = study::load_data(points.front().data, options.data, &stop);
  warn_of_unknown_images(data, options, [&](const std::string& text) { view.message(text); });
  study::NetworkStore store = study::open_network_run(
      spec, folder, device, options.threads,
      options.resume ? study::Store::Existing::resume : study::Store::Existing::refuse, &stop);
  is_begun = true;
  const std::vector<FailedTraining> failed =
      TrainingScheduler(points, store.finished_points(), view)
          .run({.arguments = {"bncollapse", "train", lasting_spec(options.spec, folder), "--out",
                              folder.string(), "--data", options.data, "--device",
                              std::string(fields::name_of(device)), "--threads",
                              std::to_string(options.threads), "--checkpoint-seconds",
                              fmt::format("{}", options.checkpoint_seconds), "--progress-lines"},
                .device = device,
                .threads = options.threads,
                .jobs = options.jobs,
                .resumed = options.resume},
               stop);
  if (stop.load()) throw sim::Interrupted();
  if (!failed.empty()) fail(failed, folder);
  const std::vector<study::Verdict> verdicts = study::judge_network_run(store, folder, {.stop = &stop});
  view.clear();
  if (options.json)
    print_json(spec, folder, points.size(), verdicts);
  else
    print_verdicts(verdicts, folder);
  return study::exit_code(verdicts);
}

int train(const TrainOptions& options) {
  if (options.cuda_works) return nets::cuda_works() ? 0 : 3;
  const study::Spec spec = study::read_spec(options.spec);
  if (!options.progress_lines) tell_notes(spec);
  if (!spec.is_network()) {
    throw study::InputError(options.spec +
                            ": simulates a neuron (it has no key \"network\"); use `bncollapse run`");
  }
  bool is_begun = false;  // the store is this run's
  try {
    return options.point >= 0 ? train_one(spec, options, is_begun) : train_all(spec, options, is_begun);
  } catch (const sim::Interrupted&) {
    if (options.progress_lines) return interrupted;
    const std::filesystem::path folder = folder_of(options, spec);
    tell(is_begun ? fmt::format(
                        "bncollapse: interrupted; the finished epochs are kept in {}; continue with:\n  {}\n",
                        folder.string(), command_to_resume(options, folder))
                  : "bncollapse: interrupted; nothing was begun\n");
    return interrupted;
  }
}

}  // namespace

Verb train_verb(CLI::App& program) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* app = program.add_subcommand("train", "Train a spec's networks and judge its claims");
  app->add_option(
         "SPEC", options->spec,
         "JSON spec with a section `network`, - for the standard input; see `bncollapse spec --schema`")
      ->required();
  app->add_option("--out", options->out, "Folder of the results (default: results/NAME)");
  app->add_option(
      "--data", options->data,
      "Folder of CIFAR-10's binary files, which tools/fetch-cifar10 makes (default: data/cifar-10)");
  std::vector<std::string> devices = fields::names_of<nets::Device>();
  devices.emplace_back("auto");
  app->add_option("--device", options->device,
                  "Where to train (default: auto, which is cuda where there is a CUDA device)")
      ->check(one_of(devices));
  app->add_option(
         "--jobs", options->jobs,
         "Trainings at once, each in a process of its own (default: one per core; on a CUDA device, one more "
         "is started as long as it makes all of them together 10 % faster)")
      ->check(CLI::Range(1, 1024));
  app->add_option("--threads", options->threads,
                  "Threads of each training (default: 1; one thread gives the same bits on every run)")
      ->check(in_range(fields::thread_count));
  app->add_option(
         "--checkpoint-seconds", options->checkpoint_seconds,
         "Seconds between two checkpoints of a training (default: 30). A training that is killed loses at "
         "most this much. A checkpoint is also written at the end of a round and on interruption")
      ->check(CLI::Range(0.0, 1e6));
  app->add_option("--point", options->point, "Train only this point of the sweep, in this process")
      ->check(CLI::Range(0, 1'000'000'000));
  app->add_flag(
      "--resume", options->resume,
      "Continue an earlier run. The spec may have more values at the end of its first axis, and other "
      "checks and titles. Checks are judged anew, and no training is repeated");
  app->add_flag("--json", options->json, "Print one JSON object on stdout");
  app->add_flag("--progress-lines", options->progress_lines,
                "With --point: write the progress to stderr as JSON lines, for other programs");
  app->add_flag(cuda_probe_option, options->cuda_works, "")->group("");
  app->footer(
      "Writes results.sqlite (losses, accuracies, channels, verdicts), spec.resolved.json, verdicts.json "
      "and\n"
      "checkpoints/, from which an interrupted training continues.\n"
      "Exit codes: 0 every verdict passed, 1 a verdict failed, 2 bad input, 3 a training failed or was\n"
      "interrupted (finished epochs are kept), 4 no verdict failed, but at least one is inconclusive.\n"
      "Examples:\n"
      "  tools/fetch-cifar10\n"
      "  bncollapse train experiments/networks/quick/rounds.json\n"
      "  bncollapse train my.json --jobs 4 --resume\n"
      "On many nodes, one point per job, and then once to judge:\n"
      "  bncollapse train my.json --out results/my --point $SLURM_ARRAY_TASK_ID\n"
      "  bncollapse train my.json --out results/my --resume");
  return {app, [options] { return train(*options); }};
}

}  // namespace bncollapse::cli
