#include "tools/common/foreign_json.hpp"

namespace tapegrad {

nlohmann::json parse_foreign_json(std::string_view text) {
    constexpr int most_depth = 64;
    const auto check_depth = [](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
        if (depth > most_depth)
            throw ForeignJsonError("values nested more than " + std::to_string(most_depth) + " deep");
        return true;
    };
    return nlohmann::json::parse(text, check_depth);
}

}  // namespace tapegrad
