#include "training_progress.hpp"

#include <fmt/format.h>

#include "bncollapse/study/json.hpp"

namespace bncollapse::cli {

std::string to_line(const nets::Progress& progress) {
  const study::Json line = {{"round", progress.round},
                            {"epoch", progress.epoch},
                            {"step", progress.step},
                            {"loss", progress.loss},
                            {"accuracy", progress.accuracy},
                            {"small_gamma_share", progress.small_gamma_share},
                            {"device_memory", progress.device_memory}};
  return line.dump() + "\n";
}

std::optional<nets::Progress> progress_of(const std::string& line) {
  const study::Json progress = study::Json::parse(line, nullptr, false);
  if (!progress.is_object()) return {};
  return nets::Progress{.round = progress.at("round"),
                        .epoch = progress.at("epoch"),
                        .step = progress.at("step"),
                        .loss = progress.at("loss"),
                        .accuracy = progress.at("accuracy"),
                        .small_gamma_share = progress.at("small_gamma_share"),
                        .device_memory = progress.at("device_memory")};
}

std::string describe(const nets::Progress& progress) {
  return fmt::format("round {} epoch {}: loss {:.3f}, accuracy {:.1f} %, |gamma| < 1e-3: {:.1f} %",
                     progress.round, progress.epoch, progress.loss, 100 * progress.accuracy,
                     100 * progress.small_gamma_share);
}

}  // namespace bncollapse::cli
