#include "bncollapse/nets/training.hpp"

#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {

void validate(const Training& training) { fields::validate(training); }

void validate_device(const Training& training) {
  if (training.precision == Precision::tf32 && training.device == Device::cpu) {
    throw fields::InvalidArgument(
        "training.precision",
        "is tf32, which only CUDA devices have; on the CPU it must be float32 or bfloat16");
  }
}

}  // namespace bncollapse::nets
