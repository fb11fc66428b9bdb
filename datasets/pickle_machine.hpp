// The stack machine that turns the opcodes of a pickle into values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/pickle.hpp"

namespace tapegrad {

/// The classes that a pickle may name, as "MODULE NAME". PickledValue::number of a class name counts in this list.
std::span<const std::string_view> known_pickle_classes();

/// Runs over the bytes of a Pickle once and fills in its values. Opcodes as in CPython's pickletools.py.
class PickleMachine {
public:
    explicit PickleMachine(Pickle& pickle) : pickle_(pickle) {}
    void run();

private:
    using Kind = PickledValue::Kind;

    void step(unsigned char opcode);

    // Reading: every one checks what is left of the file first.
    std::string_view take(std::size_t length);
    std::uint32_t take_unsigned(std::size_t bytes);
    std::string_view take_line();

    // The stack. Nothing below the last mark can be popped but by pop_to_mark.
    void push(Kind kind, std::int64_t number = 0, std::uint32_t length = 0);
    void push_bytes(std::size_t length);
    void push_sequence(Kind kind, std::vector<PickledValue> items);
    void push_object(std::string_view class_name, const PickledValue& arguments);
    void push_class();
    const PickledValue& top() const;
    PickledValue pop();
    std::vector<PickledValue> pop(std::size_t count);
    std::vector<PickledValue> pop_to_mark();

    void append(const std::vector<PickledValue>& items);
    void set_items(const std::vector<PickledValue>& items);
    void construct();
    void build();
    void put(std::uint32_t index);
    void get(std::uint32_t index);

    [[noreturn]] void fail(const std::string& expected, const std::string& got) const;

    Pickle& pickle_;
    std::size_t position_ = 0;   // of the next byte
    std::size_t operation_ = 0;  // of the opcode at work
    std::vector<PickledValue> stack_;
    std::vector<std::size_t> marks_;  // sizes of the stack
    std::unordered_map<std::uint32_t, PickledValue> memo_;
};

}  // namespace tapegrad
