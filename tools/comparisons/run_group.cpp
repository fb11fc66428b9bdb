#include "tools/comparisons/run_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "autograd/errors.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/comparisons/config_table.hpp"
#include "tools/configs/full_key.hpp"
#include "tools/configs/words.hpp"
#include "tools/training/run_result.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<fs::path> run_folders_in(const fs::path& folder) {
    std::vector<fs::path> runs;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (holds_run(entry.path())) runs.push_back(entry.path());
    std::ranges::sort(runs);
    if (runs.empty() && holds_run(folder)) runs.push_back(folder);
    if (runs.empty())
        throw ConfigError(folder.string(), "a run or a folder of runs that tools/train left behind",
                          fs::is_directory(folder, error) ? "a folder without either" : "no folder of that name",
                          "Check the path; runs/ holds the runs");
    return runs;
}

// Each is compared with others, so no run may be on both sides.
void check_once(const std::vector<fs::path>& runs, const std::string& folder, std::map<fs::path, std::string>& seen) {
    for (const fs::path& run : runs) {
        std::error_code error;
        const auto [place, is_new] = seen.emplace(fs::canonical(run, error), folder);
        if (!is_new)
            throw ConfigError(folder, "runs that are not compared already",
                              fmt::format("{}, which {} has too", run.string(), place->second),
                              "Name each folder once, and none that lies in another");
    }
}

std::vector<RunRecord> read_runs(const std::vector<fs::path>& folders, std::vector<LeftOut>& left_out) {
    std::vector<RunRecord> runs;
    for (const fs::path& folder : folders) {
        if (!has_ended(folder)) {
            left_out.push_back({folder, "not finished"});
            continue;
        }
        try {
            runs.push_back(read_run(folder));
        } catch (const Error& fault) {
            left_out.push_back({folder, fault.what()});
        }
    }
    return runs;
}

// Seeds that are there twice would count one result twice.
void keep_each_seed_once(RunGroup& group, std::vector<LeftOut>& left_out) {
    std::ranges::stable_sort(group.runs, {}, &RunRecord::seed);
    std::vector<RunRecord> kept;
    for (RunRecord& run : group.runs) {
        if (!kept.empty() && kept.back().seed == run.seed)
            left_out.push_back(
                {run.folder, fmt::format("seed {} again, as {}", run.seed, kept.back().folder.string())});
        else
            kept.push_back(std::move(run));
    }
    group.runs = std::move(kept);
}

// "heads=8,type=gat": what each config says, with `absent` also which keys it lacks.
std::vector<std::string> joined(const std::vector<ConfigRow>& rows, std::size_t configs, bool absent) {
    std::vector<std::string> keys, texts(configs);
    for (const ConfigRow& row : rows) keys.push_back(row.key);
    const std::vector<std::string> names = short_keys(keys);
    for (std::size_t i = 0; i < configs; ++i)
        for (std::size_t k = 0; k < rows.size(); ++k)
            if (const std::optional<json>& value = rows[k].values[i]; value || absent)
                texts[i] += fmt::format("{}{}={}", texts[i].empty() ? "" : ",", names[k], value_text(value));
    return texts;
}

std::vector<std::string> config_names(const std::vector<ConfigRow>& rows, std::size_t configs) {
    std::vector<std::string> names = joined(rows, configs, false);
    const std::set<std::string> all(names.begin(), names.end());
    return all.size() == configs && !all.contains("") ? names : joined(rows, configs, true);
}

// One group for each config, in the order of the values that differ and named `name`/VALUES.
std::vector<RunGroup> split_by_config(std::vector<RunRecord> runs, const std::string& name) {
    std::vector<RunGroup> groups;
    for (RunRecord& run : runs) {
        const json config = without_seed(run.config);
        auto group = std::ranges::find(groups, config, &RunGroup::config);
        if (group == groups.end()) group = groups.insert(group, RunGroup{name, config, {}});
        group->runs.push_back(std::move(run));
    }
    if (groups.size() < 2) return groups;

    std::vector<json> configs;
    for (const RunGroup& group : groups) configs.push_back(group.config);
    const std::vector<ConfigRow> rows = config_table(configs);
    const std::vector<std::string> names = config_names(rows, groups.size());
    std::vector<std::pair<std::vector<std::optional<json>>, RunGroup>> ordered;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::vector<std::optional<json>> values;
        for (const ConfigRow& row : rows) values.push_back(row.values[i]);
        groups[i].name = (name.empty() ? "" : name + "/") + names[i];
        ordered.emplace_back(std::move(values), std::move(groups[i]));
    }
    std::ranges::stable_sort(ordered, [](const auto& a, const auto& b) { return a.first < b.first; });
    groups.clear();
    for (auto& entry : ordered) groups.push_back(std::move(entry.second));
    return groups;
}

// "gat" for "sweeps/gat/", unless another folder ends alike.
std::vector<std::string> short_names(std::span<const std::string> folders) {
    std::vector<std::string> names, whole;
    for (const std::string& folder : folders) {
        std::error_code error;
        names.push_back(fs::weakly_canonical(folder, error).filename().string());
        const std::string normal = fs::path(folder).lexically_normal().string();
        whole.push_back(normal.size() > 1 && normal.back() == '/' ? normal.substr(0, normal.size() - 1) : normal);
    }
    return std::set(names.begin(), names.end()).size() == names.size() ? names : whole;
}

}  // namespace

GroupedRuns group_runs(std::span<const std::string> folders) {
    GroupedRuns grouped;
    std::map<fs::path, std::string> seen;
    const std::vector<std::string> names = short_names(folders);
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const std::vector<fs::path> run_folders = run_folders_in(folders[i]);
        check_once(run_folders, folders[i], seen);
        const std::size_t left_out_before = grouped.left_out.size();
        std::vector<RunRecord> runs = read_runs(run_folders, grouped.left_out);
        if (runs.empty()) {
            const LeftOut& first = grouped.left_out[left_out_before];
            throw DataError(folders[i], "a run that has ended",
                            fmt::format("{} without; {}: {}", run_folders.size(), first.folder.string(), first.reason),
                            fmt::format("Go on with {} --resume, or train anew", tool_command("train")));
        }
        for (RunGroup& group : split_by_config(std::move(runs), folders.size() > 1 ? names[i] : "")) {
            keep_each_seed_once(group, grouped.left_out);
            grouped.groups.push_back(std::move(group));
        }
    }
    return grouped;
}

}  // namespace tapegrad
