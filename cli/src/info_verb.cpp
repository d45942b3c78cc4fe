#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "bncollapse/gpu/engine.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/sim/fields.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/store_format.hpp"
#include "bncollapse/study/version.hpp"
#include "mpi_communicator.hpp"
#include "networks_program.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

using study::Json;

Json engine_info(sim::EngineName name) {
  try {
    const auto engine = gpu::make_engine(name).engine;
    return {{"available", true}, {"description", engine->description()}};
  } catch (const sim::EngineUnavailable& error) {
    return {{"available", false}, {"reason", error.what()}};
  }
}

Json info() {
  Json engines = Json::object();
  for (const auto& engine : fields::Enumeration<sim::EngineName>::all) {
    if (engine.value != sim::EngineName::automatic)
      engines[std::string(engine.name)] = engine_info(engine.value);
  }
  return {{"version", study::program_version()},
          {"build", study::build_description()},
          {"spec_version", study::spec_version},
          {"store_version", study::store_version},
          {"processors", std::thread::hardware_concurrency()},
          {"mpi", has_mpi()},
          {"networks", std::filesystem::exists(networks_program())},
          {"engines", engines}};
}

void print_people(const Json& info) {
  fmt::print("bncollapse {}\n", info.at("version").get<std::string>());
  fmt::print("build                    {}\n", info.at("build").get<std::string>());
  fmt::print("formats                  spec {}, store {}\n", info.at("spec_version").dump(),
             info.at("store_version").dump());
  fmt::print("processors               {}\n", info.at("processors").dump());
  fmt::print("mpi                      {}\n", info.at("mpi").get<bool>() ? "yes" : "no");
  fmt::print("networks                 {}\n",
             info.at("networks").get<bool>() ? "yes" : "no (built without LibTorch)");
  for (const auto& [name, engine] : info.at("engines").items()) {
    const bool available = engine.at("available").get<bool>();
    fmt::print("engine {:<17} {}{}\n", name, available ? "" : "not here: ",
               engine.at(available ? "description" : "reason").get<std::string>());
  }
}

}  // namespace

Verb info_verb(CLI::App& program) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app = program.add_subcommand("info", "Version, build, engines, devices, vector width");
  app->add_flag("--json", *json, "One JSON object on stdout");
  app->footer("Example:\n  bncollapse info --json");
  return {app, [json] {
            if (*json)
              fmt::print("{}\n", info().dump(2));
            else
              print_people(info());
            return 0;
          }};
}

}  // namespace bncollapse::cli
