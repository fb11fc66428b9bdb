#include "nn/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <istream>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "datasets/files.hpp"

namespace tapegrad {

namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are copied as they lie in memory");

using nlohmann::json;

constexpr std::uint64_t header_limit = 100'000'000;
constexpr const char* metadata_key = "__metadata__";

// In the order of DType.
constexpr std::array dtype_names = {"F32", "F64", "I32"};

// What the format has besides.
constexpr std::array other_dtype_names = {"BOOL", "U8",  "I8",   "I16",     "U16",     "U32",     "I64",
                                          "U64",  "F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E8M0", "C64"};

/// Where a tensor lies among the bytes after the header.
struct Entry {
    std::string name;
    DType dtype;
    Shape shape;
    std::uint64_t begin;
    std::uint64_t end;
};

[[noreturn]] void refuse(const std::string& file, const std::string& expected, const std::string& got) {
    throw DataError(file, expected, got,
                    "the file is damaged or not in the safetensors format: save or fetch it again");
}

std::string shown(const json& value) { return value.dump().substr(0, 100); }

/// Parses JSON, where a key that stands twice in one object is an error.
json parse_header(const std::string& file, const std::string& text) {
    std::vector<std::set<std::string>> keys_of_open_objects;
    const auto check = [&](int depth, json::parse_event_t event, const json& value) {
        if (depth > 3) refuse(file, "a header nested at most 3 deep", "a deeper one");
        if (event == json::parse_event_t::object_start) keys_of_open_objects.emplace_back();
        if (event == json::parse_event_t::object_end) keys_of_open_objects.pop_back();
        if (event == json::parse_event_t::key && !keys_of_open_objects.back().insert(value).second)
            refuse(file, "each key of the header once", shown(value) + " twice");
        return true;
    };
    try {
        json header = json::parse(text, check);
        if (header.is_object()) return header;
    } catch (const json::exception& error) {
        refuse(file, "a header in JSON", error.what());
    }
    refuse(file, "a JSON object as header", "another value");
}

DType parse_dtype(const std::string& where, const json& value) {
    const auto is_value = [&](const char* name) { return value == name; };
    const auto found = std::ranges::find_if(dtype_names, is_value);
    if (std::ranges::any_of(other_dtype_names, is_value))
        throw DataError(where, "dtype F32, F64 or I32", shown(value),
                        "Convert it before saving, in PyTorch: {k: v.float() for k, v in model.state_dict().items()}");
    if (found == dtype_names.end()) refuse(where, "dtype F32, F64 or I32", shown(value));
    return static_cast<DType>(found - dtype_names.begin());
}

/// A shape that a tensor can have, even if some extents are 0.
Shape parse_shape(const std::string& where, const json& value) {
    if (!value.is_array() || value.size() > Shape::max_rank)
        refuse(where, fmt::format("a shape of at most {} extents", Shape::max_rank), shown(value));
    const auto refuse_extents = [&] {
        refuse(where, "a shape of whole numbers whose product is a size", shown(value));
    };
    Shape shape;
    for (const json& extent : value) {
        if (!extent.is_number_unsigned() || !std::in_range<std::int64_t>(extent.get<std::uint64_t>())) refuse_extents();
        shape.push_back(extent);
    }
    try {
        element_count(shape);
    } catch (const ShapeError&) {
        refuse_extents();
    }
    return shape;
}

Entry parse_entry(const std::string& where, const std::string& name, const json& value) {
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets"))
        refuse(where, "dtype, shape and data_offsets", shown(value));
    const json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        refuse(where, "data_offsets that are two whole numbers", shown(offsets));
    const Entry entry{name, parse_dtype(where, value["dtype"]), parse_shape(where, value["shape"]), offsets[0],
                      offsets[1]};
    const std::uint64_t bytes = static_cast<std::uint64_t>(element_count(entry.shape)) * size_of(entry.dtype);
    if (entry.end < entry.begin || entry.end - entry.begin != bytes)
        refuse(where, fmt::format("data_offsets {} bytes apart", bytes), shown(offsets));
    return entry;
}

/// The entries in the order of their bytes, which they cover without overlap or hole.
std::vector<Entry> parse_entries(const std::string& file, const json& header, std::uint64_t data_bytes) {
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items())
        if (name != metadata_key) entries.push_back(parse_entry(file + ", tensor '" + name + "'", name, value));
    std::ranges::sort(entries, {}, [](const Entry& entry) { return std::tuple(entry.begin, entry.end); });
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != end)
            refuse(file + ", tensor '" + entry.name + "'", fmt::format("bytes from {} on", end),
                   fmt::format("from {} on, which {}", entry.begin, entry.begin < end ? "overlaps" : "leaves a hole"));
        end = entry.end;
    }
    if (end != data_bytes)
        refuse(file, fmt::format("{} bytes after the header, as it says", end), fmt::format("{}", data_bytes));
    return entries;
}

Metadata parse_metadata(const std::string& file, const json& header) {
    Metadata metadata;
    if (!header.contains(metadata_key)) return metadata;
    if (!header[metadata_key].is_object()) refuse(file, "metadata that is an object", shown(header[metadata_key]));
    for (const auto& [key, value] : header[metadata_key].items()) {
        if (!value.is_string()) refuse(file + ", metadata '" + key + "'", "a string", shown(value));
        metadata.emplace(key, value);
    }
    return metadata;
}

