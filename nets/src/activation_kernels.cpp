#include "activation_kernels.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "activation_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bncollapse::nets::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t block = 64;  // positions

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const BFloat16Bits* from) {
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::RebindToUnsigned<D> wide;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(narrow, &from->bits))));
}

template <class D>
HWY_INLINE void store(D d, hn::Vec<D> value, float* to) {
  hn::StoreU(value, d, to);
}

/// Rounds to nearest, ties to even.
template <class D>
HWY_INLINE void store(D, hn::Vec<D> value, BFloat16Bits* to) {
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::RebindToUnsigned<D> wide;
  const auto bits = hn::BitCast(wide, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(wide, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(wide, 0x7fff))));
  hn::StoreU(hn::TruncateTo(narrow, rounded), narrow, &to->bits);
}

/// Calls body(tag, channel) for vectors of channels and then for what is left.
template <class Body>
HWY_INLINE void for_channels(std::int64_t channels, const Body& body) {
  std::int64_t channel = 0;
  const auto with = [&](auto d) HWY_ATTR {
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    for (; channel + lanes <= channels; channel += lanes) {
      body(d, channel);
    }
  };
  with(hn::ScalableTag<float>());
  with(hn::CappedTag<float, 4>());
  with(hn::CappedTag<float, 1>());
}

/// Two sums in single precision, each in two alternating parts.
template <class D>
class Sums {
 public:
  HWY_INLINE explicit Sums(D d)
      : first_(hn::Zero(d)), second_(first_), next_first_(first_), next_second_(first_) {}

  HWY_INLINE void add(hn::Vec<D> first, hn::Vec<D> second) {
    const auto sum_first = hn::Add(first_, first);
    const auto sum_second = hn::Add(second_, second);
    first_ = next_first_;
    second_ = next_second_;
    next_first_ = sum_first;
    next_second_ = sum_second;
  }

  HWY_INLINE void add_to(D d, double* first, double* second) const {
    HWY_ALIGN float lanes[2][hn::MaxLanes(d)];
    hn::Store(hn::Add(first_, next_first_), d, lanes[0]);
    hn::Store(hn::Add(second_, next_second_), d, lanes[1]);
    for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
      first[lane] += static_cast<double>(lanes[0][lane]);
      second[lane] += static_cast<double>(lanes[1][lane]);
    }
  }

 private:
  hn::Vec<D> first_, second_, next_first_, next_second_;
};

/// A layer's numbers for a vector of channels.
template <class D>
struct Channels {
  template <class Number>
  HWY_INLINE Channels(D d, const NormalisedLayer<Number>& layer, std::int64_t channel)
      : mean(hn::LoadU(d, layer.mean + channel)),
        factor(hn::LoadU(d, layer.factor + channel)),
        shift(hn::LoadU(d, layer.shift + channel)),
        leak(hn::Set(d, layer.leak)),
        zero(hn::Zero(d)) {}

  HWY_INLINE hn::Vec<D> z(hn::Vec<D> x) const { return hn::Add(hn::Mul(hn::Sub(x, mean), factor), shift); }
  HWY_INLINE hn::Vec<D> rectified(hn::Vec<D> value) const {
    return hn::IfThenElse(hn::Gt(value, zero), value, hn::Mul(leak, value));
  }
  /// gradient times the derivative of the rectifier at z.
  HWY_INLINE hn::Vec<D> behind(hn::Vec<D> value, hn::Vec<D> gradient) const {
    return hn::IfThenElse(hn::Gt(value, zero), gradient, hn::Mul(leak, gradient));
  }

  hn::Vec<D> mean, factor, shift, leak, zero;
};

/// The terms of an input's gradient for a vector of channels.
template <class D>
struct Gradient {
  HWY_INLINE Gradient(D d, const float* pulls, const float* constants, std::int64_t channel)
      : pull(hn::LoadU(d, pulls + channel)), constant(hn::LoadU(d, constants + channel)) {}

  HWY_INLINE hn::Vec<D> dx(const Channels<D>& of, hn::Vec<D> x, hn::Vec<D> dz) const {
    return hn::Add(hn::Mul(of.factor, dz), hn::Add(hn::Mul(pull, hn::Sub(x, of.mean)), constant));
  }

  hn::Vec<D> pull, constant;
};

