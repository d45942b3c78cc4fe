# What every target of ours compiles with.
#   bncollapse_target(NAME)  C++20, warnings (errors where CMAKE_COMPILE_WARNING_AS_ERROR is on), no contraction of
#                            a*b+c behind our back (results must be the same bits on every engine), sanitizers where
#                            asked for.
#   bncollapse_highway(NAME) uses Highway, for BNCOLLAPSE_VECTORS alone: other targets would be compiled (some Highway
#                            releases know ten of an x86-64), and never dispatched to.
#   bncollapse_module(NAME SOURCES ...)  a module: static library, alias bncollapse::NAME, headers in NAME/include,
#                            installed and exported.
function(bncollapse_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${name} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-ffp-contract=off;-fno-fast-math>"
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wdouble-promotion>)  # clang: at each INFINITY
  if(BNCOLLAPSE_SANITIZE)
    target_compile_options(${name} PRIVATE
      "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${BNCOLLAPSE_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
    target_link_options(${name} PUBLIC -fsanitize=${BNCOLLAPSE_SANITIZE})
  endif()
endfunction()

set(BNCOLLAPSE_VECTORS "HWY_AVX3|HWY_AVX2|HWY_NEON" CACHE STRING "Highway's targets beside the compiler's baseline")
function(bncollapse_highway name)
  find_package(hwy REQUIRED)
  target_link_libraries(${name} PRIVATE hwy::hwy)
  target_compile_definitions(${name} PRIVATE
                             "HWY_DISABLED_TARGETS=(~(${BNCOLLAPSE_VECTORS}|HWY_BASELINE_TARGETS))")
endfunction()

function(bncollapse_module name)
  cmake_parse_arguments(MODULE "" "" "SOURCES" ${ARGN})
  set(target bncollapse_${name})
  add_library(${target} STATIC ${MODULE_SOURCES})
  add_library(bncollapse::${name} ALIAS ${target})
  bncollapse_target(${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS ${target} EXPORT bncollapse-targets)
  install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()
