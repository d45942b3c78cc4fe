#pragma once

#include <memory>

#include "bncollapse/sim/communicator.hpp"

namespace bncollapse::cli {

/// Whether this build has MPI.
bool has_mpi();

/// The processes that mpirun or srun started together, until `leave_mpi_communicator` or
/// `abort_mpi_communicator`. Throws study::InputError where this build has no MPI.
std::unique_ptr<sim::Communicator> make_mpi_communicator();

/// After the work: waits for the others. Does nothing where no communicator was made.
void leave_mpi_communicator();

/// Ends every process of the communicator with the exit code, since they wait for this one. Does nothing
/// where no communicator was made.
void abort_mpi_communicator(int exit_code);

}  // namespace bncollapse::cli
