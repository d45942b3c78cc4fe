#include "batch_norm.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "activation_kernels.hpp"
#include "fused_batch_norm.hpp"

#ifdef BNCOLLAPSE_NORMALISATION_KERNELS
#include <c10/cuda/CUDAStream.h>

#include "device_normaliser.hpp"
#include "normalisation_kernels.hpp"
#endif

namespace bncollapse::nets {
namespace {

constexpr std::int64_t chunk = 4096;  // positions summed by one thread at a time

struct PairedSums {
  std::vector<double> first, second;  ///< a number per channel
};

/// Two sums per channel. work(begin, end, first, second) adds the terms of some units. Pieces are added up in
/// order, so that the number of threads does not show.
template <class Work>
PairedSums paired_sums(std::int64_t channels, std::int64_t units, std::int64_t piece, const Work& work) {
  const auto width = static_cast<std::size_t>(channels);
  const std::int64_t pieces = (units + piece - 1) / piece;
  std::vector<double> partial(2 * width * static_cast<std::size_t>(pieces));
  at::parallel_for(0, pieces, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t index = begin; index < end; ++index) {
      double* first = partial.data() + 2 * width * static_cast<std::size_t>(index);
      work(index * piece, std::min(units, (index + 1) * piece), first, first + width);
    }
  });
  PairedSums result{std::vector<double>(width), std::vector<double>(width)};
  for (std::size_t start = 0; start < partial.size(); start += 2 * width) {
    for (std::size_t channel = 0; channel < width; ++channel) {
      result.first[channel] += partial[start + channel];
      result.second[channel] += partial[start + width + channel];
    }
  }
  return result;
}

/// Calls body with a null pointer to the numbers that x is made of.
template <class Body>
void with_number(const at::Tensor& x, const Body& body) {
  x.scalar_type() == at::kBFloat16 ? body(static_cast<BFloat16Bits*>(nullptr))
                                   : body(static_cast<float*>(nullptr));
}

/// Mean and 1/sqrt(variance + epsilon).
struct Statistics {
  at::Tensor mean, inverse;
};

struct Geometry {
  std::int64_t positions, channels, columns;
  bool pooled;

  Geometry(const at::Tensor& x, bool is_pooled)
      : positions(x.size(0) * x.size(2) * x.size(3)),
        channels(x.size(1)),
        columns(x.size(3)),
        pooled(is_pooled) {}

  /// Positions, or rows of the pooled output.
  std::int64_t units() const { return pooled ? positions / (2 * columns) : positions; }
  std::int64_t piece() const { return pooled ? std::max<std::int64_t>(1, chunk / (2 * columns)) : chunk; }
};

template <class Number>
NormalisedLayer<Number> layer_of(const at::Tensor& x, const at::Tensor& residual,
                                 const Statistics& statistics, const at::Tensor& factor,
                                 const at::Tensor& shift, double leak) {
  return {.x = numbers<Number>(x),
          .residual = numbers<Number>(residual),
          .channels = x.size(1),
          .columns = x.size(3),
          .mean = statistics.mean.data_ptr<float>(),
          .factor = factor.data_ptr<float>(),
          .shift = shift.data_ptr<float>(),
          .leak = static_cast<float>(leak)};
}

/// The batch's statistics, towards which the running ones move.
Statistics batch_statistics(const at::Tensor& x, const at::Tensor& running_mean,
                            const at::Tensor& running_variance, double momentum) {
  const Geometry geometry(x, false);
  const auto count = static_cast<double>(geometry.positions);
  Statistics result{at::empty({geometry.channels}, at::kFloat), at::empty({geometry.channels}, at::kFloat)};
  // The first position is subtracted throughout: it lies within some deviations of the mean, so that the
  // difference of mean square and squared mean loses little.
  const at::Tensor pivot = x.detach().select(0, 0).select(1, 0).select(1, 0).to(at::kFloat).contiguous();
  PairedSums sums;
  with_number(x, [&]<class Number>(Number*) {
    sums = paired_sums(geometry.channels, geometry.positions, chunk,
                       [&](std::int64_t begin, std::int64_t end, double* first, double* second) {
                         activation_kernels<Number>().moments(numbers<Number>(x), pivot.data_ptr<float>(),
                                                              geometry.channels, begin, end, first, second);
                       });
  });
  const auto moved = [momentum](float running, double batch) {
    return static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * batch);
  };
  for (std::int64_t channel = 0; channel < geometry.channels; ++channel) {
    const auto index = static_cast<std::size_t>(channel);
    const double offset = sums.first[index] / count;
    const double mean = static_cast<double>(pivot.data_ptr<float>()[channel]) + offset;
    const double raw_variance = sums.second[index] / count - offset * offset;
    const double variance = raw_variance < 0 ? 0 : raw_variance;  // NaN stays
    result.mean.data_ptr<float>()[channel] = static_cast<float>(mean);
    result.inverse.data_ptr<float>()[channel] =
        static_cast<float>(1 / std::sqrt(variance + variance_epsilon));
    float& mean_so_far = running_mean.data_ptr<float>()[channel];
    float& variance_so_far = running_variance.data_ptr<float>()[channel];
    mean_so_far = moved(mean_so_far, mean);
    variance_so_far = moved(variance_so_far, variance * count / std::max(1.0, count - 1));
  }
  return result;
}

