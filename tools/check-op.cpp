// Judges ops, in the tree or of an extension: are the gradients right, and does `infer` refuse what the op cannot do?
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "nn/extension.hpp"
#include "tools/checks/op_check.hpp"
#include "tools/common/output.hpp"
#include "tools/common/standard_output.hpp"
#include "tools/common/tool.hpp"
#include "tools/conformance/child_processes.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::string pattern;
    std::vector<std::string> libraries;
    std::uint64_t seed = 1;
    std::string json;
};

std::vector<std::reference_wrapper<const OpDef>> matching_ops(const std::string& pattern) {
    std::vector<std::reference_wrapper<const OpDef>> matching;
    std::vector<std::string> names;
    for (const OpDef& op : all_ops()) {
        names.push_back(op.name);
        if (fnmatch(pattern.c_str(), op.name.c_str(), 0) == 0) matching.emplace_back(op);
    }
    if (!matching.empty()) return matching;
    std::ranges::stable_sort(names, {}, [&](const std::string& name) { return edit_distance(pattern, name); });
    throw ConfigError("OP", "the name of an op, or a pattern that one matches", "'" + pattern + "'",
                      fmt::format("The nearest are '{}', '{}' and '{}'; --load adds the ops of an extension", names[0],
                                  names[1], names[2]));
}

/// What came back from the process in which an op was judged.
struct Verdict {
    bool passes;
    std::string table, summary;
    nlohmann::json report;
};

/// In a process of its own, because somebody's op may crash.
Verdict judge_apart(const OpDef& op, std::uint64_t seed) {
    constexpr unsigned seconds = 600;
    const ChildResult result = run_in_child(
        [&](const Progress& progress) -> nlohmann::json {
            const BackendPtr backend = open_backend("reference");
            const OpJudgement judgement = judge_op(op, backend, seed, progress);
            return {{"passes", judgement.passes()},
                    {"table", gradient_table(judgement)},
                    {"summary", summary(judgement)},
                    {"report", to_json(judgement)}};
        },
        seconds);
    if (result.failure.empty())
        return {result.value.at("passes"), result.value.at("table"), result.value.at("summary"),
                result.value.at("report")};
    const OpJudgement crashed{.op = op.name, .formula = op.formula, .faults = {result.failure}};
    return {false, "", summary(crashed), to_json(crashed)};
}

/// Is every op all right?
bool check(const Arguments& arguments) {
    check_json_file(arguments.json);
    for (const std::string& library : arguments.libraries) load_extension(library);
    const auto ops = matching_ops(arguments.pattern);
    nlohmann::json report = nlohmann::json::array();
    std::vector<std::string> wrong;
    for (const OpDef& op : ops) {
        const Verdict verdict = judge_apart(op, arguments.seed);
        if (ops.size() == 1) fmt::print("{}: {}\n{}", op.name, op.formula, verdict.table);
        fmt::print("{}", verdict.summary);
        flush_standard_output();
        report.push_back(verdict.report);
        if (!verdict.passes) wrong.push_back(op.name);
    }
    if (ops.size() > 1)
        fmt::print("{} ops, {}\n", ops.size(),
                   wrong.empty() ? "all right" : fmt::format("{} not right: {}", wrong.size(), fmt::join(wrong, ", ")));
    write_json(arguments.json, {{"ops", report}, {"seed", arguments.seed}, {"passes", wrong.empty()}});
    return wrong.empty();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Judges ops by their own samples: gradients beside central differences, and calls that must be refused.",
        "check-op");
    Arguments arguments;
    app.add_option("OP", arguments.pattern, "An op, or a pattern such as 'scatter_*', as the shell matches files")
        ->required();
    add_load_option(app, arguments.libraries);
    app.add_option("--seed", arguments.seed, "Of the samples and of the directions of differentiation")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--json", arguments.json, "Also write everything as JSON")->type_name("FILE");
    add_example(app, "'scatter_*'");
    add_example(app, "swish --load ./libswish.so");
    bool right = true;
    const int failure = run_tool(app, argc, argv, [&] { right = check(arguments); },
                                 {.done = "all right", .failed = "a defect was found"});
    return failure != 0 ? failure : right ? 0 : 1;
}
