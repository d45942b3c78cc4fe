#include "shell_words.hpp"

#include <doctest/doctest.h>

#include "program.hpp"

using namespace bncollapse::cli;

TEST_CASE("a shell takes the words of a printed command apart as they were") {
  const std::vector<std::string> words = {"printf", "%s|",       "plain-1.5/x", "two words", "it's",
                                          "",       "$HOME;`x`", "a\nb",        "--n=*"};
  CHECK(shell_words({"a", "b.json"}) == "a b.json");
  CHECK(testing::shell(shell_words(words)).out == "plain-1.5/x|two words|it's||$HOME;`x`|a\nb|--n=*|");
}
