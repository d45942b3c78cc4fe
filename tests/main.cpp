// Runs the cases. Beyond doctest's rules, a run fails that has no case, or a case that asserts nothing and is
// not skipped (skip.hpp): each would pass whatever is broken.
// Exit code: 0 passed, 1 failed, 77 all cases were skipped.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <iostream>
#include <string_view>

namespace {

struct Cases {
  unsigned run = 0, skipped = 0, empty = 0;
};
Cases cases;

class Listener final : public doctest::IReporter {
 public:
  explicit Listener(const doctest::ContextOptions& /*unused*/) {}

  void test_case_start(const doctest::TestCaseData& data) override {
    name_ = data.m_name;
    says_skipped_ = false;
  }
  void log_message(const doctest::MessageData& message) override {
    if (std::string_view(message.m_string.c_str()).starts_with("skipped: ")) says_skipped_ = true;
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    ++cases.run;
    if (stats.numAssertsCurrentTest > 0) return;
    if (says_skipped_) {
      ++cases.skipped;
    } else {
      ++cases.empty;
      std::cout << "the case \"" << name_ << "\" asserts nothing\n";
    }
  }

  void report_query(const doctest::QueryData& /*unused*/) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& /*unused*/) override {}
  void test_case_reenter(const doctest::TestCaseData& /*unused*/) override {}
  void test_case_exception(const doctest::TestCaseException& /*unused*/) override {}
  void subcase_start(const doctest::SubcaseSignature& /*unused*/) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& /*unused*/) override {}
  void test_case_skipped(const doctest::TestCaseData& /*unused*/) override {}

 private:
  const char* name_ = "";
  bool says_skipped_ = false;
};
REGISTER_LISTENER("cases", 0, Listener);

}  // namespace

int main(int count, char** words) {
  doctest::Context context(count, words);
  const int code = context.run();
  if (context.shouldExit()) return code;  // a query, as --list-test-cases
  if (cases.skipped > 0) std::cout << cases.skipped << " of " << cases.run << " cases were skipped\n";
  if (cases.run == 0) std::cout << "the filters select no case\n";
  if (code != 0 || cases.run == 0 || cases.empty > 0) return 1;
  return cases.skipped == cases.run ? 77 : 0;
}
