// The binary files of synthetic_graph.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include "autograd/errors.hpp"
#include "tools/benchmarks/synthetic_graph.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using Indices = std::vector<std::int32_t>;

// A file that is written from beginning to end; it is removed again when it did not become whole.
class BinaryFile {
public:
    explicit BinaryFile(fs::path path) : path_(std::move(path)), stream_(path_, std::ios::binary) {}
    ~BinaryFile() {
        std::error_code error;
        if (!whole_) fs::remove(path_, error);
    }
    BinaryFile(const BinaryFile&) = delete;
    BinaryFile& operator=(const BinaryFile&) = delete;

    template <class T>
    void write(const std::vector<T>& values) {
        stream_.write(reinterpret_cast<const char*>(values.data()),
                      static_cast<std::streamsize>(values.size() * sizeof(T)));
    }
    void close() {
        stream_.close();
        whole_ = !stream_.fail();
        if (!whole_)
            throw DataError(path_.string(), "a file that can be written", "an error while writing",
                            "Check the folder and the free space");
    }

private:
    fs::path path_;
    std::ofstream stream_;
    bool whole_ = false;
};

std::int32_t count(std::int64_t value) { return static_cast<std::int32_t>(value); }

[[noreturn]] void bad_edges(const fs::path& file, const std::string& expected, const std::string& got) {
    throw DataError(file.string(), expected, got, "Write it with --export, or see there what the file holds");
}

}  // namespace

EdgeCounts read_edge_counts(const fs::path& file) {
    std::error_code error;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(file, error));
    if (error) bad_edges(file, "a file of edges", error.message());
    std::ifstream stream(file, std::ios::binary);
    std::array<std::int32_t, 2> head{};
    stream.read(reinterpret_cast<char*>(head.data()), sizeof head);
    const std::int64_t nodes = head[0], edges = head[1];
    if (!stream || nodes < 0 || edges < 0 || bytes != 8 + 8 * edges ||
        nodes + edges > std::numeric_limits<std::int32_t>::max())
        bad_edges(file, "i32 N, E, then E sources and E targets",
                  fmt::format("{} bytes, N = {}, E = {}", bytes, nodes, edges));
    // So the file's length bounds the memory that its header asks for.
    if (nodes > 2 * edges)
        bad_edges(file, fmt::format("at most {} nodes at the ends of {} edges", 2 * edges, edges),
                  fmt::format("{}", nodes));
    return {nodes, edges};
}

CsrGraph read_edges(const fs::path& file) {
    const EdgeCounts counts = read_edge_counts(file);
    const std::int64_t nodes = counts.nodes, edges = counts.edges;
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(8);
    const auto read = [&](Indices& values) {
        stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(4 * values.size()));
    };
    CsrGraph graph;
    Indices targets(static_cast<std::size_t>(edges));
    graph.sources.resize(static_cast<std::size_t>(edges));
    read(graph.sources);
    read(targets);
    if (!stream) bad_edges(file, "a file that can be read", "an error while reading");
    const auto outside = [&](std::int32_t node) { return node < 0 || node >= nodes; };
    if (std::ranges::any_of(graph.sources, outside) || std::ranges::any_of(targets, outside))
        bad_edges(file, fmt::format("nodes from 0 to {}", nodes - 1), "another one");
    if (!std::ranges::is_sorted(targets)) bad_edges(file, "edges sorted by target", "another order");

    graph.offsets.assign(static_cast<std::size_t>(nodes) + 1, 0);
    for (const std::int32_t target : targets) ++graph.offsets[static_cast<std::size_t>(target) + 1];
    for (std::size_t node = 1; node < graph.offsets.size(); ++node) graph.offsets[node] += graph.offsets[node - 1];
    return graph;
}

void write_edges(const Graph& graph, const fs::path& file) {
    BinaryFile out(file);
    out.write(Indices{count(graph.nodes), count(graph.edges())});
    out.write(graph.sources.index.values<std::int32_t>());
    out.write(graph.targets.index.values<std::int32_t>());
    out.close();
}

void write_graph_data(const GraphData& data, const fs::path& file) {
    const std::array splits{&data.train, &data.validation, &data.test};
    BinaryFile out(file);
    Indices head{count(data.graph.nodes), count(data.graph.edges()), count(data.feature_count), count(data.classes)};
    for (const LabelledRows* rows : splits) head.push_back(count(rows->labels.size()));
    out.write(head);
    out.write(data.graph.sources.index.values<std::int32_t>());
    out.write(data.graph.targets.index.values<std::int32_t>());
    const auto* sparse = std::get_if<SparseMatrix>(&data.features);
    out.write((sparse ? to_dense(*sparse) : std::get<Tensor>(data.features)).values<float>());
    for (const LabelledRows* rows : splits) {
        out.write(rows->rows.index.values<std::int32_t>());
        out.write(rows->labels.values<std::int32_t>());
    }
    out.close();
}

}  // namespace tapegrad
