#include "batch_norm.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bncollapse::nets {
namespace {

constexpr std::int64_t block = 64;    // positions summed in single precision
constexpr std::int64_t chunk = 4096;  // positions summed by one thread at a time

/// Positions x channels, as channels-last images lie in memory.
struct Rows {
  const float* data;
  std::int64_t positions;
  std::int64_t channels;

  explicit Rows(const at::Tensor& x)
      : data(x.data_ptr<float>()), positions(x.size(0) * x.size(2) * x.size(3)), channels(x.size(1)) {}
};

/// Two sums a channel over all positions. `add(position, first, second)` adds a position's terms to block
/// sums. Chunks are added up in order, so that the number of threads does not show.
template <class Add>
std::vector<double> paired_sums(std::int64_t positions, std::int64_t channels, const Add& add) {
  const auto width = static_cast<std::size_t>(2 * channels);
  const std::int64_t chunks = (positions + chunk - 1) / chunk;
  std::vector<double> partial(static_cast<std::size_t>(chunks) * width);
  at::parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> sums(width);
    for (std::int64_t index = begin; index < end; ++index) {
      double* total = partial.data() + static_cast<std::size_t>(index) * width;
      const std::int64_t last = std::min(positions, (index + 1) * chunk);
      for (std::int64_t start = index * chunk; start < last; start += block) {
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (std::int64_t position = start; position < std::min(last, start + block); ++position) {
          add(position, sums.data(), sums.data() + channels);
        }
        for (std::size_t sum = 0; sum < width; ++sum) {
          total[sum] += static_cast<double>(sums[sum]);
        }
      }
    }
  });
  std::vector<double> result(width);
  for (std::size_t index = 0; index < partial.size(); ++index) {
    result[index % width] += partial[index];
  }
  return result;
}

/// Calls `map(position)` for every position.
template <class Map>
void for_positions(std::int64_t positions, const Map& map) {
  at::parallel_for(0, positions, chunk, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t position = begin; position < end; ++position) {
      map(position);
    }
  });
}

