# What `cmake --install` copies. The build folder has the same layout (bin, lib, share/tapegrad), so that what a program
# finds by a path relative to itself is found in both, and an installation may be moved.

# Programs look for these beside themselves.
foreach(link datasets:datasets peers:tools/peers report:tools/reports/page)
    string(REPLACE ":" ";" link "${link}")
    list(GET link 0 name)
    list(GET link 1 folder)
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/share/tapegrad")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/share/tapegrad/${name}" SYMBOLIC)
endforeach()
install(DIRECTORY datasets/cora DESTINATION share/tapegrad/datasets PATTERN "*.py" EXCLUDE PATTERN ".git*" EXCLUDE)
install(FILES LICENSE DESTINATION share/tapegrad)
install(FILES datasets/README.md DESTINATION share/tapegrad/datasets)
# Where the examples look for it.
install(FILES docs/config.schema.json DESTINATION share/tapegrad/docs)
install(DIRECTORY tools/reports/page/ DESTINATION share/tapegrad/report)
install(DIRECTORY tools/peers/ DESTINATION share/tapegrad/peers FILES_MATCHING PATTERN "*.py")
tapegrad_sources(configs examples/*.json)
install(FILES ${configs} DESTINATION share/tapegrad/examples)
install(DIRECTORY examples/custom_op examples/custom_layer examples/custom_backend examples/own_graph
        DESTINATION share/tapegrad/examples PATTERN build EXCLUDE)
install(DIRECTORY backends/template DESTINATION share/tapegrad)

# The library and its headers. While the version is 0.x, every minor version is another interface.
set_target_properties(tapegrad PROPERTIES VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
install(TARGETS tapegrad EXPORT tapegradTargets LIBRARY DESTINATION lib INCLUDES DESTINATION include/tapegrad)
install(DIRECTORY autograd datasets nn DESTINATION include/tapegrad
        FILES_MATCHING PATTERN "*.hpp" PATTERN cora EXCLUDE)
install(FILES "${PROJECT_BINARY_DIR}/generated/autograd/version.hpp" DESTINATION include/tapegrad/autograd)
tapegrad_sources(backend_headers backends/*.h backends/*.hpp)
install(FILES ${backend_headers} DESTINATION include/tapegrad/backends)

# All that a backend plugin needs: where the C header is.
add_library(tapegrad_backend_abi INTERFACE)
set_target_properties(tapegrad_backend_abi PROPERTIES EXPORT_NAME backend_abi)
install(TARGETS tapegrad_backend_abi EXPORT tapegradTargets INCLUDES DESTINATION include/tapegrad)

# The plugins, where the loader looks: beside the library.
get_target_property(plugins backends MANUALLY_ADDED_DEPENDENCIES)
install(TARGETS ${plugins} LIBRARY DESTINATION lib)

# The tools, each tools/NAME.cpp as tapegrad-NAME; the target `tools` builds all of them.
add_custom_target(tools)
tapegrad_sources(tool_sources tools/*.cpp)
foreach(source IN LISTS tool_sources)
    cmake_path(GET source STEM name)
    add_dependencies(tools ${name})
    install(PROGRAMS "$<TARGET_FILE:${name}>" DESTINATION bin RENAME tapegrad-${name})
    # bash-completion looks for a file of the name of the command.
    install(FILES tools/completion.bash DESTINATION share/bash-completion/completions RENAME tapegrad-${name})
endforeach()

# What find_package and pkg-config read.
include(CMakePackageConfigHelpers)
write_basic_package_version_file(tapegradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT tapegradTargets NAMESPACE tapegrad:: DESTINATION lib/cmake/tapegrad)
install(FILES cmake/tapegradConfig.cmake "${PROJECT_BINARY_DIR}/tapegradConfigVersion.cmake"
        DESTINATION lib/cmake/tapegrad)
configure_file(cmake/tapegrad.pc.in tapegrad.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/tapegrad.pc" DESTINATION lib/pkgconfig)
