// Writes the tables of docs/config.md, or docs/config.schema.json, from the schema of configs; or tells whether they
// are stale.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "datasets/files.hpp"
#include "nn/extension.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/published_schema.hpp"
#include "tools/documents/config_keys.hpp"
#include "tools/documents/staleness.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::vector<std::string> libraries;
    std::string out;
    std::string checked;
    bool schema = false;
};

void run(const Arguments& arguments) {
    for (const std::string& library : arguments.libraries) load_extension(library);
    const std::string& file = arguments.checked.empty() ? arguments.out : arguments.checked;
    if (file.empty() && !arguments.schema) return fmt::print("{}\n{}", config_keys_table(), layers_table());
    // The tables stand in a document that has more than them; the schema is a file of its own.
    const std::string earlier = arguments.schema && arguments.checked.empty() ? "" : read_file(file);
    const std::string document = arguments.schema ? published_schema().dump(2) + "\n" : document_config(earlier, file);
    if (!arguments.checked.empty())
        check_up_to_date(file, earlier, document,
                         fmt::format("tools/document-config {}--out {}", arguments.schema ? "--schema " : "", file));
    else if (!arguments.out.empty())
        write_file(arguments.out, document);
    else
        fmt::print("{}", document);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Writes the tables of all keys in docs/config.md from the schema of configs, or that schema itself.",
                 "document-config");
    Arguments arguments;
    add_load_option(app, arguments.libraries);
    app.add_flag("--schema", arguments.schema, "The JSON Schema (draft 7) in place of the tables");
    CLI::Option* const out = app.add_option("--out", arguments.out,
                                            "Where to write; for the tables a document with the places for them. "
                                            "Default: stdout")
                                 ->type_name("FILE");
    app.add_option("--check", arguments.checked, "Write nothing; fail unless FILE is what would be written")
        ->type_name("FILE")
        ->excludes(out);
    app.footer("A schema for editors with the layers of an extension: --schema --load LIB.");
    add_example(app, "--schema --load ./libcosine_gat.so --out config.schema.json");
    return run_tool(app, argc, argv, [&] { run(arguments); }, {.failed = "failed, or the file is stale"});
}
