#include "tools/training/run_result.hpp"

#include <fmt/format.h>

#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {

namespace fs = std::filesystem;
using nlohmann::json;

bool has_ended(const fs::path& folder) {
    std::error_code error;
    return fs::is_regular_file(folder / "result.json", error);
}

json read_result(const fs::path& folder, std::initializer_list<const char*> numbers) {
    const fs::path file = folder / "result.json";
    const auto refuse = [&](const std::string& expected, const std::string& got) {
        throw DataError(file.string(), expected, got, "Remove it and go on with --resume");
    };
    json result;
    try {
        result = json::parse(read_file(file));
    } catch (const json::exception& fault) {
        refuse("JSON", fault.what());
    }
    if (!result.is_object()) refuse("an object of JSON", in_words(result));
    for (const char* const key : numbers)
        if (const auto number = result.find(key); number == result.end() || !number->is_number())
            refuse(fmt::format("an object with the number {}", key),
                   number == result.end() ? fmt::format("one without {}", key) : in_words(*number));
    return result;
}

}  // namespace tapegrad
