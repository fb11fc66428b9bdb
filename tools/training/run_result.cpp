#include "tools/training/run_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/foreign_json.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 3> whole_numbers{"seed", "best_epoch", "epochs"};

}

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
        result = parse_foreign_json(read_file(file));
    } catch (const json::exception& fault) {
        refuse("JSON", fault.what());
    }
    if (!result.is_object()) refuse("an object of JSON", in_words(result));
    for (const char* const key : numbers) {
        const bool counts = std::ranges::find(whole_numbers, key) != whole_numbers.end();
        const auto number = result.find(key);
        if (number == result.end() || !(counts ? is_whole<std::int64_t>(*number) : number->is_number()))
            refuse(fmt::format("an object with the number {}{}", key, counts ? ", a whole one" : ""),
                   number == result.end() ? fmt::format("one without {}", key) : in_words(*number));
    }
    return result;
}

}  // namespace tapegrad
