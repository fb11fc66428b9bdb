// Judges a backend plugin, in the tree or not; docs/extending.md shows how to write one by what it says.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>
#include <thread>
#include <vector>

#include "nn/extension.hpp"
#include "tools/common/log.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/conformance/check_plugin.hpp"

int main(int argc, char** argv) {
    using namespace tapegrad;
    CLI::App app("Judges a backend plugin: every kernel it has, beside the reference in f64.", "check-backend");
    std::string plugin, json_file;
    std::vector<std::string> libraries;
    CheckOptions options{.at_once = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
    app.add_option("BACKEND|PATH", plugin, "A plugin that the loader finds, or a file: a path with a '/'")->required();
    app.add_option("--ops", options.ops, "Only kernels and ops whose name matches, as the shell matches files")
        ->type_name("PATTERN")
        ->capture_default_str();
    app.add_option("--json", json_file, "Also write everything as JSON")->type_name("FILE");
    add_load_option(app, libraries);
    app.add_option("--seconds", options.seconds, "After which a part counts as one that never ends")
        ->type_name("S")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    add_example(app, "simd --ops 'scatter_*'");
    int exit_code = 0;
    const auto check = [&] {
        check_json_file(json_file);
        for (const std::string& library : libraries) load_extension(library);
        if (isatty(STDERR_FILENO) != 0)
            options.progress = [](const std::string& what) { log(LogLevel::info, "checking " + what); };
        const Judgement judgement = check_plugin(plugin_file(plugin), options);
        fmt::print("{}", to_text(judgement));
        write_json(json_file, to_json(judgement));
        exit_code = judgement.passes() ? 0 : 1;
    };
    const int failure = run_tool(app, argc, argv, check, {.done = "it conforms", .failed = "it does not"});
    return failure != 0 ? failure : exit_code;
}
