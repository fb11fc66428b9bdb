#include "datasets/pickle.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/pickle_machine.hpp"

namespace tapegrad {
namespace {

constexpr std::array<std::string_view, 8> kind_names{"None",   "a bool",  "an int",       "a string",
                                                     "a list", "a tuple", "a class name", "an object"};

std::string_view kind_name(PickledValue::Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

}  // namespace

Pickle::Pickle(const std::filesystem::path& file) : Pickle(file.string(), read_file(file)) {}

Pickle::Pickle(std::string name, std::string bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {
    PickleMachine(*this).run();
}

std::int64_t Pickle::integer(const PickledValue& value) const {
    expect(value, PickledValue::Kind::integer);
    return value.number;
}

std::string_view Pickle::bytes(const PickledValue& value) const {
    expect(value, PickledValue::Kind::bytes);
    return std::string_view(bytes_).substr(static_cast<std::size_t>(value.number), value.length);
}

std::span<const PickledValue> Pickle::list(const PickledValue& value) const {
    expect(value, PickledValue::Kind::list);
    return sequences_[static_cast<std::size_t>(value.number)];
}

std::span<const PickledValue> Pickle::tuple(const PickledValue& value, std::size_t size) const {
    expect(value, PickledValue::Kind::tuple);
    const auto& items = sequences_[static_cast<std::size_t>(value.number)];
    if (items.size() != size)
        fail(value.offset, fmt::format("a tuple of {}", size), fmt::format("one of {}", items.size()));
    return items;
}

std::string_view Pickle::class_name(const PickledValue& value) const {
    expect(value, PickledValue::Kind::class_name);
    return known_pickle_classes()[static_cast<std::size_t>(value.number)];
}

const PickledObject& Pickle::object(const PickledValue& value, std::string_view class_name) const {
    expect(value, PickledValue::Kind::object);
    const PickledObject& object = objects_[static_cast<std::size_t>(value.number)];
    if (object.class_name != class_name)
        fail(value.offset, fmt::format("an object of '{}'", class_name), fmt::format("'{}'", object.class_name));
    return object;
}

const PickledValue& Pickle::entry(const PickledValue& dict, std::string_view key) const {
    const auto& items = object(dict, "dict").items;
    for (std::size_t i = 0; i < items.size(); i += 2)
        if (items[i].kind == PickledValue::Kind::bytes && bytes(items[i]) == key) return items[i + 1];
    fail(dict.offset, fmt::format("a dict with '{}'", key), "one without");
}

void Pickle::expect(const PickledValue& value, PickledValue::Kind kind) const {
    if (value.kind != kind) fail(value.offset, std::string(kind_name(kind)), std::string(kind_name(value.kind)));
}

void Pickle::fail(std::size_t offset, const std::string& expected, const std::string& got) const {
    throw DataError(fmt::format("{}, byte {}", name_, offset), expected, got,
                    "Fetch the file again; only pickles as Planetoid published them can be read");
}

}  // namespace tapegrad
