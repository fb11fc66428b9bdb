// A backend that can record kernels, for tests that need one: the CUDA kernels on the host, built wherever
// Boost.Context is.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "backends/loader.hpp"

namespace tapegrad::testing {

inline constexpr const char* recording_backend_file =
    TAPEGRAD_BINARY_DIR "/cuda_on_host/libtapegrad_backend_cuda_on_host.so";

/// For `precondition`: whether it was built.
inline boost::test_tools::assertion_result can_record(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(std::filesystem::exists(recording_backend_file));
    if (!result) result.message() << "there is no " << recording_backend_file;
    return result;
}

inline BackendPtr recording_backend() { return open_backend(recording_backend_file); }

}  // namespace tapegrad::testing
