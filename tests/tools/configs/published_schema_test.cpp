#include "tools/configs/published_schema.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/configs/config.hpp"

using namespace tapegrad;
using nlohmann::json;

namespace {

const std::filesystem::path root = TAPEGRAD_SOURCE_DIR;

// A schema for the program that is there, not for what a test registered.
const json schema = json::parse(read_file(root / "docs/config.schema.json"));

// What an editor says.
bool passes(const json& value) {
    using Adapter = valijson::adapters::NlohmannJsonAdapter;
    valijson::Schema parsed;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema), parsed);
    return valijson::Validator().validate(parsed, Adapter(value), nullptr);
}

// What a run says, given a file of that content.
bool is_taken(const json& value) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "config.json", value.dump());
    try {
        json config = read_config(folder.path() / "config.json");
        complete_config(config, "config.json");
        return true;
    } catch (const ConfigError&) {
        return false;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_configs_published_schema)

BOOST_AUTO_TEST_CASE(every_example_passes) {
    int examples = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root / "examples")) {
        if (entry.path().extension() != ".json") continue;
        ++examples;
        const json config = json::parse(read_file(entry.path()), nullptr, true, true);
        BOOST_CHECK_MESSAGE(passes(config) && is_taken(config), entry.path());
    }
    BOOST_CHECK_GE(examples, 3);
}

BOOST_AUTO_TEST_CASE(says_the_same_as_a_run_about_good_and_bad_configs) {
    const json cases = json::parse(read_file(root / "tests/tools/configs/verdicts.json"));
    for (const char* verdict : {"good", "bad"})
        for (const json& change : cases[verdict]) {
            json config = cases["base"];
            config.update(change);
            const bool good = std::string(verdict) == "good";
            BOOST_CHECK_MESSAGE(passes(config) == good, "the schema on " << config);
            BOOST_CHECK_MESSAGE(is_taken(config) == good, "a run on " << config);
        }
}

BOOST_AUTO_TEST_CASE(has_keywords_of_draft_7_alone) {
    const std::set<std::string> known{"$schema",
                                      "title",
                                      "description",
                                      "type",
                                      "properties",
                                      "required",
                                      "items",
                                      "additionalProperties",
                                      "allOf",
                                      "anyOf",
                                      "if",
                                      "then",
                                      "enum",
                                      "const",
                                      "default",
                                      "minimum",
                                      "maximum",
                                      "minItems",
                                      "maxItems",
                                      "minLength",
                                      "pattern",
                                      "exclusiveMinimum",
                                      "exclusiveMaximum",
                                      "enumDescriptions"};
    const std::function<void(const json&)> check = [&](const json& part) {
        for (const auto& [keyword, value] : part.items()) {
            BOOST_CHECK_MESSAGE(known.contains(keyword), keyword << " in " << part);
            if (keyword == "properties")
                for (const json& property : value) check(property);
            else if (keyword == "allOf" || keyword == "anyOf")
                for (const json& alternative : value) check(alternative);
            else if (keyword == "items" || keyword == "if" || keyword == "then")
                check(value);
        }
    };
    check(schema);
}

BOOST_AUTO_TEST_SUITE_END()
