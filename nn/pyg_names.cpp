#include "nn/pyg_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "autograd/errors.hpp"
#include "autograd/ops/join.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/shape_ops.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

enum class Layout { same, transposed, leading_axis };

/// What PyG calls a parameter, and how its array differs from ours.
struct Correspondence {
    std::string_view layer, ours, pyg;
    Layout layout;
};

// Of several rows for one parameter the first is written; the others are older. lin_dst and lin_r are lin_src and lin_l
// under a second name.
constexpr Correspondence correspondences[] = {
    {"gat", "weight", "lin.weight", Layout::transposed},           // ours [in, H * F], PyG's [H * F, in]
    {"gat", "weight", "lin_src.weight", Layout::transposed},       // PyG 2.0 to 2.4
    {"gat", "weight", "lin_dst.weight", Layout::transposed},       //
    {"gat", "weight", "lin_l.weight", Layout::transposed},         // PyG 1.6 and 1.7
    {"gat", "weight", "lin_r.weight", Layout::transposed},         //
    {"gat", "attention_source", "att_src", Layout::leading_axis},  // ours [H, F], PyG's [1, H, F]
    {"gat", "attention_source", "att_l", Layout::leading_axis},    // PyG 1.6 and 1.7
    {"gat", "attention_target", "att_dst", Layout::leading_axis},  //
    {"gat", "attention_target", "att_r", Layout::leading_axis},    // PyG 1.6 and 1.7
    {"gat", "bias", "bias", Layout::same},                         // [H * F], or [F] where heads are averaged
    {"gcn", "weight", "lin.weight", Layout::transposed},           // ours [in, out], PyG's [out, in]
    {"gcn", "weight", "weight", Layout::same},                     // PyG 1
    {"gcn", "bias", "bias", Layout::same},                         // [out]
    {"linear", "weight", "weight", Layout::transposed},            // ours [in, out], PyG's [out, in]
    {"linear", "bias", "bias", Layout::same},                      // [out]
};

// The parameter whose name tells one kind of module from another.
std::string_view telling_parameter(std::string_view layer) { return layer == "gat" ? "attention_source" : "weight"; }

std::vector<Correspondence> rows_of(std::string_view layer, std::string_view ours) {
    std::vector<Correspondence> rows;
    for (const Correspondence& row : correspondences)
        if (row.layer == layer && row.ours == ours) rows.push_back(row);
    return rows;
}

Shape pyg_shape(const Shape& ours, Layout layout) {
    if (layout == Layout::transposed) return {ours[1], ours[0]};
    if (layout == Layout::leading_axis) return {1, ours[0], ours[1]};
    return ours;
}

Tensor as_in_pyg(const Tensor& ours, Layout layout) {
    return layout == Layout::transposed ? transpose(ours) : reshape(ours, pyg_shape(ours.shape(), layout)).detach();
}

Tensor as_here(const Tensor& pyg, Layout layout, const Shape& shape) {
    return layout == Layout::transposed ? transpose(pyg) : reshape(pyg, shape);
}

/// A layer with parameters, in the form in which PyG has it too.
struct Layer {
    std::size_t index;                 ///< in the model
    std::string type;                  ///< of the config
    std::string kind;                  ///< in the table: multi_head is a "gat"
    std::vector<NamedTensor> tensors;  ///< "weight", ...; those of all heads together
    std::string place() const { return fmt::format("model.{} ({})", index, type); }
};

// Along which axis of a parameter the heads lie side by side.
std::int64_t head_axis(const std::string& name) { return name == "weight" ? 1 : 0; }

bool is_averaged(const std::string& name, const json& settings) {
    return name == "bias" && settings.at("merge") == "mean";
}

// "0.weight", "0.bias", "1.weight", ... to "weight", "bias".
std::vector<NamedTensor> join_heads(const std::vector<NamedTensor>& of_heads, const json& settings) {
    std::vector<NamedTensor> joined;
    for (const auto& [first, unused] : of_heads) {
        if (!first.starts_with("0.")) continue;
        const std::string name = first.substr(2);
        std::vector<Tensor> parts;
        for (const auto& [other, tensor] : of_heads)
            if (other.substr(other.find('.') + 1) == name) parts.push_back(tensor);
        joined.emplace_back(name, is_averaged(name, settings) ? mean(stack(parts), {0}) : cat(parts, head_axis(name)));
    }
    return joined;
}