at::Tensor fused_forward(const at::Tensor& x, const at::Tensor& residual, const Statistics& statistics,
                         const at::Tensor& gamma, const at::Tensor& shift, double leak, bool pooled) {
  const Geometry geometry(x, pooled);
  const std::int64_t cut = pooled ? 2 : 1;
  at::Tensor y = at::empty({x.size(0), x.size(1), x.size(2) / cut, x.size(3) / cut},
                           x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const at::Tensor factor = gamma * statistics.inverse;
  with_number(x, [&]<class Number>(Number*) {
    const auto layer = layer_of<Number>(x, residual, statistics, factor, shift, leak);
    const auto& kernels = activation_kernels<Number>();
    const auto kernel = pooled ? kernels.forward_pooled : kernels.forward;
    at::parallel_for(0, geometry.units(), geometry.piece(), [&](std::int64_t begin, std::int64_t end) {
      kernel(layer, numbers<Number>(y), begin, end);
    });
  });
  return y;
}

/// On the processor's vectors.
class CpuNormaliser {
 public:
  CpuNormaliser(const at::Tensor& x, double leak, bool pooled) : x_(x), leak_(leak), pooled_(pooled) {}

  NormalisedOutput forward(const BatchNormalisation& of, const at::Tensor& residual) const {
    const Statistics statistics = batch_statistics(x_, of.mean, of.variance, of.momentum);
    return {fused_forward(x_, residual, statistics, of.gamma, of.shift, leak_, pooled_), statistics.mean,
            statistics.inverse};
  }

  NormalisationGradients backward(const NormalisedState& state, const at::Tensor& dy,
                                  const at::Tensor& more_dy) const {
    const at::Tensor &gamma = state.gamma, &shift = state.shift, &y = state.y;
    const Statistics statistics{state.mean, state.inverse};
    const Geometry geometry(x_, pooled_);
    const at::Tensor factor = gamma * statistics.inverse;
    const at::Tensor residual_gradient = y.defined() ? at::empty_like(x_) : at::Tensor();
    at::Tensor gamma_gradient = at::empty_like(gamma), shift_gradient = at::empty_like(shift);
    const at::Tensor input_gradient = x_.detach();  // the kernels read x before they write there
    with_number(x_, [&]<class Number>(Number*) {
      auto layer = layer_of<Number>(x_, {}, statistics, factor, shift, leak_);
      const auto& kernels = activation_kernels<Number>();
      const PairedSums sums = paired_sums(
          geometry.channels, geometry.units(), geometry.piece(),
          [&](std::int64_t begin, std::int64_t end, double* first, double* second) {
            if (pooled_) {
              kernels.gradient_sums_pooled(layer, numbers<Number>(dy), begin, end, first, second);
            } else {
              kernels.gradient_sums(layer, numbers<Number>(y), numbers<Number>(dy), numbers<Number>(more_dy),
                                    numbers<Number>(residual_gradient), begin, end, first, second);
            }
          });
      // dx = gamma/s (dz - mean(dz) - xhat mean(dz xhat)), s the deviation, xhat = (x - mean)/s.
      std::vector<float> pull(sums.first.size()), constant(pull);
      const auto count = static_cast<double>(geometry.positions);
      for (std::size_t channel = 0; channel < pull.size(); ++channel) {
        const auto inverse = static_cast<double>(statistics.inverse.data_ptr<float>()[channel]);
        const double product = sums.second[channel] * inverse;
        const double scale = static_cast<double>(gamma.data_ptr<float>()[channel]) * inverse;
        shift_gradient.data_ptr<float>()[channel] = static_cast<float>(sums.first[channel]);
        gamma_gradient.data_ptr<float>()[channel] = static_cast<float>(product);
        pull[channel] = static_cast<float>(-scale * inverse * product / count);
        constant[channel] = static_cast<float>(-scale * sums.first[channel] / count);
      }
      if (y.defined()) {
        layer.leak = 1;  // the residual's gradient is dz
      }
      const at::Tensor& gradient = y.defined() ? residual_gradient : dy;
      const auto kernel = pooled_ ? kernels.input_gradient_pooled : kernels.input_gradient;
      at::parallel_for(0, geometry.units(), geometry.piece(), [&](std::int64_t begin, std::int64_t end) {
        kernel(layer, pull.data(), constant.data(), numbers<Number>(gradient),
               numbers<Number>(input_gradient), begin, end);
      });
    });
    return {input_gradient, gamma_gradient, shift_gradient, residual_gradient};
  }

 private:
  const at::Tensor& x_;
  double leak_;
  bool pooled_;
};

struct DeterministicMaxPool : torch::autograd::Function<DeterministicMaxPool> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& z) {
    at::Tensor y = at::max_pool2d(z, 2);
    context->save_for_backward({z, y});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &z = saved[0], &y = saved[1], &dy = gradients[0];
    at::Tensor result = at::empty(z.sizes(), z.options(), at::MemoryFormat::ChannelsLast).zero_();
    at::Tensor left = at::ones_like(y, at::kBool);
    for (const std::int64_t row : {0, 1}) {
      for (const std::int64_t column : {0, 1}) {
        const auto corner = [&](const at::Tensor& x) {
          return x.slice(2, row, 2 * y.size(2), 2).slice(3, column, 2 * y.size(3), 2);
        };
        const at::Tensor chosen = corner(z).eq(y).logical_and_(left);
        corner(result).copy_(dy * chosen);
        left.logical_and_(chosen.logical_not());
      }
    }
    return {result};
  }
};

