# The CUDA backend, where nvcc is found; and its kernels as host C++, for the tests, where Boost.Context is.

tapegrad_sources(cuda_kernels backends/cuda/*.cu)
tapegrad_sources(cuda_host_code backends/cuda/*.cpp)

# A plugin NAME of the same sources through tests/cuda_on_host/cuda_runtime.h, with what is defined besides. Each kernel
# file is included by a .cpp of its own, because its name alone would make CMake give it to nvcc.
function(tapegrad_cuda_on_host name)
    set(wrapped "")
    foreach(kernels IN LISTS cuda_kernels)
        cmake_path(GET kernels STEM stem)
        set(wrapper "${PROJECT_BINARY_DIR}/cuda_on_host/${stem}.cpp")
        file(CONFIGURE OUTPUT "${wrapper}" CONTENT "#include \"${kernels}\"\n")
        list(APPEND wrapped "${wrapper}")
    endforeach()
    set(host_code ${cuda_host_code})
    list(FILTER host_code EXCLUDE REGEX "/blas\\.cpp$") # tests/cuda_on_host has another
    tapegrad_sources(emulation tests/cuda_on_host/*.cpp)
    tapegrad_plugin_apart(cuda_on_host ${name} ${wrapped} ${host_code} ${emulation})
    set(target tapegrad_backend_${name})
    target_include_directories(${target} BEFORE PRIVATE "${PROJECT_SOURCE_DIR}/tests/cuda_on_host"
                               "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${target} PRIVATE "TAPEGRAD_CUDA_NAME=\"${name}\"" ${ARGN})
    # How far loops are unrolled is told to nvcc alone.
    target_compile_options(${target} PRIVATE -ffp-contract=off -fvisibility=hidden -Wno-unknown-pragmas)
    target_link_libraries(${target} PRIVATE Boost::context)
    tapegrad_optimise(${target} -O1)
endfunction()

# Not under a sanitizer: it follows a stack, and here each thread of a block is a fiber with a stack of its own. These have
# guard pages instead, and memory that is born as NaN.
find_package(Boost 1.74 CONFIG COMPONENTS context QUIET)
if(Boost_CONTEXT_FOUND AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    tapegrad_cuda_on_host(cuda_on_host TAPEGRAD_CUDA_WARP_SIZE=32)
    if(NOT TAPEGRAD_COVERAGE) # which takes the unit tests alone
        tapegrad_cuda_on_host(cuda_on_host_narrow TAPEGRAD_CUDA_WARP_SIZE=8 TAPEGRAD_CUDA_PIECE_LENGTH=4
                              TAPEGRAD_CUDA_CUT_ABOVE=8 TAPEGRAD_CUDA_CACHED_BYTES=256)
    endif()
endif()

option(TAPEGRAD_CUDA "Build the cuda backend, if there is nvcc" ON)
if(TAPEGRAD_CUDA)
    include(CheckLanguage)
    check_language(CUDA)
endif()
if(TAPEGRAD_CUDA AND CMAKE_CUDA_COMPILER)
    # The oldest that CUDA 13 compiles for, to a Hopper, whose intermediate code is compiled for what comes later.
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90)
    endif()
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    tapegrad_plugin(tapegrad_backend_cuda ${cuda_kernels} ${cuda_host_code})
    target_compile_definitions(tapegrad_backend_cuda PRIVATE "TAPEGRAD_CUDA_NAME=\"cuda\"")
    # No a * b + c but where it is written, so that the device computes the bits that the tests on the host saw.
    target_compile_options(tapegrad_backend_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --expt-relaxed-constexpr -fmad=false -Xcompiler=-fvisibility=hidden,-Wall,-Wextra,-Wno-missing-field-initializers>
                           "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${TAPEGRAD_WERROR}>>:-Werror=all-warnings>"
                           $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off -fvisibility=hidden>)
    target_link_libraries(tapegrad_backend_cuda PRIVATE CUDA::cudart_static ${CMAKE_DL_LIBS})
    add_dependencies(backends tapegrad_backend_cuda)
    list(JOIN CMAKE_CUDA_ARCHITECTURES " " architectures)
    message(STATUS "CUDA: the cuda backend is built by nvcc ${CMAKE_CUDA_COMPILER_VERSION} for ${architectures}")
elseif(TAPEGRAD_CUDA)
    message(STATUS "CUDA: nvcc not found, the cuda backend is not built")
endif()
