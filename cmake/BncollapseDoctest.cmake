# bncollapse_doctest(NAME SOURCES ... LIBRARIES ...)
#   an executable NAME_tests of doctest cases (main() is given), each case a test of its own named "NAME/case".
#   A filter that selects no case would count as success: it is a failure here. A case that says "skipped: REASON",
#   and does nothing else, counts as skipped.
include(doctest)

function(bncollapse_doctest name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target ${name}_tests)
  add_executable(${target} ${TEST_SOURCES})
  bncollapse_target(${target})
  target_link_libraries(${target} PRIVATE bncollapse_test_main ${TEST_LIBRARIES})
  doctest_discover_tests(${target} TEST_PREFIX "${name}/"
                         PROPERTIES FAIL_REGULAR_EXPRESSION "test cases: +0 [|]"
                                    SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()
