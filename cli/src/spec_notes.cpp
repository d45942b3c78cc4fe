#include "spec_notes.hpp"

#include <fmt/format.h>

#include "standard_streams.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {

void tell_notes(const study::Spec& spec) {
  for (const std::string& note : spec.notes)
    tell(fmt::format("bncollapse: {}\n", visible_text(fmt::format("{}: {}", spec.file, note))));
}

}  // namespace bncollapse::cli