std::vector<NamedTensor> split_heads(const std::vector<NamedTensor>& joined, const json& settings) {
    const std::int64_t heads = settings.at("heads");
    std::vector<NamedTensor> of_heads;
    for (std::int64_t head = 0; head < heads; ++head)
        for (const auto& [name, tensor] : joined) {
            const std::int64_t axis = head_axis(name), width = tensor.shape()[static_cast<std::size_t>(axis)] / heads;
            of_heads.emplace_back(
                fmt::format("{}.{}", head, name),
                is_averaged(name, settings) ? tensor : narrow(tensor, axis, head * width, (head + 1) * width));
        }
    return of_heads;
}

std::vector<Layer> layers_with_parameters(const json& layers, const std::vector<NamedParameter>& parameters) {
    std::vector<Layer> found;
    for (std::size_t index = 0; index < layers.size(); ++index) {
        const std::string prefix = fmt::format("{}.", index), type = layers[index].at("type");
        std::vector<NamedTensor> tensors;
        for (const auto& [name, tensor] : parameters)
            if (name.starts_with(prefix)) tensors.emplace_back(name.substr(prefix.size()), tensor);
        if (tensors.empty()) continue;
        const bool has_heads = type == "multi_head";
        Layer layer{index, type, has_heads ? "gat" : type, has_heads ? join_heads(tensors, layers[index]) : tensors};
        if (rows_of(layer.kind, "weight").empty())
            throw DataError(layer.place(), "a layer that PyG has: gat, multi_head, gcn or linear", "another type",
                            "Use the weights under their own names");
        found.push_back(std::move(layer));
    }
    return found;
}

// conv2 before conv10.
struct VersionOrder {
    bool operator()(const std::string& a, const std::string& b) const { return strverscmp(a.c_str(), b.c_str()) < 0; }
};

// PyG's tensors that belong to no layer yet.
using Pool = std::map<std::string, Tensor, VersionOrder>;

// The beginnings of names that may stand for a module of this kind: "conv1." of "conv1.att_src".
std::vector<std::string> module_prefixes(const Layer& layer, const Pool& pool) {
    struct Candidate {
        std::string prefix, tensor;
    };
    std::vector<Candidate> candidates;
    for (const Correspondence& row : rows_of(layer.kind, telling_parameter(layer.kind)))
        for (const auto& [name, tensor] : pool) {
            if (!name.ends_with(row.pyg)) continue;
            const std::string prefix = name.substr(0, name.size() - row.pyg.size());
            if (prefix.empty() || prefix.ends_with('.')) candidates.push_back({prefix, name});
        }
    // A Linear named lin looks like a GCNConv around it that has no name: what holds other candidates comes last. The
    // lin of a GCNConv is no other, though it looks like a module of old.
    std::vector<std::string> ordered, holders;
    for (const Candidate& one : candidates) {
        const bool holds_another = std::ranges::any_of(candidates, [&](const Candidate& other) {
            return other.tensor != one.tensor && other.prefix != one.prefix && other.prefix.starts_with(one.prefix);
        });
        (holds_another ? holders : ordered).push_back(one.prefix);
    }
    ordered.insert(ordered.end(), holders.begin(), holders.end());
    return ordered;
}

/// For each parameter of a layer the rows whose names a module of PyG has, all with the right shape.
using ModuleFit = std::vector<std::vector<Correspondence>>;

std::optional<ModuleFit> fit(const Layer& layer, const std::string& prefix, const Pool& pool) {
    ModuleFit fit;
    for (const NamedTensor& parameter : layer.tensors) {
        std::vector<Correspondence> rows = rows_of(layer.kind, parameter.first);
        std::erase_if(rows, [&](const Correspondence& row) {
            const auto found = pool.find(prefix + std::string(row.pyg));
            return found == pool.end() || found->second.shape() != pyg_shape(parameter.second.shape(), row.layout);
        });
        if (rows.empty()) return std::nullopt;
        fit.push_back(std::move(rows));
    }
    return fit;
}

Tensor take(Pool& pool, const std::string& name) { return pool.extract(name).mapped(); }

