// Memory that is kept when it is given back and then used again, so that a training step that has warmed up asks the
// plugin for nothing and the heap for little.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <new>
#include <vector>

namespace tapegrad {

/// A piece of a backend's memory.
struct Block {
    void* data = nullptr;
    std::size_t bytes = 0;
};

/// `bytes` rounded up to one of the sizes in which blocks are made, so that slightly different arrays share them: four
/// sizes a power of two up to a megabyte, sixteen beyond, where waste hurts more.
std::size_t block_size(std::size_t bytes);

/// Blocks that nobody uses now.
class KeptBlocks {
public:
    /// A block of that size, which comes from `block_size`; one beyond a megabyte may be up to an eighth larger.
    /// Without data when there is none.
    Block take(std::size_t size);
    /// Throws std::bad_alloc when there is no room to remember it.
    void give(Block block);
    /// Any of them; without data when none is left.
    Block take_any();

private:
    // By the number of their size, up to a megabyte.
    std::array<std::vector<void*>, 57> small_;
    std::multimap<std::size_t, void*> large_;
};

/// Places for small objects, all of one size.
class FreeList {
public:
    FreeList() = default;
    ~FreeList();
    FreeList(const FreeList&) = delete;
    FreeList& operator=(const FreeList&) = delete;

    void* take(std::size_t bytes) {
        if (first_ == nullptr) return ::operator new(bytes);
        Free* const taken = first_;
        first_ = taken->next;
        return taken;
    }
    void give(void* place) noexcept { first_ = new (place) Free{first_}; }

private:
    struct Free {
        Free* next;
    };
    Free* first_ = nullptr;
};

}  // namespace tapegrad