/// Four neighbours in a channel: where they lie and which has the largest z.
template <class D>
struct Window {
  template <class Number>
  HWY_INLINE Window(D d, const NormalisedLayer<Number>& layer, const Channels<D>& of, std::int64_t offset)
      : x00(load(d, layer.x + offset)),
        x01(load(d, layer.x + offset + layer.channels)),
        x10(load(d, layer.x + offset + layer.columns * layer.channels)),
        x11(load(d, layer.x + offset + (layer.columns + 1) * layer.channels)) {
    const auto z00 = of.z(x00), z01 = of.z(x01), z10 = of.z(x10), z11 = of.z(x11);
    right_above = hn::Gt(z01, z00);
    right_below = hn::Gt(z11, z10);
    const auto above = hn::IfThenElse(right_above, z01, z00);
    const auto bottom = hn::IfThenElse(right_below, z11, z10);
    below = hn::Gt(bottom, above);
    largest = hn::IfThenElse(below, bottom, above);
  }

  HWY_INLINE hn::Vec<D> x_of_largest() const {
    return hn::IfThenElse(below, hn::IfThenElse(right_below, x11, x10),
                          hn::IfThenElse(right_above, x01, x00));
  }

  hn::Vec<D> x00, x01, x10, x11, largest;
  hn::Mask<D> right_above, right_below, below;
};

template <class Number>
void moments(const Number* x, const float* pivot, std::int64_t channels, std::int64_t begin, std::int64_t end,
             double* first, double* second) {
  for (std::int64_t start = begin; start < end; start += block) {
    const std::int64_t stop = std::min(end, start + block);
    for_channels(channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const auto centre = hn::LoadU(d, pivot + channel);
      Sums sums(d);
      for (std::int64_t position = start; position < stop; ++position) {
        const auto difference = hn::Sub(load(d, x + position * channels + channel), centre);
        sums.add(difference, hn::Mul(difference, difference));
      }
      sums.add_to(d, first + channel, second + channel);
    });
  }
}

template <class Number>
void forward(const NormalisedLayer<Number>& layer, Number* y, std::int64_t begin, std::int64_t end) {
  for (std::int64_t start = begin; start < end; start += block) {
    const std::int64_t stop = std::min(end, start + block);
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      for (std::int64_t position = start; position < stop; ++position) {
        const std::int64_t offset = position * layer.channels + channel;
        auto z = of.z(load(d, layer.x + offset));
        if (layer.residual != nullptr) {
          z = hn::Add(z, load(d, layer.residual + offset));
        }
        store(d, of.rectified(z), y + offset);
      }
    });
  }
}

template <class Number>
void gradient_sums(const NormalisedLayer<Number>& layer, const Number* y, const Number* dy,
                   const Number* more_dy, Number* residual_gradient, std::int64_t begin, std::int64_t end,
                   double* first, double* second) {
  for (std::int64_t start = begin; start < end; start += block) {
    const std::int64_t stop = std::min(end, start + block);
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      Sums sums(d);
      for (std::int64_t position = start; position < stop; ++position) {
        const std::int64_t offset = position * layer.channels + channel;
        const auto x = load(d, layer.x + offset);
        auto gradient = load(d, dy + offset);
        auto dz = gradient;
        if (residual_gradient != nullptr) {
          if (more_dy != nullptr) {
            gradient = hn::Add(gradient, load(d, more_dy + offset));
          }
          dz = of.behind(load(d, y + offset), gradient);
          store(d, dz, residual_gradient + offset);
        } else {
          dz = of.behind(of.z(x), gradient);
        }
        sums.add(dz, hn::Mul(dz, hn::Sub(x, of.mean)));
      }
      sums.add_to(d, first + channel, second + channel);
    });
  }
}

template <class Number>
void input_gradient(const NormalisedLayer<Number>& layer, const float* pull, const float* constant,
                    const Number* dy, Number* dx, std::int64_t begin, std::int64_t end) {
  for (std::int64_t start = begin; start < end; start += block) {
    const std::int64_t stop = std::min(end, start + block);
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      const Gradient gradient(d, pull, constant, channel);
      for (std::int64_t position = start; position < stop; ++position) {
        const std::int64_t offset = position * layer.channels + channel;
        const auto x = load(d, layer.x + offset);
        store(d, gradient.dx(of, x, of.behind(of.z(x), load(d, dy + offset))), dx + offset);
      }
    });
  }
}

