#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bncollapse/sim/estimates.hpp"

namespace bncollapse::sim {

using Bytes = std::vector<std::byte>;

/// Processes that work on one thing together, such as the ranks of MPI. All members make the same calls in
/// the same order.
class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// What every member gave, in order of rank, at rank 0; nothing elsewhere.
  virtual std::vector<Bytes> gather(const Bytes& mine) const = 0;
  /// What rank 0 gave, at every member.
  virtual Bytes broadcast(const Bytes& mine) const = 0;

  bool is_root() const { return rank() == 0; }
};

/// Estimates as bytes, exactly, for another process of the same program.
Bytes to_bytes(const Estimates& estimates);
Estimates estimates_from_bytes(const Bytes& bytes);

}  // namespace bncollapse::sim
