// Pickles opcode by opcode, with the opcodes and in the order of the published files (Python 2, protocol 2).
#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "autograd/errors.hpp"
#include "datasets/numpy_pickle.hpp"

namespace tapegrad {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

constexpr const char* protocol_2 = "\x80\x02";
constexpr const char* stop = ".";

/// The first `size` bytes of `number`.
std::string low_bytes(std::uint32_t number, std::size_t size) {
    return std::string(reinterpret_cast<const char*>(&number), size);
}

std::string integer(std::int64_t number) {
    const auto bits = static_cast<std::uint32_t>(number);
    if (number >= 0 && number < 256) return "K" + low_bytes(bits, 1);    // BININT1
    if (number >= 0 && number < 65536) return "M" + low_bytes(bits, 2);  // BININT2
    return "J" + low_bytes(bits, 4);                                     // BININT
}

std::string bytes(std::string_view text) {
    if (text.size() > std::numeric_limits<std::int32_t>::max())
        throw DataError("a pickle", "arrays below 2 GiB", fmt::format("{} bytes", text.size()), "Write the text form");
    const auto size = static_cast<std::uint32_t>(text.size());
    return (size < 256 ? "U" + low_bytes(size, 1) : "T" + low_bytes(size, 4)).append(text);  // (SHORT_)BINSTRING
}

std::string class_name(std::string_view module, std::string_view name) {
    return "c" + std::string(module) + "\n" + std::string(name) + "\n";  // GLOBAL
}

/// dtype(name, 0, 1) with the state (3, '<', None, None, None, -1, -1, 0): little endian.
std::string dtype(std::string_view name) {
    return class_name("numpy", "dtype") + bytes(name) + integer(0) + integer(1) + "\x87R" +  // TUPLE3, REDUCE
           "(" + integer(3) + bytes("<") + "NNN" + integer(-1) + integer(-1) + integer(0) + "tb";
}

/// _reconstruct(ndarray, (0,), 'b') with the state (1, shape, dtype, False, data). `shape` is a pickled tuple.
template <class T>
std::string array(std::string_view type, const std::string& shape, std::span<const T> values) {
    const std::string_view data(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return class_name("numpy.core.multiarray", "_reconstruct") + class_name("numpy", "ndarray") + integer(0) + "\x85" +
           bytes("b") + "\x87R" +                                                 // TUPLE1, TUPLE3, REDUCE
           "(" + integer(1) + shape + dtype(type) + "\x89" + bytes(data) + "tb";  // MARK, NEWFALSE, TUPLE, BUILD
}

std::string pair(std::int64_t first, std::int64_t second) { return integer(first) + integer(second) + "\x86"; }

template <class T>
std::string vector(std::string_view type, const std::vector<T>& values) {
    return array<T>(type, integer(std::ssize(values)) + "\x85", values);
}

}  // namespace

std::string pickled(const IntMatrix& matrix) {
    return protocol_2 + array<std::int32_t>("i4", pair(matrix.rows, matrix.columns), matrix.values) + stop;
}

std::string pickled(const SparseRows& rows) {
    return protocol_2 + class_name("scipy.sparse.csr", "csr_matrix") + ")\x81" +  // EMPTY_TUPLE, NEWOBJ
           "}(" +                                                                 // EMPTY_DICT, MARK
           bytes("format") + bytes("csr") +                                       //
           bytes("_shape") + pair(rows.rows, rows.columns) +                      //
           bytes("indptr") + vector("i4", rows.row_offsets) +                     //
           bytes("_cs_matrix__has_sorted_indices") + "\x88" +                     // NEWTRUE
           bytes("indices") + vector("i4", rows.column_index) +                   //
           bytes("maxprint") + integer(50) +                                      //
           bytes("data") + vector("f4", rows.values) + "ub" + stop;               // SETITEMS, BUILD
}

std::string pickled(const std::vector<std::vector<std::int32_t>>& adjacency) {
    std::string text =
        protocol_2 + class_name("collections", "defaultdict") + class_name("__builtin__", "list") + "\x85R(";
    for (std::size_t node = 0; node < adjacency.size(); ++node) {
        text += integer(static_cast<std::int64_t>(node)) + "](";  // EMPTY_LIST, MARK
        for (const std::int32_t neighbour : adjacency[node]) text += integer(neighbour);
        text += "e";  // APPENDS
    }
    return text + "u" + stop;
}

}  // namespace tapegrad