// Takes the tensors of a module out of the pool.
std::vector<NamedTensor> take_module(const Layer& layer, const std::string& prefix, const ModuleFit& fit, Pool& pool,
                                     const std::string& source) {
    std::vector<NamedTensor> taken;
    for (std::size_t i = 0; i < fit.size(); ++i) {
        const auto& [ours, expected] = layer.tensors[i];
        std::vector<Tensor> same;
        for (const Correspondence& row : fit[i])
            same.push_back(as_here(take(pool, prefix + std::string(row.pyg)), row.layout, expected.shape()));
        for (std::size_t other = 1; other < same.size(); ++other)
            if (same[other].values<double>() != same[0].values<double>())
                throw DataError(fmt::format("{}, module '{}'", source, prefix),
                                fmt::format("one {} for both ends of an edge", ours), "two that differ",
                                "Build PyG's GATConv with one number of input channels, not with a pair");
        taken.emplace_back(ours, same[0]);
    }
    return taken;
}

std::string listed(const Pool& pool) {
    std::vector<std::string> entries;
    for (const auto& [name, tensor] : pool) entries.push_back(name + " " + to_string(tensor.shape()));
    return entries.empty() ? "none" : fmt::format("{}", fmt::join(entries, ", "));
}

// "model.0 (gat) with lin.weight [64, 1433], ...".
std::string needs(const Layer& layer) {
    std::vector<std::string> entries;
    for (const auto& [ours, tensor] : layer.tensors) {
        const Correspondence row = rows_of(layer.kind, ours).front();
        entries.push_back(fmt::format("{} {}", row.pyg, to_string(pyg_shape(tensor.shape(), row.layout))));
    }
    return fmt::format("{} with {}", layer.place(), fmt::join(entries, ", "));
}

[[noreturn]] void refuse(const std::string& source, const std::vector<std::string>& missing, const Pool& left) {
    throw DataError(source,
                    missing.empty() ? std::string("no tensors besides those of the layers")
                                    : fmt::format("weights of {}", fmt::join(missing, "; ")),
                    fmt::format("tensors that fit no layer: {}", listed(left)),
                    "Give the config the layers, heads, widths and biases of PyG's model; its GATConv (without edge "
                    "features or residual), GCNConv and Linear are known");
}

}  // namespace

std::vector<NamedTensor> to_pyg(const json& layers, const std::vector<NamedParameter>& parameters) {
    std::vector<NamedTensor> tensors;
    int convolutions = 0, linears = 0;
    for (const Layer& layer : layers_with_parameters(layers, parameters)) {
        const std::string module =
            layer.kind == "linear" ? fmt::format("lin{}", ++linears) : fmt::format("conv{}", ++convolutions);
        for (const auto& [ours, tensor] : layer.tensors) {
            const Correspondence row = rows_of(layer.kind, ours).front();
            tensors.emplace_back(fmt::format("{}.{}", module, row.pyg), as_in_pyg(tensor, row.layout));
        }
    }
    return tensors;
}

PygWeights from_pyg(const json& layers, const std::vector<NamedParameter>& parameters,
                    const std::vector<NamedTensor>& tensors, const std::string& source) {
    std::vector<Layer> wanted = layers_with_parameters(layers, parameters);
    // gat, gcn, linear: the names that only attention has first, "weight" last, which any module may have.
    std::ranges::stable_sort(wanted, {}, &Layer::kind);
    Pool pool(tensors.begin(), tensors.end());
    PygWeights weights;
    std::vector<std::string> missing;
    for (const Layer& layer : wanted) {
        std::optional<ModuleFit> fitting;
        std::string module;
        for (const std::string& prefix : module_prefixes(layer, pool))
            if (!fitting && (fitting = fit(layer, prefix, pool))) module = prefix;
        if (!fitting) {
            missing.push_back(needs(layer));
            continue;
        }
        std::vector<NamedTensor> taken = take_module(layer, module, *fitting, pool, source);
        if (layer.type == "multi_head") taken = split_heads(taken, layers[layer.index]);
        for (const auto& [name, tensor] : taken)
            weights.tensors.emplace_back(fmt::format("{}.{}", layer.index, name), tensor);
        weights.matches.push_back({layer.place(), module.substr(0, module.find_last_not_of('.') + 1)});
    }
    std::ranges::sort(weights.matches, VersionOrder{}, &PygMatch::layer);
    if (!missing.empty() || !pool.empty()) refuse(source, missing, pool);
    return weights;
}

}  // namespace tapegrad
