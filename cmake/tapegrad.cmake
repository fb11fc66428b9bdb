# How every target of the project is compiled, and the functions that the root list is written in.

option(TAPEGRAD_WERROR "Warnings are errors" OFF)
option(TAPEGRAD_FUZZ "The fuzz targets are programs of libFuzzer" OFF)
option(TAPEGRAD_COVERAGE "The library, the reference backend and the tools count which lines ran" OFF)

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# Relative, so that programs and plugins find the library wherever the build folder lies.
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

add_library(tapegrad_options INTERFACE)
target_compile_features(tapegrad_options INTERFACE cxx_std_20)
# A designated initializer leaves out on purpose what it does not name.
set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers $<$<BOOL:${TAPEGRAD_WERROR}>:-Werror>)
target_compile_options(tapegrad_options INTERFACE "$<$<NOT:$<COMPILE_LANGUAGE:CUDA>>:${warnings}>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms: in std::string (GCC bug 105651); about any reference returned by a function with a string argument.
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(tapegrad_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
    else()
        target_compile_options(tapegrad_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-dangling-reference>)
    endif()
endif()

# Another level than -O3 in a release, for what no training step runs: it compiles in half to two thirds of the time.
function(tapegrad_optimise target level)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
endfunction()

# For gcov, which wants the program as it is written; the kernels of simd stay fast, check-backend judges them.
function(tapegrad_count_lines)
    if(TAPEGRAD_COVERAGE)
        foreach(target IN LISTS ARGN)
            target_compile_options(${target} PRIVATE -O0 --coverage -fprofile-update=atomic)
            target_link_options(${target} PUBLIC --coverage)
        endforeach()
    endif()
endfunction()

# Sets VARIABLE to the files that match the patterns, written from the root.
function(tapegrad_sources variable)
    list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
    file(GLOB sources CONFIGURE_DEPENDS ${ARGN})
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# The same, with all folders below.
function(tapegrad_sources_below variable)
    list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ARGN})
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# Plugins see backends/ and nothing else of the project: including the engine from one does not compile.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/plugin_include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/backends" "${PROJECT_BINARY_DIR}/plugin_include/backends" SYMBOLIC)
add_custom_target(backends)

# One plugin of the sources given. It links nothing of the project, and -z defs makes a missing symbol an error here
# instead of at run time.
function(tapegrad_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_include_directories(${name} PRIVATE "${PROJECT_BINARY_DIR}/plugin_include")
    target_link_libraries(${name} PRIVATE tapegrad_options)
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
        target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
endfunction()

# The backend whose sources lie in backends/NAME, with the libraries it links. Without contraction of a*b+c, every
# compiler computes the same bits.
function(tapegrad_backend name)
    tapegrad_sources(sources backends/${name}/*.c backends/${name}/*.cpp)
    tapegrad_plugin(tapegrad_backend_${name} ${sources})
    target_compile_options(tapegrad_backend_${name} PRIVATE -ffp-contract=off)
    target_link_libraries(tapegrad_backend_${name} PRIVATE ${ARGN})
    add_dependencies(backends tapegrad_backend_${name})
endfunction()

# The kernels in backends/NAME/kernels once more for each instruction set SET with its FLAGS, as libtapegrad_NAME_SET.so
# beside the plugin: tapegrad_kernels(NAME SET FLAGS...).
function(tapegrad_kernels name set)
    tapegrad_sources(sources backends/${name}/kernels/*.cpp)
    set(target tapegrad_${name}_${set})
    tapegrad_plugin(${target} ${sources})
    # No branch on errno or floating-point exceptions, which would keep loops from being vectorised; symbols stay local.
    target_compile_options(${target} PRIVATE ${ARGN} -fvisibility=hidden -fno-math-errno -fno-trapping-math)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The warnings are false alarms in the intrinsics' own header (GCC bug 105593).
        target_compile_options(${target} PRIVATE -fno-gnu-unique -Wno-maybe-uninitialized -Wno-uninitialized
                               -fno-tree-loop-distribute-patterns) # no call of memset to clear eight vectors
    endif()
    target_include_directories(${target} SYSTEM PRIVATE "${XSIMD_INCLUDE_DIR}")
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
    add_dependencies(backends ${target})
    add_dependencies(tapegrad_backend_${name} ${target})
endfunction()

# A plugin of the sources given as OUTPUT/libtapegrad_backend_NAME.so in the build folder, where the loader does not look
# by itself.
function(tapegrad_plugin_apart output name)
    tapegrad_plugin(tapegrad_backend_${name} ${ARGN})
    set_target_properties(tapegrad_backend_${name} PROPERTIES
                          LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${output}")
endfunction()

# One of every FOLDER/NAME.c or .cpp, for the tests of the loader.
function(tapegrad_test_plugins folder output)
    tapegrad_sources(sources ${folder}/*.c ${folder}/*.cpp)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        tapegrad_plugin_apart(${output} ${name} "${source}")
    endforeach()
endfunction()

# An extension library test_plugins/libNAME.so of every FOLDER/NAME.cpp, for the tests of `--load`.
function(tapegrad_test_extensions folder)
    tapegrad_sources(sources ${folder}/*.cpp)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        add_library(test_extension_${name} MODULE "${source}")
        target_link_libraries(test_extension_${name} PRIVATE tapegrad)
        set_target_properties(test_extension_${name} PROPERTIES OUTPUT_NAME ${name}
                              LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/test_plugins")
    endforeach()
endfunction()

# An executable of every file in FOLDER, with the libraries it links.
function(tapegrad_executables folder)
    tapegrad_sources(sources ${folder}/*.cpp)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        add_executable(${name} "${source}")
        target_link_libraries(${name} PRIVATE ${ARGN})
        tapegrad_optimise(${name} -O1)
        # As RPATH rather than RUNPATH, which holds for libraries of libraries and for those that are loaded later too.
        target_link_options(${name} PRIVATE LINKER:--disable-new-dtags)
    endforeach()
endfunction()
