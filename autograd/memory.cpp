#include "autograd/memory.hpp"

#include <bit>
#include <utility>

namespace tapegrad {

namespace {

constexpr std::size_t smallest = 64, largest_small = std::size_t{1} << 20, largest_cached = std::size_t{1} << 16;

// 0 for the smallest, then four a power of two.
std::size_t number_of(std::size_t size) {
    if (size <= smallest) return 0;
    const std::size_t power = std::bit_floor(size - 1), quarter = (size - 1 - power) / (power / 4);
    return 1 + 4 * static_cast<std::size_t>(std::countr_zero(power / smallest)) + quarter;
}

std::size_t size_numbered(std::size_t number) {
    if (number == 0) return smallest;
    const std::size_t power = smallest << (number - 1) / 4, quarter = (number - 1) % 4;
    return power + (quarter + 1) * (power / 4);
}

}  // namespace

std::size_t block_size(std::size_t bytes) {
    if (bytes <= smallest) return smallest;
    const std::size_t step = std::bit_floor(bytes - 1) / (bytes <= largest_small ? 4 : 16);
    return (bytes + step - 1) / step * step;
}

Block KeptBlocks::take(std::size_t size) {
    if (size <= largest_small) {
        std::vector<void*>& blocks = small_[number_of(size)];
        if (blocks.empty()) return {};
        // The last one is still in the cache. Not so a block of a cache's size: there, the one that lay idle longest is
        // better, because another core may hold lines of the last one, and taking them back costs more than memory.
        const auto taken = size <= largest_cached ? blocks.end() - 1 : blocks.begin();
        void* const data = *taken;
        blocks.erase(taken);
        return {data, size};
    }
    const auto found = large_.lower_bound(size);
    if (found == large_.end() || found->first > size + size / 8) return {};
    const Block block{found->second, found->first};
    large_.erase(found);
    return block;
}

void KeptBlocks::give(Block block) {
    if (block.bytes <= largest_small)
        small_[number_of(block.bytes)].push_back(block.data);
    else
        large_.emplace(block.bytes, block.data);
}

Block KeptBlocks::take_any() {
    for (std::size_t number = 0; number < small_.size(); ++number) {
        std::vector<void*>& blocks = small_[number];
        if (blocks.empty()) continue;
        void* const data = blocks.back();
        blocks.pop_back();
        return {data, size_numbered(number)};
    }
    if (large_.empty()) return {};
    const Block block{large_.begin()->second, large_.begin()->first};
    large_.erase(large_.begin());
    return block;
}

FreeList::~FreeList() {
    while (first_ != nullptr) ::operator delete(take(0));
}

}  // namespace tapegrad
