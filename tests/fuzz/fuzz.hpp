// What the fuzz targets share: what counts as a finding, and bytes as the files and numbers that a reader wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/backend.hpp"
#include "autograd/errors.hpp"

namespace tapegrad::testing {

/// Tells what does not hold and ends the process, as a sanitizer does: a finding.
[[noreturn]] void finding(const std::string& what);

/// A message that says something and that a terminal shows as it is: no control characters but line ends.
void check_message(const std::string& message);

/// Does `read` take its input? It may refuse it by an error of the project, which has a message; whatever else it
/// throws is left to end the process.
template <class Read>
bool accepts(const Read& read) {
    try {
        read();
        return true;
    } catch (const Error& refusal) {
        check_message(refusal.what());
        return false;
    }
}

/// The input between lines "=====", the last part to the end: at least `count` parts, missing ones empty.
std::vector<std::string> parts_of(const std::uint8_t* data, std::size_t size, std::size_t count);

/// A file of this content in a folder of this process, which keeps its name from input to input.
std::filesystem::path file_with(std::string_view name, std::string_view content);
/// That folder; it is removed when the process ends.
const std::filesystem::path& input_folder();

/// One for all inputs.
const BackendPtr& reference_backend();

/// Choices out of bytes; 0 when there are none left.
class Choices {
public:
    Choices(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
    bool empty() const { return left_ == 0; }
    std::uint8_t byte();
    /// 0 to count - 1; `count` is 1 to 256.
    std::size_t below(std::size_t count) { return byte() % count; }
    /// Mostly small ones, and those at the ends of the range.
    std::int64_t integer();
    /// Mostly plain ones; infinities, NaN, denormals.
    double real();

private:
    const std::uint8_t* data_;
    std::size_t left_;
};

}  // namespace tapegrad::testing

/// The entry point of libFuzzer; in the test executable each target has a name of its own instead (CMakeLists.txt).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
