// The records of a TensorBoard event file. A record is the length of its payload, the masked CRC-32C of the length, the
// payload and the masked CRC-32C of the payload, as in tensorflow/core/lib/io/record_writer.h; a payload is an `Event`
// of tensorflow/core/util/event.proto.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tapegrad {

/// CRC-32C (Castagnoli polynomial), rotated and shifted so that a CRC of data with CRCs in it is a good one too.
std::uint32_t masked_crc32c(std::string_view bytes);

/// A payload between its length and checksums.
std::string event_record(std::string_view payload);

/// The record that a file begins with: its version, "brain.Event:2". `time` is in seconds since 1970.
std::string version_record(double time);

struct Scalar {
    std::string_view tag;  ///< what comes before a "/" groups the charts
    double value;          ///< written as f32
};

/// One record with some numbers of step `step`.
std::string scalars_record(double time, std::int64_t step, std::span<const Scalar> scalars);

}  // namespace tapegrad
