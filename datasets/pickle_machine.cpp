#include "datasets/pickle_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

constexpr std::array<std::string_view, 6> known_classes{
    "numpy.core.multiarray _reconstruct", "numpy ndarray",           "numpy dtype",
    "scipy.sparse.csr csr_matrix",        "collections defaultdict", "__builtin__ list"};

}  // namespace

std::span<const std::string_view> known_pickle_classes() { return known_classes; }

void PickleMachine::run() {
    while (true) {
        operation_ = position_;
        const auto opcode = static_cast<unsigned char>(take(1).front());
        if (operation_ == 0 && opcode != 0x80) fail("the opcode PROTO", fmt::format("0x{:02x}", opcode));
        if (opcode == '.') break;  // STOP
        step(opcode);
    }
    pickle_.root_ = pop();
    if (!stack_.empty() || !marks_.empty()) fail("one value at the end", "more on the stack");
    if (position_ != pickle_.bytes_.size())
        fail("the end of the file after STOP", fmt::format("{} more bytes", pickle_.bytes_.size() - position_));
}

void PickleMachine::step(unsigned char opcode) {
    switch (opcode) {
        case 0x80:  // PROTO
            if (const std::uint32_t protocol = take_unsigned(1); protocol != 2)
                fail("pickle protocol 2", std::to_string(protocol));
            return;
        case '(':  // MARK
            marks_.push_back(stack_.size());
            return;
        case 'N':  // NONE
            return push(Kind::none);
        case 0x88:  // NEWTRUE
            return push(Kind::boolean, 1);
        case 0x89:  // NEWFALSE
            return push(Kind::boolean, 0);
        case 'K':  // BININT1
            return push(Kind::integer, take_unsigned(1));
        case 'M':  // BININT2
            return push(Kind::integer, take_unsigned(2));
        case 'J':  // BININT
            return push(Kind::integer, static_cast<std::int32_t>(take_unsigned(4)));
        case 'U':  // SHORT_BINSTRING
            return push_bytes(take_unsigned(1));
        case 'T':  // BINSTRING
            return push_bytes(take_unsigned(4));
        case ')':  // EMPTY_TUPLE
            return push_sequence(Kind::tuple, {});
        case 0x85:  // TUPLE1
            return push_sequence(Kind::tuple, pop(1));
        case 0x86:  // TUPLE2
            return push_sequence(Kind::tuple, pop(2));
        case 0x87:  // TUPLE3
            return push_sequence(Kind::tuple, pop(3));
        case 't':  // TUPLE
            return push_sequence(Kind::tuple, pop_to_mark());
        case ']':  // EMPTY_LIST
            return push_sequence(Kind::list, {});
        case 'a':  // APPEND
            return append(pop(1));
        case 'e':  // APPENDS
            return append(pop_to_mark());
        case '}':  // EMPTY_DICT
            return push_object("dict", {});
        case 's':  // SETITEM
            return set_items(pop(2));
        case 'u':  // SETITEMS
            return set_items(pop_to_mark());
        case 'c':  // GLOBAL
            return push_class();
        case 'R':   // REDUCE
        case 0x81:  // NEWOBJ
            return construct();
        case 'b':  // BUILD
            return build();
        case 'q':  // BINPUT
            return put(take_unsigned(1));
        case 'r':  // LONG_BINPUT
            return put(take_unsigned(4));
        case 'h':  // BINGET
            return get(take_unsigned(1));
        case 'j':  // LONG_BINGET
            return get(take_unsigned(4));
        default:
            fail("an opcode that Planetoid's pickles use", fmt::format("0x{:02x}", opcode));
    }
}

std::string_view PickleMachine::take(std::size_t length) {
    const std::size_t left = pickle_.bytes_.size() - position_;
    if (length > left) fail(fmt::format("{} more bytes", length), fmt::format("{} before the end of the file", left));
    position_ += length;
    return std::string_view(pickle_.bytes_).substr(position_ - length, length);
}

