// From the ids that data files use to node numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "datasets/text_lines.hpp"

namespace tapegrad {

/// Numbers paper ids in the order they are added. The ids are views into a text that outlives the index.
class PaperIndex {
public:
    /// The node of a new paper. Throws DataError, naming the line, for an id that is empty or was there before.
    std::int32_t add(std::string_view id, const LineReader& lines) {
        const auto node = static_cast<std::int32_t>(nodes_.size());
        if (id.empty() || !nodes_.emplace(id, node).second)
            throw DataError(lines.where(), "a paper id that no other paper has", quote(id),
                            "Give every paper an id of its own, on one line");
        return node;
    }

    /// The node of a paper, or none.
    std::optional<std::int32_t> find(std::string_view id) const {
        const auto found = nodes_.find(id);
        return found == nodes_.end() ? std::nullopt : std::optional(found->second);
    }

    /// The node of a paper. Throws DataError, naming the line, if there is no such paper.
    std::int32_t at(std::string_view id, const LineReader& lines) const {
        if (const auto node = find(id)) return *node;
        throw DataError(lines.where(), "the id of a paper of the data set", quote(id),
                        "Add the paper or remove the citation");
    }

private:
    std::unordered_map<std::string_view, std::int32_t> nodes_;
};

}  // namespace tapegrad
