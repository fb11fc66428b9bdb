// The graph attention network that benchmarks train: which graph, which model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/benchmarks/options.hpp"
#include "tools/training/trainer.hpp"

namespace tapegrad {

/// What the command line says; what it does not say depends on the graph.
struct GatOptions {
    std::string data = "cora";
    std::optional<std::int64_t> nodes, edges, features, classes;
    std::optional<std::int64_t> layers, hidden, heads;
    double dropout = 0.6;
    double feature_dropout = 0;
    std::uint64_t seed = 7;
};

/// Throws ConfigError with the nearest known name unless --data names a graph, a file that exists, or a path.
void check_data_name(const std::string& data);

/// The sizes of the model, given or by default.
struct GatSizes {
    std::int64_t layers, heads, hidden;
    int steps;  ///< how many give a steady median within about a minute
};
GatSizes sizes_of(const GatOptions& options);

/// Adds the options to a subcommand.
void add_gat_options(CLI::App& command, GatOptions& options);

/// The same options for a child process.
std::vector<std::string> arguments_of(const GatOptions& options);

/// A graph and a model, ready to train.
struct GatCase {
    std::string description;  ///< of both, in one line
    GraphData data;
    std::shared_ptr<Module> model;
    std::unique_ptr<Optimizer> optimizer;
    TrainingOptions training;
    GatSizes sizes;
};

/// Throws ConfigError for options that contradict each other, and what the loaders throw.
GatCase make_gat_case(const GatOptions& options, const BackendPtr& backend);

}  // namespace tapegrad
