// What a CUDA device does for a normalisation and all that follows it, as tasks: plain objects that the
// threads of groups call phase by phase, a barrier in between. normalisation_kernels.cu launches them; a test
// runs the same text on the host, one thread after another. Nothing of LibTorch is seen here.
//
// A group of threads has a group of channels and a piece of the positions. Sums are taken in float32 over at
// most 64 positions of a thread and in float64 over all else, in a fixed order that depends on the layer's
// shape alone. What the last of two sums needs, every group that uses it adds up again from the pieces' sums,
// which saves a launch.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "activation_kernels.hpp"

#ifdef __CUDACC__
#define BNC_HD __host__ __device__ inline
#else
#define BNC_HD inline
#endif

namespace bncollapse::nets {

BNC_HD float to_float(float value) { return value; }
BNC_HD float to_float(BFloat16Bits value) {
  const std::uint32_t bits = std::uint32_t{value.bits} << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
BNC_HD void round_to(float value, float& to) { to = value; }
/// To nearest, ties to even; NaN stays.
BNC_HD void round_to(float value, BFloat16Bits& to) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const bool is_nan = value != value;
  to.bits = static_cast<std::uint16_t>(is_nan ? 0x7fc0 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Neighbouring channels, read and written in one.
template <class Number, int width>
struct alignas(sizeof(Number) * width) Pack {
  Number numbers[width];
};

/// A layer's shape and how it is cut among groups of threads.
struct NormalisationShape {
  static constexpr int threads = 512;
  static constexpr int group_channels = 16;
  static constexpr std::int64_t wanted_groups = 256;  // two per multiprocessor

  std::int64_t positions = 0;  ///< of x: images x rows x columns
  std::int64_t columns = 0;    ///< of x
  int channels = 0;
  bool pooled = false;

  /// Positions of y: windows of 2 x 2, or positions.
  BNC_HD std::int64_t units() const { return pooled ? positions / 4 : positions; }
  BNC_HD int channel_groups() const { return (channels + group_channels - 1) / group_channels; }
  /// Of the units; the same number whether pooled or not.
  BNC_HD int pieces() const {
    const std::int64_t wanted = wanted_groups / channel_groups(), most = positions / (2 * threads);
    const std::int64_t result = wanted < most ? wanted : most;
    return result < 1 ? 1 : static_cast<int>(result);
  }
  BNC_HD int groups() const { return channel_groups() * pieces(); }
  BNC_HD std::int64_t piece_begin(int piece) const { return units() * piece / pieces(); }
  /// x at the upper left corner of a unit.
  BNC_HD std::int64_t position(std::int64_t unit) const {
    if (!pooled) return unit;
    const std::int64_t half = columns / 2;
    return 2 * (unit / half * columns + unit % half);
  }
};

/// Two sums per channel of a group of channels: `sums` numbers, the firsts and then the seconds.
struct GroupSums {
  static constexpr int sums = 2 * NormalisationShape::group_channels;
  static constexpr int parts = NormalisationShape::threads / sums;

  /// A thread's part of the sum of `count` rows.
  BNC_HD static double part(const double* rows, int count, int thread) {
    const int begin = count * (thread / sums) / parts, end = count * (thread / sums + 1) / parts;
    double sum = 0;
    for (int row = begin; row < end; ++row) sum += rows[row * sums + thread % sums];
    return sum;
  }
  BNC_HD static double of_parts(const double* partial, int index) {
    double sum = 0;
    for (int part = 0; part < parts; ++part) sum += partial[part * sums + index];
    return sum;
  }
};

/// What the tasks share. `width` channels per thread: 4, or 1 where 4 does not divide the channels.
template <class Number, int width>
struct NormalisationTask {
  static constexpr int threads = NormalisationShape::threads;
  static constexpr int lanes = NormalisationShape::group_channels / width, rows = threads / lanes;
  using Values = Pack<Number, width>;

  NormalisationShape shape;

  struct Place {
    int piece, row;
    int first;    ///< channel of the group
    int lane;     ///< first channel of the thread in the group
    int channel;  ///< of the thread, the first one
    bool exists;
  };
  BNC_HD Place place(int group, int thread) const {
    const int first = group / shape.pieces() * NormalisationShape::group_channels;
    const int lane = thread % lanes * width;
    return {group % shape.pieces(), thread / lanes, first, lane, first + lane, first + lane < shape.channels};
  }

  BNC_HD Values load(const Number* from, std::int64_t position, int channel) const {
    return *reinterpret_cast<const Values*>(from + position * shape.channels + channel);
  }
  BNC_HD void store(Number* to, std::int64_t position, int channel, const Values& values) const {
    *reinterpret_cast<Values*>(to + position * shape.channels + channel) = values;
  }

  /// body(unit) for each of the thread's.
  template <class Body>
  BNC_HD void for_units(const Place& at, const Body& body) const {
    const std::int64_t end = shape.piece_begin(at.piece + 1);
    for (std::int64_t unit = shape.piece_begin(at.piece) + at.row; unit < end; unit += rows) body(unit);
  }
};

/// A thread's two sums for each of its channels.
template <int width>
struct ThreadSums {
  static constexpr int block = 64;  // terms in single precision

  float first[width] = {}, second[width] = {};
  double wide_first[width] = {}, wide_second[width] = {};
  int terms = 0;

  BNC_HD void add(int i, float one, float other) {
    first[i] += one;
    second[i] += other;
  }
  BNC_HD void next() {
    if (++terms == block) flush();
  }
  BNC_HD void flush() {
    for (int i = 0; i < width; ++i) {
      wide_first[i] += static_cast<double>(first[i]);
      wide_second[i] += static_cast<double>(second[i]);
      first[i] = second[i] = 0;
    }
    terms = 0;
  }
  /// Into a row of a group's sums.
  BNC_HD void keep(double* row, int lane) {
    flush();
    for (int i = 0; i < width; ++i) {
      row[lane + i] = wide_first[i];
      row[NormalisationShape::group_channels + lane + i] = wide_second[i];
    }
  }
};

/// Sums over a piece: take(place, sums) adds up a thread's terms in phase 0, phases 1 and 2 add up the
/// threads'.
template <class Number, int width>
struct SummingTask : NormalisationTask<Number, width> {
  using Base = NormalisationTask<Number, width>;
  static constexpr int phases = 3;
  static constexpr int shared_doubles = (Base::rows + GroupSums::parts) * GroupSums::sums;

  double* pieces = nullptr;  ///< out: a row of sums for each piece of each group of channels

  template <class Take>
  BNC_HD void sum(int phase, int group, int thread, double* shared, const Take& take) const {
    double* const parts = shared + Base::rows * GroupSums::sums;
    const auto at = this->place(group, thread);
    if (phase == 0) {
      ThreadSums<width> sums;
      if (at.exists) take(at, sums);
      sums.keep(shared + at.row * GroupSums::sums, at.lane);
    } else if (phase == 1) {
      parts[thread] = GroupSums::part(shared, Base::rows, thread);
    } else if (thread < GroupSums::sums) {
      pieces[group * GroupSums::sums + thread] = GroupSums::of_parts(parts, thread);
    }
  }
};

/// Uses sums over all pieces: phase 0 adds up the pieces', phase 1 calls finish(channel in the group,
/// channel, first, second, whether it is the one group to tell) for each channel, phase 2 use(place).
template <class Number, int width>
struct UsingTask : NormalisationTask<Number, width> {
  static constexpr int phases = 3;
  static constexpr int group_channels = NormalisationShape::group_channels;
  static constexpr int most_kept = 5;  ///< numbers per channel
  static constexpr int shared_doubles =
      GroupSums::parts * GroupSums::sums + (most_kept * group_channels + 1) / 2;

  const double* pieces = nullptr;

  BNC_HD static float* kept(double* shared) {
    return reinterpret_cast<float*>(shared + GroupSums::parts * GroupSums::sums);
  }

  template <class Finish, class Use>
  BNC_HD void with_sums(int phase, int group, int thread, double* shared, const Finish& finish,
                        const Use& use) const {
    const auto at = this->place(group, thread);
    if (phase == 0) {
      const double* const of_pieces = pieces + std::int64_t{group - at.piece} * GroupSums::sums;
      shared[thread] = GroupSums::part(of_pieces, this->shape.pieces(), thread);
    } else if (phase == 1) {
      if (thread < group_channels && at.first + thread < this->shape.channels) {
        finish(thread, at.first + thread, GroupSums::of_parts(shared, thread),
               GroupSums::of_parts(shared, group_channels + thread), at.piece == 0);
      }
    } else if (at.exists) {
      use(at);
    }
  }
};

/// Of x - pivot and its square, the pivot being x at the first position: it lies within some deviations of
/// the mean, so that the difference of mean square and squared mean loses little.
template <class Number, int width>
struct MomentsTask : SummingTask<Number, width> {
  const Number* x = nullptr;

  BNC_HD void operator()(int phase, int group, int thread, double* shared) const {
    this->sum(phase, group, thread, shared, [&](const auto& at, auto& sums) {
      const auto pivot = this->load(x, 0, at.channel);
      this->for_units(at, [&](std::int64_t unit) {
        const auto values = this->load(x, unit, at.channel);
        for (int i = 0; i < width; ++i) {
          const float difference = to_float(values.numbers[i]) - to_float(pivot.numbers[i]);
          sums.add(i, difference, difference * difference);
        }
        sums.next();
      });
    });
  }
};

/// A channel's numbers: z = (x - mean) factor + shift.
struct ChannelNumbers {
  float mean, factor, shift;

  BNC_HD float z(float x) const { return (x - mean) * factor + shift; }
};
BNC_HD float rectified_by(float leak, float z) { return z > 0 ? z : leak * z; }
/// The gradient of z from that of the rectified z.
BNC_HD float before_rectifier(float leak, float z, float dy) { return z > 0 ? dy : leak * dy; }

/// Four neighbours in a channel: the largest z, the first of equals, and where it is.
struct PoolingWindow {
  float x[4], z, x_of_largest;
  int largest;

  BNC_HD PoolingWindow(const float (&values)[4], const ChannelNumbers& of)
      : x{values[0], values[1], values[2], values[3]} {
    const float z00 = of.z(x[0]), z01 = of.z(x[1]), z10 = of.z(x[2]), z11 = of.z(x[3]);
    const bool right_above = z01 > z00, right_below = z11 > z10;
    const float above = right_above ? z01 : z00, below = right_below ? z11 : z10;
    const bool is_below = below > above;
    z = is_below ? below : above;
    x_of_largest = is_below ? (right_below ? x[3] : x[2]) : (right_above ? x[1] : x[0]);
    largest = is_below ? 2 + right_below : right_above;
  }
};

/// The windows of a thread's channels.
template <class Number, int width>
struct WindowValues {
  Pack<Number, width> corners[4];

  BNC_HD PoolingWindow window(int i, const ChannelNumbers& of) const {
    const float values[4] = {to_float(corners[0].numbers[i]), to_float(corners[1].numbers[i]),
                             to_float(corners[2].numbers[i]), to_float(corners[3].numbers[i])};
    return {values, of};
  }
};
template <class Task>
BNC_HD std::int64_t corner_position(const Task& task, std::int64_t unit, int corner) {
  return task.shape.position(unit) + corner / 2 * task.shape.columns + corner % 2;
}

template <class Number, int width, class Task>
BNC_HD WindowValues<Number, width> load_windows(const Task& task, const Number* x, std::int64_t unit,
                                                int channel) {
  WindowValues<Number, width> values;
  for (int corner = 0; corner < 4; ++corner) {
    values.corners[corner] = task.load(x, corner_position(task, unit, corner), channel);
  }
  return values;
}

/// y, the statistics and the new running ones. Not pooled with a residual.
template <class Number, int width, bool pooled>
struct NormaliseTask : UsingTask<Number, width> {
  const Number* x = nullptr;
  const Number* residual = nullptr;  ///< null: 0
  Number* y = nullptr;
  const float *gamma = nullptr, *shift = nullptr;
  float *mean = nullptr, *inverse = nullptr;  ///< out: 1/sqrt(variance + epsilon)
  float *running_mean = nullptr, *running_variance = nullptr;
  double momentum = 0, epsilon = 0;
  float leak = 1;

  BNC_HD void operator()(int phase, int group, int thread, double* shared) const {
    ChannelNumbers* const numbers = reinterpret_cast<ChannelNumbers*>(this->kept(shared));
    this->with_sums(
        phase, group, thread, shared,
        [&](int place, int channel, double first, double second, bool tells) {
          const auto count = static_cast<double>(this->shape.positions);
          const double offset = first / count;
          const double whole_mean = static_cast<double>(to_float(x[channel])) + offset;
          const double raw = second / count - offset * offset;
          const double variance = raw < 0 ? 0 : raw;  // NaN stays
          const auto batch_mean = static_cast<float>(whole_mean);
          const auto batch_inverse = static_cast<float>(1 / std::sqrt(variance + epsilon));
          numbers[place] = {batch_mean, gamma[channel] * batch_inverse, shift[channel]};
          if (tells) {
            mean[channel] = batch_mean;
            inverse[channel] = batch_inverse;
            move_running(running_mean[channel], whole_mean);
            move_running(running_variance[channel], variance * count / (count > 2 ? count - 1 : 1));
          }
        },
        [&](const auto& at) {
          ChannelNumbers of[width];
          for (int i = 0; i < width; ++i) of[i] = numbers[at.lane + i];
          this->for_units(at, [&](std::int64_t unit) { normalise(unit, at.channel, of); });
        });
  }

 private:
  BNC_HD void move_running(float& running, double batch) const {
    running = static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * batch);
  }

  BNC_HD void normalise(std::int64_t unit, int channel, const ChannelNumbers* of) const {
    Pack<Number, width> result;
    if constexpr (pooled) {
      const auto values = load_windows<Number, width>(*this, x, unit, channel);
      for (int i = 0; i < width; ++i) {
        round_to(rectified_by(leak, values.window(i, of[i]).z), result.numbers[i]);
      }
    } else {
      const auto values = this->load(x, unit, channel);
      Pack<Number, width> added{};
      if (residual != nullptr) added = this->load(residual, unit, channel);
      for (int i = 0; i < width; ++i) {
        float z = of[i].z(to_float(values.numbers[i]));
        if (residual != nullptr) z += to_float(added.numbers[i]);
        round_to(rectified_by(leak, z), result.numbers[i]);
      }
    }
    this->store(y, unit, channel, result);
  }
};

/// A layer's numbers as they were, for its gradient.
struct ForwardNumbers {
  const float *mean = nullptr, *inverse = nullptr, *gamma = nullptr, *shift = nullptr;

  BNC_HD ChannelNumbers of(int channel) const {
    return {mean[channel], gamma[channel] * inverse[channel], shift[channel]};
  }
};

/// Sums of dz and of dz (x - mean), dz = (dy + more_dy) rectified'(z + residual). With a residual the sign of
/// z comes from y, and dz is stored, since it is the residual's gradient; without one there is no more_dy.
template <class Number, int width, bool pooled>
struct GradientSumsTask : SummingTask<Number, width> {
  const Number *x = nullptr, *y = nullptr, *dy = nullptr, *more_dy = nullptr;
  Number* residual_gradient = nullptr;  ///< null: there is no residual
  ForwardNumbers forward;
  float leak = 1;

  BNC_HD void operator()(int phase, int group, int thread, double* shared) const {
    this->sum(phase, group, thread, shared, [&](const auto& at, auto& sums) {
      ChannelNumbers of[width];
      for (int i = 0; i < width; ++i) of[i] = forward.of(at.channel + i);
      this->for_units(at, [&](std::int64_t unit) {
        if constexpr (pooled) {
          add_window(unit, at.channel, of, sums);
        } else {
          add_position(unit, at.channel, of, sums);
        }
        sums.next();
      });
    });
  }

 private:
  BNC_HD void add_window(std::int64_t unit, int channel, const ChannelNumbers* of,
                         ThreadSums<width>& sums) const {
    const auto values = load_windows<Number, width>(*this, x, unit, channel);
    const auto gradient = this->load(dy, unit, channel);
    for (int i = 0; i < width; ++i) {
      const PoolingWindow window = values.window(i, of[i]);
      const float dz = before_rectifier(leak, window.z, to_float(gradient.numbers[i]));
      sums.add(i, dz, dz * (window.x_of_largest - of[i].mean));
    }
  }

  BNC_HD void add_position(std::int64_t unit, int channel, const ChannelNumbers* of,
                           ThreadSums<width>& sums) const {
    const auto values = this->load(x, unit, channel);
    const auto gradient = this->load(dy, unit, channel);
    Pack<Number, width> more{}, outputs{}, result{};
    if (more_dy != nullptr) more = this->load(more_dy, unit, channel);
    if (residual_gradient != nullptr) outputs = this->load(y, unit, channel);
    for (int i = 0; i < width; ++i) {
      const float value = to_float(values.numbers[i]);
      float dz = to_float(gradient.numbers[i]);
      if (more_dy != nullptr) dz += to_float(more.numbers[i]);
      dz = before_rectifier(leak,
                            residual_gradient != nullptr ? to_float(outputs.numbers[i]) : of[i].z(value), dz);
      round_to(dz, result.numbers[i]);
      sums.add(i, dz, dz * (value - of[i].mean));
    }
    if (residual_gradient != nullptr) this->store(residual_gradient, unit, channel, result);
  }
};

/// dx = gamma/s (dz - mean(dz) - xhat mean(dz xhat)), s the deviation, xhat = (x - mean)/s; and the gradients
/// of gamma and shift. dx may be x. `dy` is dz itself, and `leak` 1, where there is a residual.
template <class Number, int width, bool pooled>
struct InputGradientTask : UsingTask<Number, width> {
  const Number *x = nullptr, *dy = nullptr;
  Number* dx = nullptr;
  ForwardNumbers forward;
  float *gamma_gradient = nullptr, *shift_gradient = nullptr;
  float leak = 1;

  BNC_HD void operator()(int phase, int group, int thread, double* shared) const {
    Numbers* const numbers = reinterpret_cast<Numbers*>(this->kept(shared));
    this->with_sums(
        phase, group, thread, shared,
        [&](int place, int channel, double first, double second, bool tells) {
          const auto count = static_cast<double>(this->shape.positions);
          const auto inverse = static_cast<double>(forward.inverse[channel]);
          const double product = second * inverse;
          const double scale = static_cast<double>(forward.gamma[channel]) * inverse;
          numbers[place] = {forward.of(channel), static_cast<float>(-scale * inverse * product / count),
                            static_cast<float>(-scale * first / count)};
          if (tells) {
            shift_gradient[channel] = static_cast<float>(first);
            gamma_gradient[channel] = static_cast<float>(product);
          }
        },
        [&](const auto& at) {
          Numbers of[width];
          for (int i = 0; i < width; ++i) of[i] = numbers[at.lane + i];
          this->for_units(at, [&](std::int64_t unit) { write(unit, at.channel, of); });
        });
  }

 private:
  struct Numbers {
    ChannelNumbers channel;
    float pull, constant;

    BNC_HD float dx(float x, float dz) const {
      return channel.factor * dz + (pull * (x - channel.mean) + constant);
    }
  };
  static_assert(sizeof(Numbers) == UsingTask<Number, width>::most_kept * sizeof(float));

  BNC_HD void write(std::int64_t unit, int channel, const Numbers* of) const {
    const auto gradient = this->load(dy, unit, channel);
    if constexpr (pooled) {
      const auto values = load_windows<Number, width>(*this, x, unit, channel);
      WindowValues<Number, width> result;
      for (int i = 0; i < width; ++i) {
        const PoolingWindow window = values.window(i, of[i].channel);
        const float dz = before_rectifier(leak, window.z, to_float(gradient.numbers[i]));
        for (int corner = 0; corner < 4; ++corner) {
          round_to(of[i].dx(window.x[corner], corner == window.largest ? dz : 0),
                   result.corners[corner].numbers[i]);
        }
      }
      for (int corner = 0; corner < 4; ++corner) {
        this->store(dx, corner_position(*this, unit, corner), channel, result.corners[corner]);
      }
    } else {
      const auto values = this->load(x, unit, channel);
      Pack<Number, width> result;
      for (int i = 0; i < width; ++i) {
        const float value = to_float(values.numbers[i]);
        const float dz = before_rectifier(leak, of[i].channel.z(value), to_float(gradient.numbers[i]));
        round_to(of[i].dx(value, dz), result.numbers[i]);
      }
      this->store(dx, unit, channel, result);
    }
  }
};

}  // namespace bncollapse::nets
