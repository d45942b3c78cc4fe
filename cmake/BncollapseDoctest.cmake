# bncollapse_doctest(NAME SOURCES ... LIBRARIES ...)
#   an executable NAME_tests of doctest cases (main() is given), each case a test of its own named "NAME/case".
#   tests/main.cpp says which cases count as failed, passed or skipped.
include(doctest)

function(bncollapse_doctest name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target ${name}_tests)
  add_executable(${target} ${TEST_SOURCES})
  bncollapse_target(${target})
  target_link_libraries(${target} PRIVATE bncollapse_test_main ${TEST_LIBRARIES})
  doctest_discover_tests(${target} TEST_PREFIX "${name}/"
                         PROPERTIES SKIP_RETURN_CODE 77)
endfunction()
