# What find_package(tapegrad) gives:
#   tapegrad::tapegrad     the library, for programs and extensions
#   tapegrad::backend_abi  the C header alone, for backend plugins
#   tapegrad::train, ...   the tools, each bin/tapegrad-NAME as tapegrad::NAME, for tests
#   tapegrad_SHARE         the folder that holds datasets/ and examples/, the configs

# A plain C project writes a backend, which needs none of these.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if("CXX" IN_LIST languages)
    include(CMakeFindDependencyMacro)
    find_dependency(Boost 1.74 CONFIG COMPONENTS headers)
    find_dependency(nlohmann_json 3.11)
endif()

include("${CMAKE_CURRENT_LIST_DIR}/tapegradTargets.cmake")

cmake_path(SET tapegrad_SHARE NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../share/tapegrad")
cmake_path(SET tapegrad_bin NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../bin")
file(GLOB tapegrad_tools "${tapegrad_bin}/tapegrad-*")
foreach(tool IN LISTS tapegrad_tools)
    string(REGEX REPLACE ".*/tapegrad-" "tapegrad::" name "${tool}")
    if(NOT TARGET ${name})
        add_executable(${name} IMPORTED)
        set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${tool}")
    endif()
endforeach()
