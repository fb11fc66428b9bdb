// The text of one config, or of two that are merged.
#include "tools/configs/config.hpp"

#include "tests/fuzz/fuzz.hpp"
#include "tools/configs/merge.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = parts_of(data, size, 1);
    std::vector<std::string> files;
    for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), 2); ++i)
        files.push_back(file_with(i == 0 ? "first.json" : "second.json", parts[i]).string());
    nlohmann::json config;
    const bool is_config = accepts([&] {
        MergedConfig merged = merge_configs(files);
        complete_config(merged.config, merged.sources);
        config = merged.config;
    });
    if (!is_config) return 0;
    nlohmann::json again = read_config(file_with("again.json", config.dump()));
    complete_config(again, "again");
    if (again != config) finding("written and read again it is another config");
    return 0;
}
