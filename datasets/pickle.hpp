// A reader for the few Python pickles that Planetoid's data sets consist of.
//
// A pickle is a program for a small stack machine. Python's own reader can be made to run anything by it; this one
// runs nothing. It knows only the opcodes that occur in those files, and keeps an object as what the pickle says
// about it: the name of its class, the arguments and the state. All values lie in flat arrays and refer to each other
// by number, so neither depth nor a cycle can overflow a call stack, and memory stays within a fixed multiple of the
// size of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad {

/// One value of a pickle. What it holds is asked from its Pickle.
struct PickledValue {
    enum class Kind : std::uint8_t { none, boolean, integer, bytes, list, tuple, class_name, object };
    Kind kind = Kind::none;
    std::uint32_t length = 0;  ///< bytes: how many
    std::int64_t number = 0;   ///< boolean, integer: the value; bytes: where they begin; others: a number in Pickle
    std::size_t offset = 0;    ///< the byte of the opcode that made it
};

/// An instance of a class. A dict is an object of the class "dict".
struct PickledObject {
    std::string_view class_name;      ///< "MODULE NAME"
    PickledValue arguments;           ///< the tuple the class was called with
    PickledValue state;               ///< what it was given afterwards, or none
    std::vector<PickledValue> items;  ///< of a dict: key, value, key, value, ...
};

/// A pickle of protocol 2. Every function throws DataError, naming the file and the byte.
class Pickle {
public:
    /// Reads a file.
    explicit Pickle(const std::filesystem::path& file);
    /// Reads bytes; `name` stands for the file in messages.
    Pickle(std::string name, std::string bytes);

    /// The value the pickle was made of.
    const PickledValue& root() const { return root_; }

    // What a value holds; an error if it is of another kind.
    std::int64_t integer(const PickledValue& value) const;
    std::string_view bytes(const PickledValue& value) const;
    std::span<const PickledValue> list(const PickledValue& value) const;
    /// A tuple of that many entries.
    std::span<const PickledValue> tuple(const PickledValue& value, std::size_t size) const;
    std::string_view class_name(const PickledValue& value) const;
    /// An object of that class.
    const PickledObject& object(const PickledValue& value, std::string_view class_name) const;
    /// The entry of a dict under a key of bytes.
    const PickledValue& entry(const PickledValue& dict, std::string_view key) const;

    /// Throws DataError about the byte `offset`.
    [[noreturn]] void fail(std::size_t offset, const std::string& expected, const std::string& got) const;

private:
    friend class PickleMachine;
    void expect(const PickledValue& value, PickledValue::Kind kind) const;

    std::string name_;
    std::string bytes_;
    PickledValue root_;
    std::vector<std::vector<PickledValue>> sequences_;  // of the lists and tuples
    std::vector<PickledObject> objects_;
};

}  // namespace tapegrad
