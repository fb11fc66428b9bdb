#include "tools/reports/node_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include "tools/common/markup.hpp"

namespace tapegrad {
namespace {

// More would lie over each other.
constexpr std::size_t most_near = 36, most_far = 48;
constexpr double width = 900, middle_x = 450, middle_y = 500;
// Of names, in characters. What is longer is cut; the tip over a disc has all of it.
constexpr std::size_t longest_beside_disc = 16, longest_class = 22, longest_title = 42;

struct Place {
    double x, y, angle;
};

// The colours of Okabe and Ito (2008), which colour-blind people tell apart too, then hues in steps of the golden
// angle.
std::string colour_of(std::size_t number) {
    constexpr std::array colours{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a90c"};
    if (number < colours.size()) return colours[number];
    return fmt::format("hsl({} 60% 50%)", 137 * number % 360);
}

// The classes of the view, those of the model first, and the number and colour of each.
class Classes {
public:
    explicit Classes(const NodeView& view) : names_(view.class_names) {
        for (const std::string& name : view.dataset.class_names)
            if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
    }
    const std::vector<std::string>& names() const { return names_; }
    std::size_t number(const std::string& name) const {
        return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
    }
    std::string colour(const std::string& name) const {
        return number(name) == names_.size() ? "#888" : colour_of(number(name));
    }
    std::string mark(const std::string& name) const {
        return number(name) == names_.size() ? "?" : std::to_string(number(name));
    }

private:
    std::vector<std::string> names_;
};

Place around(double radius, double angle) {
    return {middle_x + radius * std::cos(angle), middle_y + radius * std::sin(angle), angle};
}

double angle_of(std::size_t place, std::size_t places) {
    return 2 * std::numbers::pi * static_cast<double>(place) / static_cast<double>(places) - std::numbers::pi / 2;
}

// By how many places to turn a ring so that nodes that want to be at `wanted` angles stand near these.
std::size_t best_turn(const std::vector<double>& wanted) {
    std::size_t best = 0;
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t turn = 0; turn < wanted.size(); ++turn) {
        double nearness = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i)
            nearness += std::cos(angle_of(i + turn, wanted.size()) - wanted[i]);
        if (nearness > most + 1e-9) most = nearness, best = turn;
    }
    return best;
}

// The first ring has the neighbours at equal distances, the heaviest at the top; the second ring those behind them, in
// the order of the nodes that they are heard through and as near to these as a turn of the ring brings them.
std::map<std::int32_t, Place> places_of(const NodeView& view, const std::vector<Neighbour>& near,
                                        const std::vector<FarNeighbour>& far) {
    std::map<std::int32_t, Place> places{{view.node, {middle_x, middle_y, -std::numbers::pi / 2}}};
    std::vector<std::int32_t> ring;
    for (const Neighbour& one : near)
        if (one.node != view.node && std::ranges::find(ring, one.node) == ring.end()) ring.push_back(one.node);
    for (std::size_t i = 0; i < ring.size(); ++i)
        places.try_emplace(ring[i], around(far.empty() ? 290 : 180, angle_of(i, ring.size())));
    std::vector<FarNeighbour> outer = far;
    std::ranges::stable_sort(outer, {}, [&](const FarNeighbour& one) { return places.at(one.via).angle; });
    std::vector<double> wanted;
    for (const FarNeighbour& one : outer) wanted.push_back(places.at(one.via).angle);
    const std::size_t turn = best_turn(wanted);
    for (std::size_t i = 0; i < outer.size(); ++i)
        places.try_emplace(outer[i].node, around(320, angle_of(i + turn, outer.size())));
    return places;
}

// How large `weight` is beside the largest; weights can all be 0, where a product of two is too small for an f32.
double share_of(double weight, double largest) { return largest > 0 ? weight / largest : 0; }

std::string line(const Place& from, const Place& to, double share, bool far) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke-width=\"{:.2f}\"{}/>\n",
                       from.x, from.y, to.x, to.y, 0.6 + 9 * share, far ? " class=\"far\"" : "");
}

// At most `longest` characters; bytes that go on with a character count for none.
std::string shortened(const std::string& name, std::size_t longest) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < name.size(); ++i)
        if ((static_cast<unsigned char>(name[i]) & 0xC0) != 0x80 && ++characters > longest)
            return name.substr(0, i) + "…";
    return name;
}

// Along the ray from the middle, so that the names of a full ring do not lie over each other; never upside down.
std::string name_beside(const Place& place, const std::string& name) {
    const bool right = std::cos(place.angle) >= -1e-9;
    const double degrees = place.angle * 180 / std::numbers::pi + (right ? 0 : 180);
    return fmt::format(
        "<text transform=\"translate({:.1f} {:.1f}) rotate({:.1f})\" x=\"{}\" y=\"4\" text-anchor=\"{}\">{}</text>",
        place.x, place.y, degrees, right ? 17 : -17, right ? "start" : "end", markup_text(name));
}

