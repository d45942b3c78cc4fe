// Values as bytes, for another process of the same program.
#pragma once

#include <cstring>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "bncollapse/sim/communicator.hpp"
#include "bncollapse/sim/estimates.hpp"
#include "shared/record_sums.hpp"

namespace bncollapse::sim {

/// A class with parts lists them once, for both directions: `template <class A> void archive(A& a, Parts&
/// parts)`.
template <class Value>
inline constexpr bool is_plain = std::is_trivially_copyable_v<Value>;

class ByteWriter {
 public:
  template <class Value>
  void operator()(const Value& value) {
    if constexpr (is_plain<Value>) {
      const auto* from = reinterpret_cast<const std::byte*>(&value);
      bytes_.insert(bytes_.end(), from, from + sizeof value);
    } else {
      archive(*this, value);
    }
  }
  template <class Value>
  void operator()(const std::vector<Value>& values) {
    (*this)(values.size());
    for (const Value& value : values) (*this)(value);
  }
  template <class Value>
  void operator()(const std::optional<Value>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }

  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(const Bytes& bytes) : next_(bytes.data()) {}

  template <class Value>
  void operator()(Value& value) {
    if constexpr (is_plain<Value>) {
      std::memcpy(&value, next_, sizeof value);
      next_ += sizeof value;
    } else {
      archive(*this, value);
    }
  }
  template <class Value>
  void operator()(std::vector<Value>& values) {
    std::size_t size = 0;
    (*this)(size);
    values.resize(size);
    for (Value& value : values) (*this)(value);
  }
  template <class Value>
  void operator()(std::optional<Value>& value) {
    bool holds = false;
    (*this)(holds);
    value = holds ? std::optional<Value>(std::in_place) : std::nullopt;
    if (value) (*this)(*value);
  }

 private:
  const std::byte* next_;
};

/// The class `Parts`, const where it is written.
template <class Whole, class Parts>
concept PartsOf = std::is_same_v<std::remove_const_t<Whole>, Parts>;

template <class A, PartsOf<Histogram> H>
void archive(A& a, H& h) {
  a(h.bins), a(h.counts), a(h.below), a(h.above);
}
template <class A, PartsOf<Histogram2d> H>
void archive(A& a, H& h) {
  a(h.x), a(h.y), a(h.counts), a(h.outside);
}
template <class A, PartsOf<RecordHistograms> H>
void archive(A& a, H& h) {
  a(h.gamma), a(h.beta), a(h.u), a(h.gamma_beta);
}
/// A member that is missing here does not compile.
template <class A, PartsOf<Record> R>
void archive(A& a, R& r) {
  static_assert(sizeof r ==
                sizeof r.step + (std::size(recorded_means) + std::size(recorded_shares)) * sizeof(Mean) +
                    2 * sizeof r.change_antithetic + sizeof r.histograms + sizeof r.change_by_group);
  a(r.step), a(r.change_antithetic), a(r.change_control_variate), a(r.histograms), a(r.change_by_group);
  for (const auto& [quantity, member] : recorded_means) a(r.*member);
  for (const auto& [event, member] : recorded_shares) a(r.*member);
}
template <class A, PartsOf<TimeHistogram> H>
void archive(A& a, H& h) {
  a(h.bin_width), a(h.counts), a(h.never);
}
template <class A, PartsOf<Estimates> E>
void archive(A& a, E& e) {
  a(e.records), a(e.first_activation), a(e.collapse_time), a(e.paths), a(e.rare_collapse);
}

}  // namespace bncollapse::sim
