// The nearest known name to one that was mistyped, for error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tapegrad {

/// How many insertions, deletions and substitutions of single characters lead from `a` to `b` (Levenshtein 1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name with the smallest edit distance; empty when there are no names.
std::string nearest(std::string_view name, std::span<const std::string> names);

}  // namespace tapegrad
