#include "datasets/files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <limits>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        throw DataError(file.string(), "a file", fs::exists(file, error) ? "something else" : "nothing of that name",
                        "Check the path, or fetch the data set again");
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > static_cast<std::uintmax_t>(std::numeric_limits<std::int32_t>::max()))
        throw DataError(file.string(), "a file below 2 GiB", error ? error.message() : fmt::format("{} bytes", size),
                        "Split the data set");
    std::string content(size, '\0');
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(content.data(), static_cast<std::streamsize>(size)))
        throw DataError(file.string(), fmt::format("{} readable bytes", size), fmt::format("{}", stream.gcount()),
                        "Check that you may read it");
    return content;
}

void write_file(const fs::path& file, std::string_view content) {
    const fs::path temporary = file.string() + ".part";
    std::ofstream stream(temporary, std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    std::error_code error;
    if (stream) fs::rename(temporary, file, error);
    if (stream && !error) return;
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw DataError(file.string(), "a file that can be written", error ? error.message() : "an error while writing",
                    "Check that the folder exists, that you may write to it, and the free space");
}

}  // namespace tapegrad
