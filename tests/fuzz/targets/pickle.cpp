// Planetoid: one pickle as each of the three values, or all eight files of a data set.
#include "datasets/numpy_pickle.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

void read_data_set(const std::vector<std::string>& parts) {
    constexpr const char* names[] = {"x", "y", "tx", "ty", "allx", "ally", "graph", "test.index"};
    for (std::size_t i = 0; i < std::size(names); ++i) file_with(std::string("ind.fuzz.") + names[i], parts[i]);
    Dataset dataset;
    if (!accepts([&] { dataset = load_planetoid(input_folder(), "fuzz"); })) return;
    write_text(dataset, input_folder() / "planetoid_as_text");
    Dataset same = load_text(input_folder() / "planetoid_as_text");
    same.name = dataset.name;
    if (same != dataset) finding("as text it is another data set");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = parts_of(data, size, 1);
    if (parts.size() >= 8) {
        read_data_set(parts);
        return 0;
    }
    const std::filesystem::path file = file_with("pickle", {reinterpret_cast<const char*>(data), size});
    accepts([&] {
        const IntMatrix matrix = read_pickled_matrix(file);
        if (read_pickled_matrix(file_with("again.pickle", pickled(matrix))).values != matrix.values)
            finding("the matrix changed");
    });
    accepts([&] {
        const SparseRows rows = read_pickled_csr(file);
        if (read_pickled_csr(file_with("again.pickle", pickled(rows))) != rows) finding("the rows changed");
    });
    accepts([&] { read_pickled_adjacency(file); });
    return 0;
}
