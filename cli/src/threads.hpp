#pragma once

namespace bncollapse::cli {

/// The threads that --threads asks for; 0: as many as there are.
int threads_of(int asked);

/// Throws study::RunError where so many cannot be started: what starts them later ends the process then.
void require_threads(int threads);

}  // namespace bncollapse::cli