std::uint32_t PickleMachine::take_unsigned(std::size_t bytes) {
    std::uint32_t number = 0;
    const std::string_view little_endian = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) number = (number << 8) | static_cast<unsigned char>(little_endian[i]);
    return number;
}

std::string_view PickleMachine::take_line() {
    const std::size_t end = pickle_.bytes_.find('\n', position_);
    if (end == std::string::npos) fail("a line", "the end of the file");
    const std::string_view line = take(end + 1 - position_);
    return line.substr(0, line.size() - 1);
}

void PickleMachine::push(Kind kind, std::int64_t number, std::uint32_t length) {
    stack_.push_back({kind, length, number, operation_});
}

void PickleMachine::push_bytes(std::size_t length) {
    const std::size_t begin = position_;
    take(length);
    push(Kind::bytes, static_cast<std::int64_t>(begin), static_cast<std::uint32_t>(length));
}

void PickleMachine::push_sequence(Kind kind, std::vector<PickledValue> items) {
    pickle_.sequences_.push_back(std::move(items));
    push(kind, static_cast<std::int64_t>(pickle_.sequences_.size()) - 1);
}

void PickleMachine::push_object(std::string_view class_name, const PickledValue& arguments) {
    pickle_.objects_.push_back({class_name, arguments, {}, {}});
    push(Kind::object, static_cast<std::int64_t>(pickle_.objects_.size()) - 1);
}

void PickleMachine::push_class() {
    const std::string module(take_line());
    const std::string name = module + ' ' + std::string(take_line());
    const auto known = std::find(known_classes.begin(), known_classes.end(), name);
    if (known == known_classes.end()) fail(fmt::format("one of: {}", fmt::join(known_classes, ", ")), quote(name));
    push(Kind::class_name, known - known_classes.begin());
}

const PickledValue& PickleMachine::top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("a value on the stack", "none");
    return stack_.back();
}

PickledValue PickleMachine::pop() {
    const PickledValue value = top();
    stack_.pop_back();
    return value;
}

std::vector<PickledValue> PickleMachine::pop(std::size_t count) {
    std::vector<PickledValue> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
}

std::vector<PickledValue> PickleMachine::pop_to_mark() {
    if (marks_.empty()) fail("a mark on the stack", "none");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickledValue> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
}

void PickleMachine::append(const std::vector<PickledValue>& items) {
    pickle_.expect(top(), Kind::list);
    auto& list = pickle_.sequences_[static_cast<std::size_t>(top().number)];
    list.insert(list.end(), items.begin(), items.end());
}

void PickleMachine::set_items(const std::vector<PickledValue>& items) {
    pickle_.expect(top(), Kind::object);
    PickledObject& dict = pickle_.objects_[static_cast<std::size_t>(top().number)];
    if (dict.class_name != "dict" && dict.class_name != "collections defaultdict")
        fail("a dict", fmt::format("'{}'", dict.class_name));
    if (items.size() % 2 != 0) fail("a value for every key", "a key without");
    dict.items.insert(dict.items.end(), items.begin(), items.end());
}

void PickleMachine::construct() {
    const PickledValue arguments = pop();
    pickle_.expect(arguments, Kind::tuple);
    push_object(pickle_.class_name(pop()), arguments);
}

void PickleMachine::build() {
    const PickledValue state = pop();
    pickle_.expect(top(), Kind::object);
    PickledObject& object = pickle_.objects_[static_cast<std::size_t>(top().number)];
    if (object.state.kind != Kind::none) fail("an object without state", "one whose state was set before");
    object.state = state;
}

void PickleMachine::put(std::uint32_t index) { memo_[index] = top(); }

void PickleMachine::get(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail("a number that was memorised before", std::to_string(index));
    stack_.push_back(found->second);
}

void PickleMachine::fail(const std::string& expected, const std::string& got) const {
    pickle_.fail(operation_, expected, got);
}

}  // namespace tapegrad
