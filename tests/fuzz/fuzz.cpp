#include "tests/fuzz/fuzz.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>

#include "backends/loader.hpp"
#include "tests/temporary_folder.hpp"

namespace tapegrad::testing {

void finding(const std::string& what) {
    std::fprintf(stderr, "FINDING: %s\n", what.c_str());
    std::abort();
}

void check_message(const std::string& message) {
    if (message.empty()) finding("an error without a message");
    for (const char c : message)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\n') || c == 0x7F)
            finding("a control character in a message: " + message);
}

std::vector<std::string> parts_of(const std::uint8_t* data, std::size_t size, std::size_t count) {
    constexpr std::string_view separator = "=====\n";
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> parts;
    for (std::size_t end = rest.find(separator); end != std::string_view::npos; end = rest.find(separator)) {
        parts.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + separator.size());
    }
    parts.emplace_back(rest);
    if (parts.size() < count) parts.resize(count);
    return parts;
}

const std::filesystem::path& input_folder() {
    static const TemporaryFolder folder;
    return folder.path();
}

std::filesystem::path file_with(std::string_view name, std::string_view content) {
    const std::filesystem::path file = input_folder() / name;
    if (!(std::ofstream(file, std::ios::binary) << content).flush()) finding(file.string() + " cannot be written");
    return file;
}

const BackendPtr& reference_backend() {
    static const BackendPtr backend = open_backend("reference");
    return backend;
}

std::uint8_t Choices::byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
}

std::int64_t Choices::integer() {
    constexpr std::array<std::int64_t, 6> extremes{std::numeric_limits<std::int64_t>::min(),
                                                   std::numeric_limits<std::int64_t>::max(),
                                                   std::int64_t{1} << 31,
                                                   (std::int64_t{1} << 31) - 1,
                                                   65536,
                                                   std::int64_t{1} << 58};
    const std::uint8_t choice = byte();
    return choice >= 250 ? extremes[choice - 250] : choice % 16 - 3;
}

double Choices::real() {
    using Limits = std::numeric_limits<double>;
    constexpr std::array<double, 8> extremes{Limits::infinity(),
                                             -Limits::infinity(),
                                             Limits::quiet_NaN(),
                                             1e-310,
                                             Limits::max(),
                                             Limits::lowest(),
                                             1e-42,
                                             -0.0};
    const std::uint8_t choice = byte();
    return choice >= 248 ? extremes[choice - 248] : (choice - 100) / 16.0;
}

}  // namespace tapegrad::testing
