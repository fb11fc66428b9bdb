// A few lines of a command line: "KEY=VALUE" of --set, "grid KEY=V1,V2" of --grid, "seeds 0..9" of --seeds.
#include <algorithm>

#include "tests/fuzz/fuzz.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/sweep.hpp"
#include "tools/configs/words.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

// What stands at a path, if the path can be followed.
const json* at(const json& config, const std::string& path) {
    const json* place = &config;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string part = path.substr(begin, end - begin);
        if (place->is_array())
            place = &place->at(std::stoul(part));
        else if (place->is_object() && place->contains(part))
            place = &place->at(part);
        else
            return nullptr;
        begin = end + 1;
    }
    return place;
}

void follow(const std::string& line, json& config) {
    if (line.starts_with("seeds ")) {
        if (line.size() < 40) parse_seeds(line.substr(6));
    } else if (line.starts_with("grid ")) {
        const GridAxis axis = parse_grid_axis(config, line.substr(5));
        for (const json& value : axis.values) set_value(config, axis.key, value);
    } else {
        const std::string path = set_value(config, line);
        const json* const value = at(config, path);
        if (value == nullptr) finding("nothing stands at " + path);
        in_words(*value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    json config = json::parse(R"({"dataset": {"name": "cora"}, "model": [
        {"type": "gat", "out_features": 8, "heads": 8}, {"type": "elu"}, {"type": "gat", "out_features": "classes"}]})");
    const std::string text(reinterpret_cast<const char*>(data), size);
    constexpr int most_lines = 4;  // each takes milliseconds
    for (std::size_t begin = 0, lines = 0; begin < text.size() && lines < most_lines; ++lines) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        accepts([&] { follow(text.substr(begin, end - begin), config); });
        begin = end + 1;
    }
    resolve_paths(config, "/folder");
    return 0;
}
