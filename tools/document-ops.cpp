// Writes docs/operators.md, the list of ops, from their definitions; or tells whether it is stale.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "datasets/files.hpp"
#include "nn/extension.hpp"
#include "tools/common/log.hpp"
#include "tools/common/tool.hpp"
#include "tools/documents/operators.hpp"
#include "tools/documents/staleness.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::vector<std::string> libraries;
    std::string out;
    std::string checked;
};

/// The same columns on every machine.
std::vector<BackendColumn> backends_of_the_tree() {
    std::vector<BackendColumn> columns;
    for (const char* name : {"reference", "simd"}) {
        columns.push_back({name, nullptr});
        try {
            columns.back().backend = open_backend(name);
        } catch (const BackendError& error) {
            log(LogLevel::warning, fmt::format("what {} runs stays as it was written: {}", name, error.what()));
        }
    }
    return columns;
}

void run(const Arguments& arguments) {
    for (const std::string& library : arguments.libraries) load_extension(library);
    const std::string& file = arguments.checked.empty() ? arguments.out : arguments.checked;
    const bool exists = !file.empty() && std::filesystem::exists(file);
    const std::string earlier = exists || !arguments.checked.empty() ? read_file(file) : "";
    const std::string document = document_ops(all_ops(), backends_of_the_tree(), earlier);
    if (!arguments.checked.empty())
        check_up_to_date(file, earlier, document, "tools/document-ops --out " + file);
    else if (!arguments.out.empty())
        write_file(arguments.out, document);
    else
        fmt::print("{}", document);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Writes the list of ops, docs/operators.md, from their definitions.", "document-ops");
    Arguments arguments;
    add_load_option(app, arguments.libraries);
    CLI::Option* const out =
        app.add_option("--out", arguments.out, "Where to write; default: stdout")->type_name("FILE");
    app.add_option("--check", arguments.checked, "Write nothing; fail unless FILE is what would be written")
        ->type_name("FILE")
        ->excludes(out);
    add_example(app, "--out docs/operators.md");
    return run_tool(app, argc, argv, [&] { run(arguments); }, {.failed = "the file is stale or something failed"});
}
