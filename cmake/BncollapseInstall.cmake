# The installed package: find_package(bncollapse) with the targets bncollapse::theory, bncollapse::sim and
# bncollapse::study. Modules install their own libraries and headers (BncollapseTarget.cmake).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/bncollapse)
install(EXPORT bncollapse-targets NAMESPACE bncollapse:: DESTINATION ${package_dir})
configure_package_config_file(cmake/bncollapse-config.cmake.in bncollapse-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(bncollapse-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bncollapse-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/bncollapse-config-version.cmake DESTINATION ${package_dir})

install(DIRECTORY experiments plots DESTINATION ${CMAKE_INSTALL_DATADIR}/bncollapse
        PATTERN __pycache__ EXCLUDE)
install(FILES LICENSE CITATION.cff README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
