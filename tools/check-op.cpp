// Judges ops, in the tree or of an extension: are the gradients right, and does `infer` refuse what the op cannot do?
#include <fmt/format.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "nn/extension.hpp"
#include "tools/checks/op_check.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"

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
    throw ConfigError("NAME", "the name of an op, or a pattern that one matches", "'" + pattern + "'",
                      fmt::format("The nearest are '{}', '{}' and '{}'; --load adds the ops of an extension", names[0],
                                  names[1], names[2]));
}

/// Is every op all right?
bool check(const Arguments& arguments) {
    check_json_file(arguments.json);
    for (const std::string& library : arguments.libraries) load_extension(library);
    const auto ops = matching_ops(arguments.pattern);
    const BackendPtr backend = open_backend("reference");
    nlohmann::json report = nlohmann::json::array();
    std::vector<std::string> wrong;
    for (const OpDef& op : ops) {
        const OpJudgement judgement = judge_op(op, backend, arguments.seed);
        if (ops.size() == 1) {
            fmt::print("{}: {}\n", op.name, op.formula);
            if (!judgement.gradients.empty()) fmt::print("{}", gradient_table(judgement));
        }
        fmt::print("{}", summary(judgement));
        std::fflush(stdout);
        report.push_back(to_json(judgement));
        if (!judgement.passes()) wrong.push_back(op.name);
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
    app.add_option("NAME", arguments.pattern, "An op, or a pattern such as 'scatter_*', as the shell matches files")
        ->required();
    add_load_option(app, arguments.libraries);
    app.add_option("--seed", arguments.seed, "Of the samples and of the directions of differentiation")
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--json", arguments.json, "Also write everything as JSON")->type_name("FILE");
    app.footer(
        "Example: check-op swish --load ./libswish.so\n"
        "Exit code: 0 all right, 1 a defect was found, 2 wrong usage.");
    bool right = true;
    const int failure = run_tool(app, argc, argv, [&] { right = check(arguments); });
    return failure != 0 ? failure : right ? 0 : 1;
}
