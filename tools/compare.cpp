// Compares training runs: configs, results, curves, and whether the difference is more than chance. docs/comparing.md
// explains what it prints.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "datasets/files.hpp"
#include "tools/common/log.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/comparisons/comparison.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::vector<std::string> folders;
    std::string metric = "test_accuracy";
    std::string html;
    std::string json;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("DIR", arguments.folders,
                   "A run, or a folder of runs that differ in their seeds; the others are compared with the first")
        ->required()
        ->type_name("RUN");
    app.add_option("--metric", arguments.metric, "The number of result.json to compare; default: test_accuracy")
        ->type_name("NAME");
    app.add_option("--html", arguments.html, "Write a page with the curves of all runs too")->type_name("FILE");
    app.add_option("--json", arguments.json, "Write the numbers too")->type_name("FILE");
    add_example(app, "runs/gat runs/gcn --html comparison.html");
}

void run(const Arguments& arguments) {
    check_output_file("--html", arguments.html);
    check_json_file(arguments.json);
    const RunComparison comparison = compare_runs(arguments.folders, arguments.metric);
    for (const std::string& note : notes(comparison)) log(LogLevel::warning, note);
    if (!arguments.html.empty()) write_file(arguments.html, to_page(comparison));
    write_json(arguments.json, to_json(comparison));
    write_output("", to_text(comparison));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Compares training runs: configs, results, curves, and whether the difference is more than chance.",
                 "compare");
    Arguments arguments;
    add_options(app, arguments);
    return run_tool(app, argc, argv, [&] { run(arguments); });
}
