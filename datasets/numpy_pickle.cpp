#include "datasets/numpy_pickle.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "datasets/pickle.hpp"

namespace tapegrad {
namespace {

static_assert(std::endian::native == std::endian::little, "array bytes are copied as they lie in the file");

/// An int from 0 up that fits 32 bits.
std::int32_t read_count(const Pickle& pickle, const PickledValue& value) {
    const std::int64_t number = pickle.integer(value);
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max())
        pickle.fail(value.offset, "a number from 0 to 2^31 - 1", std::to_string(number));
    return static_cast<std::int32_t>(number);
}

/// Element type `T` in the processor's byte order: dtype('f4', 0, 1) with state (3, '<', None, None, None, -1, -1, 0).
template <class T>
void expect_dtype(const Pickle& pickle, const PickledValue& value) {
    constexpr std::string_view expected = std::is_same_v<T, float> ? "f4" : "i4";
    const PickledObject& dtype = pickle.object(value, "numpy dtype");
    const std::string_view name = pickle.bytes(pickle.tuple(dtype.arguments, 3)[0]);
    const std::string_view order = pickle.bytes(pickle.tuple(dtype.state, 8)[1]);
    if (name != expected || order != "<")
        pickle.fail(value.offset, fmt::format("dtype '<{}'", expected), fmt::format("'{}{}'", order, name));
}

/// An ndarray of that many dimensions: _reconstruct(ndarray, (0,), 'b') with state (1, shape, dtype, False, bytes).
template <class T>
std::vector<T> read_array(const Pickle& pickle, const PickledValue& value, std::span<std::int64_t> shape) {
    const PickledObject& array = pickle.object(value, "numpy.core.multiarray _reconstruct");
    const auto state = pickle.tuple(array.state, 5);
    const auto lengths = pickle.tuple(state[1], shape.size());
    std::int64_t elements = 1;  // two counts of 31 bits cannot overflow it
    for (std::size_t i = 0; i < shape.size(); ++i) elements *= shape[i] = read_count(pickle, lengths[i]);
    expect_dtype<T>(pickle, state[2]);
    if (state[3].kind != PickledValue::Kind::boolean || state[3].number != 0)
        pickle.fail(value.offset, "an array in row-major order", "one in Fortran order");
    const std::string_view bytes = pickle.bytes(state[4]);
    if (bytes.size() % sizeof(T) != 0 || static_cast<std::int64_t>(bytes.size() / sizeof(T)) != elements)
        pickle.fail(state[4].offset, fmt::format("{} elements of {} bytes", elements, sizeof(T)),
                    fmt::format("{} bytes", bytes.size()));
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

template <class T>
std::vector<T> read_vector(const Pickle& pickle, const PickledValue& value) {
    std::int64_t length = 0;
    return read_array<T>(pickle, value, {&length, 1});
}

}  // namespace

IntMatrix read_pickled_matrix(const std::filesystem::path& file) {
    const Pickle pickle(file);
    std::int64_t shape[2];
    std::vector<std::int32_t> values = read_array<std::int32_t>(pickle, pickle.root(), shape);
    return {shape[0], shape[1], std::move(values)};
}

SparseRows read_pickled_csr(const std::filesystem::path& file) {
    const Pickle pickle(file);
    const PickledValue& state = pickle.object(pickle.root(), "scipy.sparse.csr csr_matrix").state;
    const auto shape = pickle.tuple(pickle.entry(state, "_shape"), 2);
    const SparseRows rows{read_count(pickle, shape[0]), read_count(pickle, shape[1]),
                          read_vector<std::int32_t>(pickle, pickle.entry(state, "indptr")),
                          read_vector<std::int32_t>(pickle, pickle.entry(state, "indices")),
                          read_vector<float>(pickle, pickle.entry(state, "data"))};
    check(rows, file.string());
    return rows;
}

std::map<std::int32_t, std::vector<std::int32_t>> read_pickled_adjacency(const std::filesystem::path& file) {
    const Pickle pickle(file);
    const auto& items = pickle.object(pickle.root(), "collections defaultdict").items;
    std::map<std::int32_t, std::vector<std::int32_t>> adjacency;
    std::int64_t last_list = -1;
    for (std::size_t i = 0; i < items.size(); i += 2) {
        const auto [entry, added] = adjacency.try_emplace(read_count(pickle, items[i]));
        if (!added) pickle.fail(items[i].offset, "each node once", fmt::format("{} twice", entry->first));
        const auto neighbours = pickle.list(items[i + 1]);
        // Lists are numbered as they are made. One list under many keys would let a small file fill the memory.
        if (items[i + 1].number <= last_list)
            pickle.fail(items[i + 1].offset, "a list of its own for each node", "one that was used before");
        last_list = items[i + 1].number;
        for (const PickledValue& neighbour : neighbours) entry->second.push_back(read_count(pickle, neighbour));
    }
    return adjacency;
}

}  // namespace tapegrad
