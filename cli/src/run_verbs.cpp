#include "run_verbs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "bncollapse/fields/nearest_name.hpp"
#include "bncollapse/nets/errors.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "mpi_communicator.hpp"
#include "standard_streams.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {
namespace {

constexpr int bad_input = 2, failed_run = 3;

int complain(int code, const std::string& message) {
  tell(fmt::format("bncollapse: {}\n", visible_text(message)));
  return code;
}

/// Not of a reader that has what it wants, as `head`.
int complain_of_stdout(int error) {
  return error == EPIPE ? failed_run : complain(failed_run, fmt::format("stdout: {}", std::strerror(error)));
}

int code_of(const Verb& verb) {
  try {
    const int code = verb.run();
    // A full disk or a closed pipe behind stdout shows at the last write.
    return std::fflush(stdout) == 0 ? code : complain_of_stdout(errno);
  } catch (const study::InputError& error) {
    return complain(bad_input, error.what());
  } catch (const theory::InvalidArgument& error) {
    return complain(bad_input, error.what());
  } catch (const nets::FileError& error) {
    return complain(bad_input, error.what());
  } catch (const study::RunError& error) {
    return complain(failed_run, error.what());
  } catch (const sim::EngineUnavailable& error) {
    return complain(failed_run, error.what());
  } catch (const std::bad_alloc&) {
    return complain(failed_run, "out of memory: take fewer bins, records or points");
  } catch (const std::system_error& error) {
    return std::ferror(stdout) != 0 ? complain_of_stdout(error.code().value())
                                    : complain(failed_run, error.what());
  } catch (const std::exception& error) {
    return complain(failed_run, error.what());
  }
}

int run_verb_of(const Verb& verb) {
  const int code = code_of(verb);
  abort_mpi_communicator(code);
  return code;
}

/// CLI11 takes 010 for eight and 0x10 for sixteen: numbers are decimal here, as in a spec.
std::string make_decimal(std::string& text) {
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  const std::string digits = text.substr(is_signed ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return fmt::format("is {}; it must be an integer in decimal digits", theory::quoted(text));
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  const std::string plain = (text[0] == '-' ? "-" : "") + digits.substr(first);
  std::int64_t value = 0;
  if (std::from_chars(plain.data(), plain.data() + plain.size(), value).ec != std::errc())
    return fmt::format("is {}, which is too large", theory::quoted(text));
  text = plain;
  return {};
}

/// No hexadecimal number, nor NaN, which passes every range.
std::string require_decimal(std::string& text) {
  if (text.find_first_of("xXaA") == std::string::npos) return {};
  return fmt::format("is {}; it must be a decimal number", theory::quoted(text));
}

void take_decimal_numbers(CLI::App& verb) {
  for (CLI::Option* option : verb.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT") || type.starts_with("UINT"))
      option->transform(CLI::Validator(make_decimal, ""));
    else if (type.starts_with("FLOAT"))
      option->transform(CLI::Validator(require_decimal, ""));
  }
}

std::vector<std::string> verb_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

/// Those of its groups as well, which CLI11 takes for subcommands without a name.
std::vector<std::string> option_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::App* group : verb.get_subcommands([](const CLI::App*) { return true; })) {
    const std::vector<std::string> inner = option_names(*group);
    names.insert(names.end(), inner.begin(), inner.end());
  }
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// What to tell about a verb or an option that there is not; empty where it is something else that is wrong.
std::string hint_for(const CLI::App& program, int argc, char** argv) {
  if (argc < 2) return {};
  const std::string first = argv[1];
  const std::vector<std::string> verbs = verb_names(program);
  if (!first.starts_with('-') && std::find(verbs.begin(), verbs.end(), first) == verbs.end()) {
    return fmt::format("{} is not a verb{}; the verbs are {}", theory::quoted(first),
                       fields::suggestion(first, verbs), fmt::join(verbs, ", "));
  }
  if (first.starts_with('-')) return {};
  const std::vector<std::string> options = option_names(*program.get_subcommand(first));
  for (int i = 2; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (!word.starts_with("--") || word == "--" ||
        std::find(options.begin(), options.end(), word) != options.end())
      continue;
    return fmt::format("{} has no option {}{}; see bncollapse {} --help", first, theory::quoted(word),
                       fields::suggestion(word, options), first);
  }
  return {};
}

}  // namespace

int run_verbs(CLI::App& program, const std::vector<Verb>& verbs, int argc, char** argv) {
  for (const Verb& verb : verbs) take_decimal_numbers(*verb.app);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);
    if (const auto hint = hint_for(program, argc, argv); !hint.empty()) return complain(bad_input, hint);
    return complain(bad_input, fmt::format("{}\nRun with --help for what is allowed.", error.what()));
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return run_verb_of(verb);
  }
  return complain(bad_input, fmt::format("a verb is missing; the verbs are {}; see --help",
                                         fmt::join(verb_names(program), ", ")));
}

}  // namespace bncollapse::cli