struct ChannelsLastBatchNorm : torch::autograd::Function<ChannelsLastBatchNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& gamma, const at::Tensor& shift, at::Tensor running_mean,
                            at::Tensor running_variance, double momentum) {
    const at::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
    const Rows rows(x);
    const std::int64_t channels = rows.channels;
    // The first position is subtracted throughout: it lies within some deviations of the mean, so that the
    // difference of mean square and squared mean loses little.
    const auto sums = paired_sums(rows.positions, channels,
                                  [data = rows.data, channels](std::int64_t position, float* __restrict first,
                                                               float* __restrict second) {
                                    const float* __restrict row = data + position * channels;
                                    const float* __restrict pivot = data;
                                    for (std::int64_t channel = 0; channel < channels; ++channel) {
                                      const float difference = row[channel] - pivot[channel];
                                      first[channel] += difference;
                                      second[channel] += difference * difference;
                                    }
                                  });
    const auto count = static_cast<double>(rows.positions);
    const at::Tensor mean = at::empty({channels}, at::kFloat), inverse = at::empty({channels}, at::kFloat);
    const at::Tensor variance = at::empty({channels}, at::kFloat);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const auto first = static_cast<std::size_t>(channel);
      const double offset = sums[first] / count;
      const double spread =
          std::max(0.0, sums[first + static_cast<std::size_t>(channels)] / count - offset * offset);
      mean.data_ptr<float>()[channel] = static_cast<float>(static_cast<double>(rows.data[channel]) + offset);
      inverse.data_ptr<float>()[channel] = static_cast<float>(1 / std::sqrt(spread + variance_epsilon));
      variance.data_ptr<float>()[channel] = static_cast<float>(spread * count / std::max(1.0, count - 1));
    }
    running_mean.mul_(1 - momentum).add_(mean, momentum);
    running_variance.mul_(1 - momentum).add_(variance, momentum);

    const at::Tensor scale = gamma * inverse;
    at::Tensor y = at::empty_like(x);
    for_positions(rows.positions,
                  [data = rows.data, channels, output = y.data_ptr<float>(), centre = mean.data_ptr<float>(),
                   factor = scale.data_ptr<float>(), added = shift.data_ptr<float>()](std::int64_t position) {
                    const float* __restrict row = data + position * channels;
                    float* __restrict result = output + position * channels;
                    for (std::int64_t channel = 0; channel < channels; ++channel) {
                      result[channel] = (row[channel] - centre[channel]) * factor[channel] + added[channel];
                    }
                  });
    context->save_for_backward({x, gamma, mean, inverse});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor &gamma = saved[1], &mean = saved[2], &inverse = saved[3];
    const at::Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const Rows rows(x);
    const Rows outer(gradient);
    const std::int64_t channels = rows.channels;
    const auto sums =
        paired_sums(rows.positions, channels,
                    [data = rows.data, slopes = outer.data, channels, centre = mean.data_ptr<float>()](
                        std::int64_t position, float* __restrict first, float* __restrict second) {
                      const float* __restrict row = data + position * channels;
                      const float* __restrict slope = slopes + position * channels;
                      for (std::int64_t channel = 0; channel < channels; ++channel) {
                        first[channel] += slope[channel];
                        second[channel] += slope[channel] * (row[channel] - centre[channel]);
                      }
                    });
    // dx = gamma/s (dy - mean(dy) - xhat mean(dy xhat)), s the deviation, xhat = (x - mean)/s.
    at::Tensor gamma_gradient = at::empty({channels}, at::kFloat),
               shift_gradient = at::empty({channels}, at::kFloat);
    std::vector<float> factor(static_cast<std::size_t>(channels)), pull(factor), constant(factor);
    const auto count = static_cast<double>(rows.positions);
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const auto index = static_cast<std::size_t>(channel);
      const double inverse_deviation = static_cast<double>(inverse.data_ptr<float>()[channel]);
      const double sum = sums[index];
      const double product = sums[index + static_cast<std::size_t>(channels)] * inverse_deviation;
      const double scale = static_cast<double>(gamma.data_ptr<float>()[channel]) * inverse_deviation;
      shift_gradient.data_ptr<float>()[channel] = static_cast<float>(sum);
      gamma_gradient.data_ptr<float>()[channel] = static_cast<float>(product);
      factor[index] = static_cast<float>(scale);
      pull[index] = static_cast<float>(-scale * inverse_deviation * product / count);
      constant[index] = static_cast<float>(-scale * sum / count);
    }
    at::Tensor input_gradient = at::empty_like(x);
    for_positions(rows.positions, [data = rows.data, slopes = outer.data, channels, a = factor.data(),
                                   b = pull.data(), c = constant.data(), centre = mean.data_ptr<float>(),
                                   output = input_gradient.data_ptr<float>()](std::int64_t position) {
      const float* __restrict row = data + position * channels;
      const float* __restrict slope = slopes + position * channels;
      float* __restrict result = output + position * channels;
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        result[channel] =
            a[channel] * slope[channel] + (b[channel] * (row[channel] - centre[channel]) + c[channel]);
      }
    });
    return {input_gradient, gamma_gradient, shift_gradient, {}, {}, {}};
  }
};

}  // namespace

at::Tensor batch_norm(const at::Tensor& x, const BatchNormalisation& normalisation) {
  const auto& [gamma, shift, mean, variance, batch_statistics, momentum] = normalisation;
  if (batch_statistics && x.is_cpu() && x.scalar_type() == at::kFloat) {
    return ChannelsLastBatchNorm::apply(x, gamma, shift, mean, variance, momentum);
  }
  return at::batch_norm(x, gamma, shift, mean, variance, batch_statistics, momentum, variance_epsilon, true);
}

}  // namespace bncollapse::nets
