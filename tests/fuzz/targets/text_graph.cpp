// Three parts: papers.tsv, citations.tsv and, where it is not empty, SHA256SUMS.
#include "datasets/statistics.hpp"
#include "datasets/text.hpp"
#include "datasets/transforms.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = parts_of(data, size, 3);
    file_with("papers.tsv", parts[0]);
    file_with("citations.tsv", parts[1]);
    if (const auto sums = file_with("SHA256SUMS", parts[2]); parts[2].empty()) std::filesystem::remove(sums);
    Dataset dataset;
    if (!accepts([&] { dataset = load_text(input_folder()); })) return 0;
    write_text(dataset, input_folder() / "again.text");
    Dataset same = load_text(input_folder() / "again.text");
    same.name = dataset.name;
    if (same != dataset) finding("written and read again it is another data set");

    statistics_of(dataset);
    add_self_loops(merge_duplicates(symmetrise(dataset.edges)), dataset.nodes);
    accepts([&] { normalise_rows(dataset.features); });
    return 0;
}
