# The plugins, with what they are built from: tapegrad_backend(FOLDER [libraries it links...]). A backend is one folder and one
# line here.

find_package(xtensor REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_path(XSIMD_INCLUDE_DIR xsimd/xsimd.hpp REQUIRED)

tapegrad_backend(reference xtensor)
tapegrad_backend(simd ${CMAKE_DL_LIBS})
tapegrad_kernels(simd sse2 -msse2)
tapegrad_kernels(simd avx2 -mavx2 -mfma)
tapegrad_kernels(simd avx512 -mavx2 -mfma -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mprefer-vector-width=512)