#ifdef BNCOLLAPSE_NORMALISATION_KERNELS
/// The stream on which LibTorch works.
struct CudaDevice {
  template <class Task>
  void run(const Task& task, int groups) const {
    launch(task, groups, c10::cuda::getCurrentCUDAStream().stream());
  }
};
using CudaNormaliser = DeviceNormaliser<CudaDevice>;
constexpr bool has_cuda_normaliser = true;
#else
using CudaNormaliser = CpuNormaliser;  // never made
constexpr bool has_cuda_normaliser = false;
#endif

bool fuses(const at::Tensor& x, const BatchNormalisation& normalisation, const Activation& activation) {
  const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  const bool cpu = x.is_cpu() && (normalisation.batch_statistics || !at::GradMode::is_enabled());
  const bool cuda = x.is_cuda() && has_cuda_normaliser && normalisation.batch_statistics;
  const bool size = !activation.pooled || (x.size(2) % 2 == 0 && x.size(3) % 2 == 0);
  return type && (cpu || cuda) && size;
}

}  // namespace

at::Tensor rectified(at::Tensor z, double leak) {
  if (leak == 0) {
    return at::relu_(z);
  }
  return leak == 1 ? z : at::leaky_relu_(z, leak);
}

at::Tensor max_pooled(const at::Tensor& z) {
  return z.is_cpu() ? at::max_pool2d(z, 2) : deterministic_max_pooled(z);
}

at::Tensor deterministic_max_pooled(const at::Tensor& z) { return DeterministicMaxPool::apply(z); }

namespace {
thread_local std::function<void()> before_layer;
}

void before_layers(std::function<void()> call) { before_layer = std::move(call); }
void begin_layer() {
  if (before_layer) {
    before_layer();
  }
}

at::Tensor batch_norm(const at::Tensor& x, const BatchNormalisation& normalisation,
                      const Activation& activation) {
  const auto& [gamma, shift, mean, variance, batch_statistics, momentum] = normalisation;
  const auto& [leak, residual, pooled, again] = activation;
  if (!fuses(x, normalisation, activation)) {
    at::Tensor z =
        at::batch_norm(x, gamma, shift, mean, variance, batch_statistics, momentum, variance_epsilon, true);
    z = rectified(residual.defined() ? z + residual : z, leak);
    z = pooled ? max_pooled(z) : z;
    if (again != nullptr) {
      *again = z;
    }
    return z;
  }
  if (batch_statistics) {
    return x.is_cpu() ? fused_batch_norm<CpuNormaliser>(x, normalisation, activation)
                      : fused_batch_norm<CudaNormaliser>(x, normalisation, activation);
  }
  at::Tensor y = fused_forward(channels_last(x), residual.defined() ? channels_last(residual) : residual,
                               {mean, at::rsqrt(variance + variance_epsilon)}, gamma, shift, leak, pooled);
  if (again != nullptr) {
    *again = y;
  }
  return y;
}

}  // namespace bncollapse::nets
