#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/study/spec.hpp"

namespace bncollapse::study {

/// What every spec begins with.
struct Heading {
  std::int64_t version = spec_version;
  std::string name, title, description;
};

}  // namespace bncollapse::study

template <>
struct bncollapse::fields::Fields<bncollapse::study::Heading> {
  using Struct = study::Heading;
  static constexpr auto all = std::tuple{
      field("bncollapse", &Struct::version, "version of this format",
            from_to(study::spec_version, study::spec_version), Required{}, Fixed{}),
      field("name", &Struct::name, "name of the run and of its folder",
            Pattern{"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"}, Required{}),
      field("title", &Struct::title, "one line for people"),
      field("description", &Struct::description, "what is asked and which values are a choice, for people")};
};
