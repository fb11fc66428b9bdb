#include "tools/training/event_file.hpp"

#include <bit>
#include <boost/crc.hpp>
#include <cstddef>

namespace tapegrad {
namespace {

void put_fixed(std::string& bytes, std::uint64_t value, int size) {
    for (int byte = 0; byte < size; ++byte) bytes += static_cast<char>((value >> (8 * byte)) & 0xff);
}

// The encoding of protocol buffers: a field is its number with the kind of its value, then the value.
enum class Wire { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

void put_varint(std::string& bytes, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
    bytes += static_cast<char>(value);
}

void put_field(std::string& bytes, int number, Wire wire) {
    put_varint(bytes, static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(wire));
}

void put_bytes(std::string& bytes, int number, std::string_view value) {
    put_field(bytes, number, Wire::length_delimited);
    put_varint(bytes, value.size());
    bytes += value;
}

// Event: 1 wall_time, 2 step, 3 file_version, 5 summary.
std::string event(double time, std::int64_t step) {
    std::string bytes;
    put_field(bytes, 1, Wire::fixed64);
    put_fixed(bytes, std::bit_cast<std::uint64_t>(time), 8);
    put_field(bytes, 2, Wire::varint);
    put_varint(bytes, static_cast<std::uint64_t>(step));
    return bytes;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return std::rotr<std::uint32_t>(crc.checksum(), 15) + 0xa282ead8u;
}

std::string event_record(std::string_view payload) {
    std::string record;
    record.reserve(payload.size() + 16);
    put_fixed(record, payload.size(), 8);
    put_fixed(record, masked_crc32c(record), 4);
    record += payload;
    put_fixed(record, masked_crc32c(payload), 4);
    return record;
}

std::string version_record(double time) {
    std::string payload = event(time, 0);
    put_bytes(payload, 3, "brain.Event:2");
    return event_record(payload);
}

std::string scalars_record(double time, std::int64_t step, std::span<const Scalar> scalars) {
    // Summary: 1 value, each with 1 tag, 2 simple_value.
    std::string summary;
    for (const Scalar& scalar : scalars) {
        std::string value;
        put_bytes(value, 1, scalar.tag);
        put_field(value, 2, Wire::fixed32);
        put_fixed(value, std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value)), 4);
        put_bytes(summary, 1, value);
    }
    std::string payload = event(time, step);
    put_bytes(payload, 5, summary);
    return event_record(payload);
}

}  // namespace tapegrad
