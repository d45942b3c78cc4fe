#include "bncollapse/nets/training.hpp"

#include "bncollapse/theory/invalid_argument.hpp"
#include "require.hpp"

namespace bncollapse::nets {

void validate(const Training& training) {
  validate(training.network);
  validate(training.optimizer);
  validate(training.schedule);
  const auto require_count = [](const char* argument, std::int64_t value, std::int64_t least) {
    require(argument, static_cast<double>(value), value >= least && value <= 1'000'000,
            least == 0   ? "from 0 to 1000000"
            : least == 1 ? "from 1 to 1000000"
                         : "from 2 to 1000000");
  };
  require_count("rounds", training.rounds, 1);
  require_count("epochs", training.epochs, 1);
  require_count("batch", training.batch, 2);
  require_count("threads", training.threads, 1);
  require_count("images", training.recording.images, 1);
  require("gradient_batches", static_cast<double>(training.recording.gradient_batches),
          training.recording.gradient_batches == 0 ||
              (training.recording.gradient_batches >= 2 && training.recording.gradient_batches <= 1'000'000),
          "0, or from 2 to 1000000");
  std::int64_t previous = -1;
  for (const std::int64_t step : training.recording.steps) {
    require("steps", static_cast<double>(step), step > previous, "rising, from 0");
    previous = step;
  }
}

void validate_device(const Training& training) {
  if (training.precision == Precision::tf32 && training.device == Device::cpu) {
    throw theory::InvalidArgument(
        "precision",
        "is tf32, which a CUDA device has and the CPU has not; on the CPU it must be float32 or bfloat16");
  }
}

}  // namespace bncollapse::nets
