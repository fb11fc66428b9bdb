// The only file that includes valijson, which takes long to compile. valijson finds the faults; what a message says is
// read from the schema.
#include "tools/configs/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

// The way from the root of a JSON value to one of its parts: keys and indices.
using JsonPath = std::vector<std::string>;

// The places that break the schema, and those around them; a place comes right before the places inside it.
std::set<JsonPath> faulty_places(const json& schema, const json& value) {
    using Adapter = valijson::adapters::NlohmannJsonAdapter;
    valijson::Schema parsed;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema), parsed);
    valijson::ValidationResults results;
    valijson::Validator().validate(parsed, Adapter(value), &results);

    std::set<JsonPath> places;
    for (const auto& error : results) {
        JsonPath path;  // valijson writes {"<root>", "[key]", "[0]"}
        for (auto part = error.context.begin() + 1; part < error.context.end(); ++part)
            path.push_back(part->substr(1, part->size() - 2));
        places.insert(path);
    }
    return places;
}

bool is_inside(const JsonPath& inner, const JsonPath& outer) {
    return inner.size() > outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

struct Fault {
    std::string where, expected, got, advice;
};

std::string nearest_advice(const std::string& name, const std::vector<std::string>& names) {
    return fmt::format("The nearest is \"{}\"", nearest(name, names));
}

// What was meant by an unknown key: one with that alias, one of another type, or the nearest.
std::string advice_for(const std::string& key, const std::vector<std::string>& names, const json& schema) {
    for (const auto& [name, property] : schema["properties"].items())
        if (property.value("alias", "") == key) return fmt::format("Write \"{}\"", name);
    if (const auto types = schema.find("by_type"); types != schema.end())
        for (const auto& [type, settings] : types->items())
            if (settings.contains(key)) return fmt::format("It is a key of type \"{}\"", type);
    return nearest_advice(key, names);
}

Fault unknown_key(const std::string& where, const std::string& key, const json& schema) {
    std::vector<std::string> names;
    for (const auto& property : schema["properties"].items()) names.push_back(property.key());
    return {where, fmt::format("one of {}", fmt::join(names, ", ")), "an unknown key", advice_for(key, names, schema)};
}

Fault missing_key(const std::string& where, const json& schema) {
    return {where, allowed(schema), "nothing",
            "Add it; its meaning: " + schema.value("description", "a value without default")};
}

Fault wrong_value(const std::string& where, const json& schema, const json& value) {
    const std::string advice = schema.contains("enum") && value.is_string()
                                   ? nearest_advice(value, schema["enum"].get<std::vector<std::string>>())
                                   : "Its meaning: " + schema.value("description", "a part of the value around it");
    return {where, allowed(schema), in_words(value), advice};
}

// Walks along `path` and adds what is wrong at its end.
void explain(const JsonPath& path, bool faults_inside, const json& schema, const json& root,
             const ConfigSources& sources, std::vector<Fault>& faults) {
    const json* rules = &schema;
    const json* value = &root;
    std::string place;
    const auto inside = [&](const std::string& part) { return place.empty() ? part : place + "." + part; };
    const auto where = [&](const std::string& of) { return of.empty() ? sources.of(of) : sources.of(of) + ": " + of; };
    for (const std::string& part : path) {
        if (!rules->contains(value->is_object() ? "properties" : "items")) break;  // alternatives are judged as a whole
        place = inside(part);
        if (value->is_object() && !(*rules)["properties"].contains(part)) {
            faults.push_back(unknown_key(where(place), part, *rules));
            return;
        }
        rules = value->is_object() ? &(*rules)["properties"][part] : &(*rules)["items"][std::stoul(part)];
        value = value->is_object() ? &(*value)[part] : &(*value)[std::stoul(part)];
    }
    const std::size_t before = faults.size();
    for (const json& key : value->is_object() ? rules->value("required", json::array()) : json::array())
        if (!value->contains(key))
            faults.push_back(missing_key(where(inside(key.get<std::string>())), (*rules)["properties"][key]));
    if (faults.size() == before && !faults_inside) faults.push_back(wrong_value(where(place), *rules, *value));
}

}  // namespace

void validate(const json& schema, const json& value, const ConfigSources& sources) {
    const std::set<JsonPath> places = faulty_places(schema, value);
    std::vector<Fault> faults;
    for (auto place = places.begin(); place != places.end(); ++place) {
        const auto next = std::next(place);
        explain(*place, next != places.end() && is_inside(*next, *place), schema, value, sources, faults);
    }
    if (faults.empty()) return;

    std::string lines_before;
    const Fault last = faults.back();
    faults.pop_back();
    for (const Fault& fault : faults)
        lines_before += std::string(ConfigError(fault.where, fault.expected, fault.got, fault.advice).what()) + "\n";
    throw ConfigError(lines_before + last.where, last.expected, last.got, last.advice);
}

}  // namespace tapegrad