std::string disc(const NodeView& view, const Classes& classes, std::int32_t node, const Place& place,
                 const std::string& weight) {
    const std::string label = view.label(node), predicted = view.predicted(node);
    const double radius = node == view.node ? 17 : 11;
    std::string text = fmt::format(
        "<g><title>{}: label {}, predicted {}{}</title><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\" "
        "stroke=\"{}\"/><text class=\"mark\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
        markup_text(view.name(node)), markup_text(label), markup_text(predicted), weight, place.x, place.y, radius,
        classes.colour(label), classes.colour(predicted), place.x, place.y + 4, classes.mark(label));
    return text + (node == view.node ? "" : name_beside(place, shortened(view.name(node), longest_beside_disc))) +
           "</g>\n";
}

std::string heading(const NodeView& view) {
    std::string second = "the model weighs no neighbours";
    if (!view.layers.empty()) {
        const LayerView& layer = view.layers.back();
        second = fmt::format("layer {} ({}), {}", layer.weights.layer, layer.type,
                             !layer.attends             ? "fixed weights"
                             : layer.head               ? fmt::format("attention of head {}", *layer.head)
                             : layer.weights.heads == 1 ? "attention"
                                                        : "mean attention of the heads");
    }
    return fmt::format(
        "<text class=\"title\" x=\"20\" y=\"34\">{}</text>\n"
        "<text x=\"20\" y=\"56\">label {}, predicted {}; {}</text>\n",
        markup_text(shortened(view.name(view.node), longest_title)),
        markup_text(shortened(view.label(view.node), longest_class)),
        markup_text(shortened(view.predicted(view.node), longest_class)), markup_text(second));
}

constexpr double legend_top = 1000;
constexpr std::size_t legend_columns = 3;

std::string legend(const Classes& classes) {
    std::string text = fmt::format(
        "<text x=\"20\" y=\"{}\">disc: label, ring: prediction; a wide line is a large "
        "weight</text>\n",
        legend_top - 26);
    for (std::size_t i = 0; i < classes.names().size(); ++i) {
        const std::size_t row = i / legend_columns, column = i % legend_columns;
        const double x = 28 + 290 * static_cast<double>(column), y = legend_top + 26 * static_cast<double>(row);
        text += fmt::format(
            "<circle cx=\"{0}\" cy=\"{1}\" r=\"9\" fill=\"{2}\" stroke=\"{2}\"/><text class=\"mark\" x=\"{0}\" "
            "y=\"{3}\">{4}</text><text x=\"{5}\" y=\"{3}\">{6}</text>\n",
            x, y, colour_of(i), y + 4, i, x + 18, markup_text(shortened(classes.names()[i], longest_class)));
    }
    return text;
}

// Text has a seam of the background's colour, to be read over lines.
constexpr const char* style =
    "<style>svg { --paper: #fff; color: #1c1c1c; background: var(--paper) } "
    "text { fill: currentColor; font: 12px sans-serif; paint-order: stroke; stroke: var(--paper); stroke-width: 3px } "
    ".title { font-size: 20px; font-weight: bold } "
    ".mark { fill: #fff; font-weight: bold; text-anchor: middle; stroke: #0008; stroke-width: 2px } "
    "line { stroke: currentColor; stroke-opacity: 0.4 } .far { stroke-dasharray: 5 3 } circle { stroke-width: 4 } "
    "@media (prefers-color-scheme: dark) { svg { --paper: #161616; color: #e6e6e6 } }</style>\n";

}  // namespace

std::string to_svg(const NodeView& view) {
    std::vector<Neighbour> near;
    std::vector<FarNeighbour> far = view.far_neighbours();
    std::size_t left_out = 0;
    const auto keep = [&](auto& list, std::size_t most) {
        if (list.size() <= most) return;
        left_out += list.size() - most;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
    };
    if (!view.layers.empty()) near = neighbours_of(view.layers.back(), view.node);
    keep(near, most_near);
    left_out += std::erase_if(
        far, [&](const FarNeighbour& one) { return std::ranges::find(near, one.via, &Neighbour::node) == near.end(); });
    keep(far, most_far);

    const Classes classes(view);
    const std::map<std::int32_t, Place> places = places_of(view, near, far);
    const Place& middle = places.at(view.node);
    std::string lines, discs;
    for (const FarNeighbour& one : far) {
        lines += line(places.at(one.node), places.at(one.via), share_of(one.weight, far.front().weight) / 2, true);
        discs += disc(view, classes, one.node, places.at(one.node), fmt::format(", {:.1f} %", 100 * one.weight));
    }
    std::string own;
    for (const Neighbour& one : near) {
        const std::string weight = fmt::format(", {:.1f} %", 100 * one.weight);
        if (one.node == view.node) {
            own = ", itself" + weight;
            continue;
        }
        lines += line(places.at(one.node), middle, share_of(one.weight, near.front().weight), false);
        discs += disc(view, classes, one.node, places.at(one.node), weight);
    }
    discs += disc(view, classes, view.node, middle, own);
    if (left_out > 0)
        discs += fmt::format("<text x=\"20\" y=\"{}\">{} more of small weight are not drawn</text>\n", 76, left_out);
    const std::size_t legend_rows = (classes.names().size() + legend_columns - 1) / legend_columns;
    const double height = legend_top + 26 * static_cast<double>(legend_rows);
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\">\n<title>{} and its "
        "neighbours</title>\n{}{}{}{}{}</svg>\n",
        width, height, markup_text(view.name(view.node)), style, heading(view), lines, discs, legend(classes));
}

}  // namespace tapegrad