/// Calls body(offset in x, offset in y) for each window of a row of y.
template <class Number, class Body>
HWY_INLINE void for_windows(const NormalisedLayer<Number>& layer, std::int64_t row, std::int64_t channel,
                            const Body& body) {
  const std::int64_t half = layer.columns / 2;
  for (std::int64_t column = 0; column < half; ++column) {
    body(2 * (row * layer.columns + column) * layer.channels + channel,
         (row * half + column) * layer.channels + channel);
  }
}

template <class Number>
void forward_pooled(const NormalisedLayer<Number>& layer, Number* y, std::int64_t begin, std::int64_t end) {
  for (std::int64_t row = begin; row < end; ++row) {
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      for_windows(layer, row, channel, [&](std::int64_t from, std::int64_t to) HWY_ATTR {
        store(d, of.rectified(Window(d, layer, of, from).largest), y + to);
      });
    });
  }
}

template <class Number>
void gradient_sums_pooled(const NormalisedLayer<Number>& layer, const Number* dy, std::int64_t begin,
                          std::int64_t end, double* first, double* second) {
  for (std::int64_t row = begin; row < end; ++row) {
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      Sums sums(d);
      for_windows(layer, row, channel, [&](std::int64_t from, std::int64_t to) HWY_ATTR {
        const Window window(d, layer, of, from);
        const auto dz = of.behind(window.largest, load(d, dy + to));
        sums.add(dz, hn::Mul(dz, hn::Sub(window.x_of_largest(), of.mean)));
      });
      sums.add_to(d, first + channel, second + channel);
    });
  }
}

template <class Number>
void input_gradient_pooled(const NormalisedLayer<Number>& layer, const float* pull, const float* constant,
                           const Number* dy, Number* dx, std::int64_t begin, std::int64_t end) {
  const std::int64_t next_row = layer.columns * layer.channels;
  for (std::int64_t row = begin; row < end; ++row) {
    for_channels(layer.channels, [&](auto d, std::int64_t channel) HWY_ATTR {
      const Channels of(d, layer, channel);
      const Gradient gradient(d, pull, constant, channel);
      for_windows(layer, row, channel, [&](std::int64_t from, std::int64_t to) HWY_ATTR {
        const Window window(d, layer, of, from);
        const auto dz = of.behind(window.largest, load(d, dy + to));
        const auto above = hn::IfThenElse(window.below, of.zero, dz);
        const auto below = hn::IfThenElse(window.below, dz, of.zero);
        const auto left = [&](auto right, auto row_dz)
                              HWY_ATTR { return hn::IfThenElse(right, of.zero, row_dz); };
        const auto right = [&](auto is, auto row_dz) HWY_ATTR { return hn::IfThenElse(is, row_dz, of.zero); };
        Number* corner = dx + from;
        store(d, gradient.dx(of, window.x00, left(window.right_above, above)), corner);
        store(d, gradient.dx(of, window.x01, right(window.right_above, above)), corner + layer.channels);
        store(d, gradient.dx(of, window.x10, left(window.right_below, below)), corner + next_row);
        store(d, gradient.dx(of, window.x11, right(window.right_below, below)),
              corner + next_row + layer.channels);
      });
    });
  }
}

template <class Number>
constexpr ActivationKernels<Number> kernels{.moments = &moments<Number>,
                                            .forward = &forward<Number>,
                                            .forward_pooled = &forward_pooled<Number>,
                                            .gradient_sums = &gradient_sums<Number>,
                                            .gradient_sums_pooled = &gradient_sums_pooled<Number>,
                                            .input_gradient = &input_gradient<Number>,
                                            .input_gradient_pooled = &input_gradient_pooled<Number>};

const ActivationKernels<float>* float_kernels() { return &kernels<float>; }
const ActivationKernels<BFloat16Bits>* bfloat16_kernels() { return &kernels<BFloat16Bits>; }

}  // namespace
}  // namespace bncollapse::nets::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bncollapse::nets {
namespace {

HWY_EXPORT(float_kernels);
HWY_EXPORT(bfloat16_kernels);

}  // namespace

template <>
const ActivationKernels<float>& activation_kernels() {
  return *HWY_DYNAMIC_DISPATCH(float_kernels)();
}

template <>
const ActivationKernels<BFloat16Bits>& activation_kernels() {
  return *HWY_DYNAMIC_DISPATCH(bfloat16_kernels)();
}

}  // namespace bncollapse::nets
#endif
