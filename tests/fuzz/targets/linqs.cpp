// Two parts: a .content and a .cites file.
#include "datasets/linqs.hpp"

#include "tests/fuzz/fuzz.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = parts_of(data, size, 2);
    const std::filesystem::path content = file_with("fuzz.content", parts[0]);
    const std::filesystem::path cites = file_with("fuzz.cites", parts[1]);
    accepts([&] { load_linqs(content, cites); });
    Dataset dataset;
    if (!accepts([&] { dataset = load_linqs(content, cites, UnknownPaper::skip); })) return 0;
    if (!accepts([&] { write_linqs(dataset, input_folder() / "again.linqs"); })) return 0;
    if (load_linqs(input_folder() / "again.linqs/fuzz.content", input_folder() / "again.linqs/fuzz.cites") != dataset)
        finding("written and read again it is another data set");
    return 0;
}