/// Reads the length of the header, the header, and nothing more.
json read_header(const std::string& file, std::istream& stream, std::uint64_t file_bytes, std::uint64_t& header_bytes) {
    std::uint64_t length = 0;
    if (file_bytes < sizeof length || !stream.read(reinterpret_cast<char*>(&length), sizeof length))
        refuse(file, "8 bytes with the length of the header", fmt::format("a file of {} bytes", file_bytes));
    const std::uint64_t rest = file_bytes - sizeof length;
    if (length > std::min(rest, header_limit))
        refuse(file, fmt::format("a header of at most {} bytes", std::min(rest, header_limit)),
               fmt::format("{}", length));
    std::string text(length, '\0');
    if (!stream.read(text.data(), static_cast<std::streamsize>(length)))
        refuse(file, "a header that can be read", "an error while reading");
    json header = parse_header(file, text);
    header_bytes = sizeof length + length;
    return header;
}

}  // namespace

std::string safetensors_bytes(const std::string& where, const std::vector<NamedTensor>& tensors,
                              const Metadata& metadata) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header[metadata_key] = metadata;
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        if (name == metadata_key || header.contains(name))
            throw DataError(where, "tensors with names of their own", "'" + name + "' twice or reserved",
                            "give each tensor another name");
        const std::size_t begin = data.size();
        data.resize(begin + tensor.bytes());
        tensor.backend()->download(data.data() + begin, tensor.array().data, tensor.bytes());
        header[name] = {{"dtype", dtype_names[static_cast<std::size_t>(tensor.dtype())]},
                        {"shape", std::vector<std::int64_t>(tensor.shape().begin(), tensor.shape().end())},
                        {"data_offsets", {begin, data.size()}}};
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const json::exception&) {
        throw DataError(where, "names in UTF-8", "another encoding", "give the tensors other names");
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the tensors' bytes are aligned
    const std::uint64_t length = text.size();
    std::string length_bytes(sizeof length, '\0');
    std::memcpy(length_bytes.data(), &length, sizeof length);
    return length_bytes + text + data;
}

SafetensorsContent read_safetensors(const BackendPtr& backend, const std::string& where, std::istream& stream,
                                    std::uint64_t bytes) {
    std::uint64_t header_bytes = 0;
    const json header = read_header(where, stream, bytes, header_bytes);
    SafetensorsContent content{{}, parse_metadata(where, header)};
    std::vector<char> data;
    for (const Entry& entry : parse_entries(where, header, bytes - header_bytes)) {
        data.resize(entry.end - entry.begin);
        if (!stream.read(data.data(), static_cast<std::streamsize>(data.size())))
            refuse(where, "the bytes of '" + entry.name + "'", "an error while reading");
        const Tensor tensor(backend, entry.shape, entry.dtype);
        backend->upload(tensor.array().data, data.data(), data.size());
        content.tensors.emplace_back(entry.name, tensor);
    }
    return content;
}

void save_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors,
                      const Metadata& metadata) {
    write_file_durably(file, safetensors_bytes(file.string(), tensors, metadata));
}

SafetensorsContent load_safetensors(const BackendPtr& backend, const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw DataError(file.string(), "a file", "none of that name", "check the path");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw DataError(file.string(), "a file that can be read", "a refusal", "check its permissions");
    return read_safetensors(backend, file.string(), stream, std::filesystem::file_size(file));
}

void load_parameters(const Module& module, const std::filesystem::path& file) {
    const std::vector<NamedParameter> parameters = module.parameters();
    if (parameters.empty()) return;
    assign_parameters(parameters, load_safetensors(parameters[0].second.backend(), file).tensors, file.string());
}

void assign_parameters(const std::vector<NamedParameter>& parameters, const std::vector<NamedTensor>& tensors,
                       const std::string& source) {
    const std::map<std::string, Tensor> in_file(tensors.begin(), tensors.end());
    std::vector<std::string> names;
    for (const auto& [name, parameter] : parameters) {
        const std::string where = fmt::format("{}, tensor '{}'", source, name);
        names.push_back(name);
        const auto found = in_file.find(name);
        if (found == in_file.end())
            throw DataError(where, "it in the file", "a file without it",
                            "use the file of a model with the same layers");
        if (found->second.shape() != parameter.shape())
            throw ShapeError(where, "shape " + to_string(parameter.shape()), to_string(found->second.shape()),
                             "build the model with the sizes that it was saved with");
        if (found->second.dtype() != parameter.dtype())
            throw TypeError(where, to_string(parameter.dtype()), to_string(found->second.dtype()),
                            "build the model with the dtype that it was saved with");
    }
    for (const auto& [name, tensor] : tensors)
        if (std::ranges::find(names, name) == names.end())
            throw DataError(fmt::format("{}, tensor '{}'", source, name), "the name of a parameter",
                            "another one, nearest to '" + nearest(name, names) + "'",
                            "use the file of a model with the same layers");
    for (const auto& [name, parameter] : parameters) assign(parameter, in_file.at(name));
}

}  // namespace tapegrad
