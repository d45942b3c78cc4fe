#define BNC_TARGET cuda_square_root
#include <bit>
#include <cmath>

#include "cuda_device.cuh"
#include "cuda_square_root.hpp"
#include "device_kernels.hpp"

namespace bncollapse::gpu::testing {
namespace {

namespace lanes = sim::cuda_square_root;

constexpr std::uint32_t first_bits = std::bit_cast<std::uint32_t>(0x1p-101F);
constexpr std::uint32_t infinity_bits = 0x7f800000;

/// The found: how many are wrong, and the first, its bits turned.
struct Found {
  std::int64_t wrong = 0;
  std::uint64_t turned_first = 0;
};

/// Element 0 is a = 0, the others the floats from 2^-101 on.
struct RootTask {
  Found* found = nullptr;

  BNC_HD void operator()(std::int64_t element) const {
    const std::uint32_t bits = element == 0 ? 0 : first_bits + static_cast<std::uint32_t>(element - 1);
    const auto a = lanes::bits_as<float>(bits);
    const float root = lanes::moderate_sqrt(lanes::Lane<float>(a)).value();
    if (lanes::bits_as<std::uint32_t>(root) == lanes::bits_as<std::uint32_t>(std::sqrt(a))) return;
    lanes::add_atomically(found->wrong, 1);
    lanes::raise_atomically(found->turned_first, ~std::uint64_t{bits});
  }
};

}  // namespace

RootCheck check_moderate_sqrt(int index) {
  CudaDevice device(index);
  const CudaMemory memory = device.allocate(sizeof(Found));
  auto* const on_device = static_cast<Found*>(memory.data());
  device.clear(on_device, 1);
  RootCheck check;
  check.checked = 1 + std::int64_t{infinity_bits - first_bits};
  device.each(check.checked, RootTask{on_device});
  Found found;
  device.download(&found, on_device, 1);
  check.wrong = found.wrong;
  if (found.wrong > 0) {
    check.first_wrong = std::bit_cast<float>(static_cast<std::uint32_t>(~found.turned_first));
  }
  return check;
}

}  // namespace bncollapse::gpu::testing
