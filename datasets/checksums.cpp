#include "datasets/checksums.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

constexpr std::size_t digest_length = 64;

/// FIPS 180-4, section 4.2.2.
constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using Digest = std::array<std::uint32_t, 8>;

/// FIPS 180-4, section 6.2.2: one block of 64 bytes.
void add_block(Digest& digest, std::string_view block) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) w[i / 4] = (w[i / 4] << 8) | static_cast<unsigned char>(block[i]);
    for (std::size_t t = 16; t < 64; ++t) {
        const std::uint32_t sigma0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
        const std::uint32_t sigma1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16] + sigma0 + w[t - 7] + sigma1;
    }
    auto [a, b, c, d, e, f, g, h] = digest;
    for (std::size_t t = 0; t < 64; ++t) {
        const std::uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
        const std::uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const Digest change{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) digest[i] += change[i];
}

}  // namespace

std::string sha256(std::string_view bytes) {
    Digest digest{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const std::uint64_t bits = 8 * static_cast<std::uint64_t>(bytes.size());
    for (; bytes.size() >= 64; bytes.remove_prefix(64)) add_block(digest, bytes.substr(0, 64));
    std::string tail(bytes);
    tail += '\x80';
    tail.resize(tail.size() <= 56 ? 56 : 120, '\0');
    for (int shift = 56; shift >= 0; shift -= 8) tail += static_cast<char>(bits >> shift);
    for (std::size_t begin = 0; begin < tail.size(); begin += 64)
        add_block(digest, std::string_view(tail).substr(begin, 64));
    std::string text;
    for (const std::uint32_t word : digest) text += fmt::format("{:08x}", word);
    return text;
}

std::string checksum_lines(const std::vector<NamedContent>& files) {
    std::string text;
    for (const auto& [name, content] : files) text += fmt::format("{}  {}\n", sha256(content), name);
    return text;
}

void verify_checksums(const std::filesystem::path& folder, const std::vector<NamedContent>& files) {
    const std::filesystem::path sums_file = folder / "SHA256SUMS";
    std::error_code error;
    if (!std::filesystem::exists(sums_file, error)) return;
    const std::string text = read_file(sums_file);
    std::map<std::string_view, std::string_view> digests;
    for (LineReader lines(sums_file, text); lines.next();) {
        const std::string_view line = lines.line();
        if (line.find(' ') != digest_length || line.size() < digest_length + 3)
            throw DataError(lines.where(), "64 hexadecimal digits, two spaces and a file name", quote(line),
                            "Write the file anew with sha256sum");
        digests[line.substr(digest_length + 2)] = line.substr(0, digest_length);
    }
    for (const auto& [name, content] : files) {
        const std::string found = sha256(content);
        if (!digests.contains(name))
            throw DataError(sums_file.string(), fmt::format("a line for {}", name), "none",
                            "Write the file anew with sha256sum or remove it");
        if (digests[name] != found)
            throw DataError((folder / name).string(), fmt::format("the SHA-256 {} of SHA256SUMS", digests[name]), found,
                            "Fetch the file again; after a change on purpose, write SHA256SUMS anew with sha256sum or "
                            "remove it");
    }
}

}  // namespace tapegrad
