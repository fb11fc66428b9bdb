#include "tools/conformance/check_plugin.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "autograd/op.hpp"
#include "backends/loader.hpp"
#include "tools/conformance/child_processes.hpp"
#include "tools/conformance/gat_check.hpp"
#include "tools/conformance/kernel_cases.hpp"
#include "tools/conformance/memory_check.hpp"
#include "tools/conformance/op_cases.hpp"
#include "tools/conformance/thread_check.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// The reference that comes with the library, whatever stands before it in the search path.
fs::path reference_file() {
    const std::vector<fs::path> files = plugin_files();
    const auto found = std::find_if(files.rbegin(), files.rend(),
                                    [](const fs::path& file) { return plugin_name(file) == "reference"; });
    if (found == files.rend())
        throw BackendError("check-backend", "the plugin reference beside the library, to judge others by", "none",
                           "build or install it");
    return *found;
}

std::vector<DType> dtypes_of(const std::string& kernel) {
    return std::ranges::find(mandatory_kernels(), kernel, [](const MandatoryKernel& k) { return std::string(k.name); })
        ->dtypes;
}

const tg_backend& table_of(const fs::path& file) {
    const FoundPlugin found = read_plugin(file);
    if (found.plugin == nullptr)
        throw BackendError(file.string(), "a plugin that can be judged", found.refusal, "mend it");
    return *found.plugin;
}

/// "add f32" and so on.
std::vector<std::string> missing_kernels_of(const tg_backend& plugin) {
    std::vector<std::string> missing;
    for (const MandatoryKernel& kernel : lacking_kernels(plugin))
        for (const DType dtype : kernel.dtypes) missing.push_back(kernel.name + (" " + to_string(dtype)));
    return missing;
}

/// The plugin that is judged, and the reference beside it.
struct Files {
    fs::path judged, reference;
};

// A part of the judgement: its name, and what a child process does for it.
struct Part {
    std::string subject;
    std::function<void(Report& report, const Progress& progress)> check;
};

std::vector<Report> run_parts(const std::vector<Part>& parts, const CheckOptions& options) {
    std::vector<ChildJob> jobs;
    for (const Part& part : parts)
        jobs.emplace_back([&part](const Progress& progress) -> json {
            Report report{.subject = part.subject};
            part.check(report, progress);
            return report;
        });
    const std::vector<ChildResult> results = run_in_children(jobs, options.at_once, options.seconds);
    std::vector<Report> reports;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Report report{.subject = parts[i].subject};
        if (results[i].failure.empty())
            report = results[i].value;
        else
            report.faults.push_back(results[i].failure);
        reports.push_back(std::move(report));
    }
    return reports;
}

bool matches(const CheckOptions& options, const std::string& name) {
    return fnmatch(options.ops.c_str(), name.c_str(), 0) == 0;
}

/// A part that compares with the reference.
Part judged_part(const std::string& subject, const Files& files, std::function<void(Judge& judge)> check,
                 std::set<std::string> offered = {}) {
    return {subject,
            [=, check = std::move(check), offered = std::move(offered)](Report& report, const Progress& progress) {
                Judge judge(table_of(files.judged), table_of(files.reference), subject, progress, offered);
                check(judge);
                report = judge.report;
            }};
}

std::vector<Part> kernel_parts(const Files& files, const PluginFacts& facts, const CheckOptions& options) {
    std::vector<Part> parts;
    if (matches(options, "memory"))
        parts.push_back({"memory", [=](Report& report, const Progress& progress) {
                             check_memory(table_of(files.judged), report, progress);
                         }});
    for (const KernelTopic& topic : kernel_topics()) {
        if (!matches(options, topic.name)) continue;
        parts.push_back(judged_part("kernel " + topic.name, files, [&topic, facts](Judge& judge) {
            for (const DType dtype : dtypes_of(topic.name)) {
                const bool is_missing = std::ranges::count(facts.missing_kernels, topic.name + " " + to_string(dtype));
                judge.report.ran_by[to_string(dtype)] = is_missing ? "missing" : "native";
                if (is_missing)
                    judge.report.faults.push_back(to_string(dtype) + ": it is not there");
                else
                    check_mandatory_kernel(topic, dtype, judge);
            }
        }));
    }
    return parts;
}

std::vector<Part> op_parts(const Files& files, const PluginFacts& facts, const CheckOptions& options) {
    std::vector<Part> parts;
    for (const OpDef& op : all_ops()) {
        if (!matches(options, op.name)) continue;
        parts.push_back(judged_part("op " + op.name, files, [&op](Judge& judge) { check_op_kernels(op, judge); }));
        parts.push_back({"threads, op " + op.name, [&op, files](Report& report, const Progress& progress) {
                             check_threads(op, table_of(files.judged), table_of(files.reference), report, progress);
                         }});
    }
    if (facts.records && matches(options, "recorded"))
        parts.push_back({"graph attention, recorded", [=](Report& report, const Progress& progress) {
                             check_recorded_step(table_of(files.judged), report, progress);
                         }});
    if (options.ops != "*") return parts;
    std::set<std::string> mandatory;
    for (const MandatoryKernel& kernel : mandatory_kernels()) mandatory.insert(kernel.name);
    parts.push_back(judged_part("graph attention, all kernels", files, check_gat_step));
    parts.push_back(judged_part("graph attention, mandatory kernels", files, check_gat_step, mandatory));
    return parts;
}

