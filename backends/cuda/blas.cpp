#include "backends/cuda/blas.hpp"

#include <cublas_v2.h>
#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "backends/cuda/errors.hpp"

namespace tapegrad::cuda {
namespace {

// Given once, so that cuBLAS allocates nothing while a step is captured, and takes the same algorithm every time.
constexpr std::size_t workspace_bytes = std::size_t{16} << 20;

/// Sets `function` to the symbol of that name; false if the library lacks it.
template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

class CuBlas final : public Blas {
public:
    explicit CuBlas(tg_context& context) : stream_(context.stream) {
        const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
        void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);  // never unloaded
        int version = 0;
        is_open_ = library != nullptr && find(library, "cublasCreate_v2", create_) &&
                   find(library, "cublasDestroy_v2", destroy_) && find(library, "cublasSetStream_v2", set_stream_) &&
                   find(library, "cublasSetWorkspace_v2", set_workspace_) &&
                   find(library, "cublasGetVersion_v2", get_version_) &&
                   find(library, "cublasGemmStridedBatchedEx_64", multiply_) &&
                   create_(&handle_) == CUBLAS_STATUS_SUCCESS &&
                   set_stream_(handle_, stream_) == CUBLAS_STATUS_SUCCESS &&
                   cudaMallocAsync(&workspace_, workspace_bytes, stream_) == cudaSuccess &&
                   set_workspace_(handle_, workspace_, workspace_bytes) == CUBLAS_STATUS_SUCCESS &&
                   get_version_(handle_, &version) == CUBLAS_STATUS_SUCCESS;
        description_ = "cuBLAS " + std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100);
        const char* const tf32 = std::getenv("TAPEGRAD_CUDA_TF32");
        of_f32_ = tf32 != nullptr && *tf32 == '1' ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    }
    CuBlas(const CuBlas&) = delete;
    CuBlas& operator=(const CuBlas&) = delete;
    ~CuBlas() override {
        if (handle_ != nullptr) destroy_(handle_);
        if (workspace_ != nullptr) cudaFreeAsync(workspace_, stream_);
    }

    bool is_open() const { return is_open_; }

    // cuBLAS sees columns where we see rows, and so the transposed of each array: y^T = b^T a^T.
    int multiply(tg_context& context, const tg_call& call, const ProductSizes& sizes) override {
        const auto [batches, rows, terms, columns, transpose_a, transpose_b] = sizes;
        const bool is_f32 = call.outputs[0].dtype == TG_F32;
        const cudaDataType_t type = is_f32 ? CUDA_R_32F : CUDA_R_64F;
        const float one = 1, zero = 0;
        const double one_f64 = 1, zero_f64 = 0;
        const cublasStatus_t status = multiply_(
            handle_, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N, transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, columns, rows,
            terms, is_f32 ? static_cast<const void*>(&one) : &one_f64, call.inputs[1].data, type,
            transpose_b ? terms : columns, terms * columns, call.inputs[0].data, type, transpose_a ? rows : terms,
            rows * terms, is_f32 ? static_cast<const void*>(&zero) : &zero_f64, call.outputs[0].data, type, columns,
            rows * columns, batches, is_f32 ? of_f32_ : CUBLAS_COMPUTE_64F, CUBLAS_GEMM_DEFAULT);
        context.latest_kernel = "matmul (cuBLAS)";
        if (status == CUBLAS_STATUS_SUCCESS) return TG_OK;
        return context.fail("cuda: cuBLAS refuses a product with status " + std::to_string(status));
    }

    const char* describe() const override { return description_.c_str(); }

private:
    cudaStream_t stream_;
    bool is_open_ = false;
    void* workspace_ = nullptr;
    cublasHandle_t handle_ = nullptr;
    cublasComputeType_t of_f32_;
    std::string description_;

    decltype(&cublasCreate_v2) create_ = nullptr;
    decltype(&cublasDestroy_v2) destroy_ = nullptr;
    decltype(&cublasSetStream_v2) set_stream_ = nullptr;
    decltype(&cublasSetWorkspace_v2) set_workspace_ = nullptr;
    decltype(&cublasGetVersion_v2) get_version_ = nullptr;
    decltype(&cublasGemmStridedBatchedEx_64) multiply_ = nullptr;
};

}  // namespace

std::unique_ptr<Blas> open_blas(tg_context& context) {
    auto blas = std::make_unique<CuBlas>(context);
    cudaGetLastError();
    return blas->is_open() ? std::move(blas) : nullptr;
}

}  // namespace tapegrad::cuda
