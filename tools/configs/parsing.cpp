#include "tools/configs/parsing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr int deepest_nesting = 32;

// Characters for the parser, which tells the place of an error only for wrong syntax: how many were read is kept here.
class CountedText {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountedText(const char* place, std::size_t* read) : place_(place), read_(read) {}
    const char& operator*() const { return *place_; }
    CountedText& operator++() {
        ++place_;
        ++*read_;
        return *this;
    }
    CountedText operator++(int) {
        CountedText before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountedText& other) const { return place_ == other.place_; }
    bool operator!=(const CountedText& other) const { return place_ != other.place_; }

private:
    const char* place_;
    std::size_t* read_;
};

// "line 3, column 7" of what stands at `offset`.
std::string line_and_column(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    const auto begins_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; };
    return fmt::format("line {}, column {}", std::ranges::count(before, '\n') + 1,
                       std::ranges::count_if(line, begins_character) + 1);
}

// Where the string that ends right before `end` begins: a quote inside it has a backslash before it.
std::size_t begin_of_string(std::string_view text, std::size_t end) {
    std::size_t quote = end - 1;
    do {
        quote = text.rfind('"', quote - 1);
    } while (quote > 0 && text[quote - 1] == '\\');
    return quote;
}

// The parser's callback: sees the nesting, and keys that nlohmann::json would merge.
class StructureCheck {
public:
    StructureCheck(std::string source, std::string_view text, const std::size_t* read)
        : source_(std::move(source)), text_(text), read_(read) {}

    bool operator()(int depth, json::parse_event_t event, const json& parsed) {
        if (depth > deepest_nesting)
            throw ConfigError(where(*read_ - 1), fmt::format("nesting at most {} deep", deepest_nesting), "more",
                              "Check the brackets");
        if (event == json::parse_event_t::object_start) keys_.emplace_back();
        if (event == json::parse_event_t::object_end) keys_.pop_back();
        if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second)
            throw ConfigError(where(begin_of_string(text_, *read_)), "each key of an object once",
                              fmt::format("{} twice", parsed.dump()), "Remove one of the two");
        return true;
    }

private:
    std::string where(std::size_t offset) const {
        return fmt::format("{}, {}", source_, line_and_column(text_, offset));
    }

    std::string source_;
    std::string_view text_;
    const std::size_t* read_;
    std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

json parse(std::string_view text, const std::string& source, std::size_t& read, bool comments) {
    return json::parse(CountedText(text.data(), &read), CountedText(text.data() + text.size(), &read),
                       StructureCheck(source, text, &read), true, comments);
}

// The parser's complaint without its number and place, which end in " - ", and without what it read, if that is long.
std::string complaint(const json::parse_error& error) {
    std::string message = error.what();
    if (const std::size_t dash = message.find(" - "); dash != std::string::npos) message.erase(0, dash + 3);
    const std::size_t read = message.find("; last read: ");
    return read != std::string::npos && message.size() - read > 60 ? message.substr(0, read) : message;
}

// Where the fault is; of what never ends, where it begins.
std::size_t offset_of(const json::parse_error& error, std::string_view text) {
    const std::string_view message = error.what();
    if (message.find("missing closing '*/'") != std::string_view::npos) return text.rfind("/*");
    if (message.find("missing closing quote") != std::string_view::npos) return begin_of_string(text, text.size() + 1);
    return error.byte > 0 ? error.byte - 1 : 0;
}

}  // namespace

json parse_config(std::string_view text, const std::string& source) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::size_t read = 0;
    try {
        return parse(text, source, read, true);
    } catch (const json::parse_error& fault) {
        throw ConfigError(fmt::format("{}, {}", source, line_and_column(text, offset_of(fault, text))), "JSON",
                          complaint(fault), "Correct the syntax there or shortly before");
    } catch (const json::out_of_range&) {
        const std::size_t last = text.substr(0, read).find_last_of("0123456789");
        const std::size_t begin = text.substr(0, last).find_last_not_of("0123456789+-.eE") + 1;  // npos + 1 is 0
        throw ConfigError(fmt::format("{}, {}", source, line_and_column(text, begin)), "numbers of at most 1.8e308",
                          std::string(text.substr(begin, std::min<std::size_t>(last + 1 - begin, 80))),
                          "Write a smaller number");
    }
}

json parse_value(const std::string& text, const std::string& source) {
    std::size_t read = 0;
    try {
        return parse(text, source, read, false);
    } catch (const json::exception&) {
        return text;
    }
}

}  // namespace tapegrad
