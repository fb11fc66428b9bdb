#include "autograd/edit_distance.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace tapegrad {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string nearest(std::string_view name, std::span<const std::string> names) {
    const auto best =
        std::ranges::min_element(names, {}, [&](const std::string& known) { return edit_distance(name, known); });
    return best == names.end() ? std::string() : *best;
}

}  // namespace tapegrad
