// The judgement on a plugin, and how it is told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/conformance/report.hpp"

namespace tapegrad {

/// What is known of a plugin after loading it in a child process.
struct PluginFacts {
    std::string name{}, version{}, description{};
    std::string refusal{};                       ///< "" when it can be judged
    std::vector<std::string> missing_kernels{};  ///< the mandatory ones: "add f32"
    bool records = false;                        ///< whether it has the entries for recording kernels
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PluginFacts, name, version, description, refusal, missing_kernels, records)

struct Judgement {
    std::string file;
    PluginFacts plugin;
    std::vector<Report> reports;
    std::string next;  ///< what to do now, in words; empty when all is right

    std::int64_t cases() const;
    std::int64_t faults() const;
    bool passes() const { return next.empty(); }
};

std::string to_text(const Judgement& judgement);
nlohmann::json to_json(const Judgement& judgement);

}  // namespace tapegrad
