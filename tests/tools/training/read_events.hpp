// A reader of TensorBoard event files that shares nothing with the writer: its checksum goes bit by bit.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::testing {

struct Event {
    double wall_time = -1;
    std::int64_t step = 0;
    std::string file_version;
    std::map<std::string, float> scalars;
};

inline std::uint32_t crc32c_bit_by_bit(std::string_view bytes) {
    std::uint32_t crc = 0xffffffffu;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1u) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return ~crc;
}

inline std::uint32_t mask(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

/// Takes values from the front of some bytes; throws std::out_of_range behind their end.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    bool empty() const { return bytes_.empty(); }
    std::string_view take(std::size_t count) {
        if (count > bytes_.size()) throw std::out_of_range("a record ends early");
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }
    template <class T>
    T fixed() {
        T value;
        std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = fixed<std::uint8_t>();
            value |= std::uint64_t(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
    }
    Bytes message() { return Bytes(take(varint())); }

private:
    std::string_view bytes_;
};

inline std::map<std::string, float> read_summary(Bytes summary) {
    std::map<std::string, float> scalars;
    while (!summary.empty()) {
        if (summary.varint() != (1 << 3 | 2)) throw std::runtime_error("a Summary has values only");
        Bytes value = summary.message();
        if (value.varint() != (1 << 3 | 2)) throw std::runtime_error("a value begins with its tag");
        const std::string tag(value.take(value.varint()));
        if (value.varint() != (2 << 3 | 5)) throw std::runtime_error("a tag comes before a simple_value");
        if (!scalars.emplace(tag, value.fixed<float>()).second) throw std::runtime_error("a tag comes twice");
        if (!value.empty()) throw std::runtime_error("a value has a tag and a number");
    }
    return scalars;
}

inline Event read_event(Bytes bytes) {
    Event event;
    while (!bytes.empty()) switch (bytes.varint()) {
            case 1 << 3 | 1:
                event.wall_time = bytes.fixed<double>();
                break;
            case 2 << 3 | 0:
                event.step = static_cast<std::int64_t>(bytes.varint());
                break;
            case 3 << 3 | 2:
                event.file_version = bytes.take(bytes.varint());
                break;
            case 5 << 3 | 2:
                event.scalars = read_summary(bytes.message());
                break;
            default:
                throw std::runtime_error("an unknown field of Event");
        }
    return event;
}

inline std::vector<Event> read_events(std::string_view file) {
    std::vector<Event> events;
    for (Bytes bytes(file); !bytes.empty();) {
        const std::string_view length = bytes.take(8);
        if (bytes.fixed<std::uint32_t>() != mask(crc32c_bit_by_bit(length)))
            throw std::runtime_error("the checksum of a length");
        const std::string_view payload = bytes.take(Bytes(length).fixed<std::uint64_t>());
        if (bytes.fixed<std::uint32_t>() != mask(crc32c_bit_by_bit(payload)))
            throw std::runtime_error("the checksum of a payload");
        events.push_back(read_event(Bytes(payload)));
    }
    return events;
}

}  // namespace tapegrad::testing
