#include "bncollapse/sim/communicator.hpp"

#include "archive.hpp"

namespace bncollapse::sim {

Bytes to_bytes(const Estimates& estimates) {
  ByteWriter writer;
  writer(estimates);
  return writer.take();
}

Estimates estimates_from_bytes(const Bytes& bytes) {
  Estimates estimates;
  ByteReader reader(bytes);
  reader(estimates);
  return estimates;
}

}  // namespace bncollapse::sim
