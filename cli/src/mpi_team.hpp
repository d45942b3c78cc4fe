#pragma once

#include <memory>

#include "bncollapse/sim/team.hpp"

namespace bncollapse::cli {

/// Whether this build has MPI.
bool has_mpi();

/// The processes that mpirun or srun started together, until `leave_mpi_team` or `abort_mpi_team`. Throws
/// study::InputError where this build has no MPI.
std::unique_ptr<sim::Team> make_mpi_team();

/// After the work: waits for the others. Does nothing where no team was made.
void leave_mpi_team();

/// Ends every process of the team with the exit code, since they wait for this one. Does nothing where no
/// team was made.
void abort_mpi_team(int exit_code);

}  // namespace bncollapse::cli