std::string next_step(const Report& report) {
    if (report.subject == "memory") return "mend the plugin's table: " + report.faults.front();
    if (!report.subject.starts_with("kernel "))
        return fmt::format("mend {}: {}", report.subject, report.faults.front());
    const KernelTopic& topic = *std::ranges::find(kernel_topics(), report.subject.substr(7), &KernelTopic::name);
    std::vector<std::string> missing;
    for (const auto& [dtype, state] : report.ran_by)
        if (state == "missing") missing.push_back(dtype);
    const std::string spec = fmt::format("{}.\n      It takes {}.", topic.does, topic.takes);
    if (missing.empty())
        return fmt::format("mend the kernel `{}`: {}\n      {}", topic.name, spec, report.faults.front());
    return fmt::format("write the kernel `{}` for {}, and return it from kernel(): {}", topic.name,
                       fmt::join(missing, ", "), spec);
}

/// What to do about the first report that has a fault, in the order in which things are best written; "" without one.
std::string next_of(const std::vector<Report>& reports) {
    const auto failed = std::ranges::find_if(reports, [](const Report& report) { return !report.faults.empty(); });
    return failed == reports.end() ? "" : next_step(*failed);
}

}  // namespace

namespace {

/// What the child process does.
PluginFacts load_and_open(const fs::path& plugin, const Progress& progress) {
    progress("loading it");
    FoundPlugin found = read_plugin(plugin);
    PluginFacts facts{.name = found.name, .refusal = found.refusal};
    if (found.plugin == nullptr) return facts;
    const tg_backend& table = *found.plugin;
    facts.version = table.version;
    progress("its probe");
    probe_plugin(found);
    facts.refusal = found.refusal;
    if (found.plugin == nullptr) return facts;
    progress("kernel()");
    facts.missing_kernels = missing_kernels_of(table);
    facts.records = table.begin_capture != nullptr;
    progress("open(2 threads)");
    tg_context* context = nullptr;
    if (table.open(2, &context) != TG_OK || context == nullptr) {
        facts.refusal = fmt::format("open(2 threads) fails: {}", words_of(table.last_error(nullptr)));
        return facts;
    }
    facts.description = words_of(table.describe(context));
    progress("close");
    table.close(context);
    return facts;
}

}  // namespace

PluginFacts facts_of(const fs::path& plugin, unsigned seconds) {
    const ChildResult result =
        run_in_child([&](const Progress& progress) -> json { return load_and_open(plugin, progress); }, seconds);
    if (!result.failure.empty()) return {.name = plugin_name(plugin), .refusal = "it " + result.failure};
    return result.value;
}

Judgement check_plugin(const fs::path& plugin, const CheckOptions& options) {
    const Files files{plugin, reference_file()};
    Judgement judgement{.file = fs::weakly_canonical(plugin).string(), .plugin = facts_of(plugin, options.seconds)};
    if (!judgement.plugin.refusal.empty()) {
        judgement.next = "make it load: " + judgement.plugin.refusal;
        return judgement;
    }
    const auto say = [&](const std::string& what) {
        if (options.progress) options.progress(what);
    };
    const std::vector<Part> kernels = kernel_parts(files, judgement.plugin, options),
                            ops = op_parts(files, judgement.plugin, options);
    if (kernels.empty() && ops.empty()) {
        std::vector<std::string> names;
        for (const OpDef& op : all_ops()) names.push_back(op.name);
        for (const KernelTopic& topic : kernel_topics()) names.push_back(topic.name);
        throw ConfigError("--ops " + options.ops, "a pattern that the name of a kernel or an op matches",
                          "none that does", "The nearest is '" + nearest(options.ops, names) + "'");
    }
    say(fmt::format("{} mandatory kernels", kernels.size()));
    judgement.reports = run_parts(kernels, options);
    judgement.next = next_of(judgement.reports);
    const bool is_complete = judgement.plugin.missing_kernels.empty();
    if (!is_complete && judgement.next.empty())
        judgement.next =
            fmt::format("write the other mandatory kernels: {}", fmt::join(judgement.plugin.missing_kernels, ", "));
    if (!judgement.next.empty()) return judgement;
    say(fmt::format("{} ops", ops.size() / 2));
    std::vector<Report> reports = run_parts(ops, options);
    judgement.next = next_of(reports);
    std::ranges::move(reports, std::back_inserter(judgement.reports));
    return judgement;
}

fs::path plugin_file(const std::string& name_or_path) {
    if (name_or_path.find('/') != std::string::npos) return name_or_path;
    std::vector<FoundPlugin> plugins;
    std::vector<std::string> names;
    for (const fs::path& file : plugin_files()) {
        if (plugin_name(file) == name_or_path) return file;
        plugins.push_back({.name = plugin_name(file), .path = file});
    }
    for (FoundPlugin& plugin : plugins) {
        plugin.refusal = facts_of(plugin.path, 10).refusal;
        names.push_back(plugin.name);
    }
    throw ConfigError(
        "NAME", "the name of a plugin that is there, or a path with a '/'",
        "'" + name_or_path + "', and there are: " + describe(plugins),
        "The nearest is '" + nearest(name_or_path, names) + "'; TAPEGRAD_BACKEND_PATH names more folders");
}

}  // namespace tapegrad
