#include "run_verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "mpi_team.hpp"
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
  abort_mpi_team(code);
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

}  // namespace

int run_verbs(CLI::App& program, const std::vector<Verb>& verbs, int argc, char** argv) {
  for (const Verb& verb : verbs) take_decimal_numbers(*verb.app);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);
    return complain(bad_input, fmt::format("{}\nRun with --help for what is allowed.", error.what()));
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return run_verb_of(verb);
  }
  return complain(bad_input,
                  "a verb is missing: theory, run, train, probe, report, export, spec or info; see --help");
}

}  // namespace bncollapse::cli
