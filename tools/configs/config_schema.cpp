#include "tools/configs/config_schema.hpp"

#include <string>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "nn/layer_registry.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* schema_text = R"json({
  "description": "what a run of tools/train does",
  "type": "object",
  "properties": {
    "dataset": {
      "description": "the graph to train on, and how it is prepared",
      "type": "object",
      "properties": {
        "name": {
          "description": "a known data set (`tools/datasets list` names them), or the path of one, which contains a / and is seen from the folder of the config",
          "type": "string", "minLength": 1
        },
        "split": {
          "description": "which nodes train, validate and test; public: the split that comes with the data", "enum": ["public"], "default": "public"
        },
        "features": {
          "description": "how features are stored; the numbers are the same",
          "enum": ["sparse", "dense"], "default": "sparse"
        },
        "feature_normalisation": {
          "description": "rows: the features of a node are divided by their sum; none: they are taken as they are",
          "enum": ["rows", "none"], "default": "rows"
        },
        "symmetrise": {"description": "add the reverse of every edge", "type": "boolean", "default": true},
        "merge_duplicates": {"description": "keep one of several equal edges", "type": "boolean", "default": true},
        "self_loops": {"description": "add a self loop to every node without one", "type": "boolean", "default": true}
      }
    },
    "model": {
      "description": "the layers, from input to output; the last one gives out a number for each class",
      "type": "array", "minItems": 1,
      "items": {
        "description": "a layer: its type and the keys of that type", "type": "object",
        "properties": {"type": {"description": "which layer; its other keys depend on it"}},
        "by_type": {}
      }
    },
    "optimizer": {
      "description": "how the weights follow the gradient",
      "type": "object", "default": {},
      "properties": {
        "type": {
          "description": "the algorithm; some of the other keys depend on it",
          "enum": ["sgd", "adam", "adamw"], "default": "adam"
        },
        "learning_rate": {
          "description": "the step size", "alias": "lr", "type": "number", "exclusiveMinimum": 0, "default": 0.005
        },
        "weight_decay": {
          "description": "this many times the weights is added to the gradient, L2 (sgd, adam), or, times the learning rate, taken off the weights (adamw)",
          "type": "number", "minimum": 0, "default": 0
        },
        "weight_decay_layers": {
          "description": "the layers whose weights decay: a list of their numbers, counted from 0 in model, or all",
          "anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "integer", "minimum": 0}}], "default": "all"
        }
      },
      "by_type": {
        "sgd": {
          "momentum": {
            "description": "how much of the last step is kept in the next",
            "type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0
          }
        },
        "adam": {
          "betas": {
            "description": "how much of the running means of the gradient and of its square each step keeps",
            "type": "array", "minItems": 2, "maxItems": 2, "default": [0.9, 0.999],
            "items": {
              "description": "of the gradient the first, of its square the second",
              "type": "number", "minimum": 0, "exclusiveMaximum": 1
            }
          },
          "epsilon": {
            "description": "added to the divisor, to keep the quotient finite", "type": "number", "exclusiveMinimum": 0, "default": 1e-8
          }
        }
      }
    },
    "training": {
      "description": "how long to train, and what to watch",
      "type": "object", "default": {},
      "properties": {
        "epochs": {
          "description": "the number of passes over the data at most",
          "type": "integer", "minimum": 1, "maximum": 1000000000, "default": 200
        },
        "evaluate": {
          "description": "whether every epoch ends with a look at the validation nodes",
          "type": "boolean", "default": true
        },
        "early_stopping": {
          "description": "when to stop before the last epoch; null: never. It needs evaluate",
          "type": ["object", "null"], "default": null,
          "properties": {
            "rule": {
              "description": "accuracy_or_loss: stop after patience epochs in a row of which neither validation accuracy nor loss was as good as its best; loss_above_mean: stop when the validation loss is above the mean of the patience losses before it; lowest_loss: stop after patience epochs in a row whose validation loss was not below its lowest",
              "enum": ["accuracy_or_loss", "loss_above_mean", "lowest_loss"],
              "default": "accuracy_or_loss"
            },
            "patience": {
              "description": "how many epochs the rule looks at", "type": "integer", "minimum": 1,
              "maximum": 1000000000, "default": 100
            }
          }
        },
        "check_finite": {
          "description": "stop at the first op that makes a NaN or an infinity, and name it; costs time",
          "type": "boolean", "default": false
        }
      }
    },
    "backend": {
      "description": "what computes: auto takes the best there is; otherwise the name of a backend, or the path of a plugin",
      "type": "string", "minLength": 1, "default": "auto"
    },
    "threads": {
      "description": "how many threads a backend may use; 0: what the environment variable OMP_NUM_THREADS says if that is a number of at least 1, or else one a core; at most four a core are made (reference always computes with one)",
      "type": "integer", "minimum": 0, "maximum": 4096, "default": 0
    },
    "seed": {
      "description": "where the random numbers of initial weights and dropout start",
      "type": "integer", "minimum": 0, "maximum": 9007199254740991, "default": 0
    },
    "extensions": {
      "description": "libraries that add ops, layers or kernels, seen from the folder of the config",
      "type": "array", "default": [],
      "items": {"description": "the path of a library", "type": "string", "minLength": 1}
    }
  }
})json";

}  // namespace

ordered_json ordered_config_schema() {
    ordered_json schema = ordered_json::parse(schema_text);
    ordered_json& optimizers = schema["properties"]["optimizer"]["by_type"];
    const ordered_json adam = optimizers["adam"];
    optimizers["adamw"] = adam;

    ordered_json& layer = schema["properties"]["model"]["items"];
    for (const LayerType& type : layer_types()) {
        layer["properties"]["type"]["enum"].push_back(type.name);
        layer["by_type"][type.name] = ordered_json::parse(type.properties);
    }
    return schema;
}

json config_schema() { return ordered_config_schema(); }

const json* settings_of_type(const json& schema, const json& value) {
    const auto by_type = schema.find("by_type");
    const auto type = value.find("type");
    if (by_type == schema.end() || type == value.end() || !type->is_string()) return nullptr;
    const auto settings = by_type->find(type->get_ref<const std::string&>());
    return settings == by_type->end() ? nullptr : &*settings;
}

void fill_defaults(const json& schema, json& value) {
    if (value.is_array() && schema.contains("items"))
        for (json& item : value) fill_defaults(schema["items"], item);
    if (!value.is_object()) return;
    const auto fill = [&](const json& properties) {
        for (const auto& [key, property] : properties.items()) {
            if (!value.contains(key) && property.contains("default")) value[key] = property["default"];
            if (value.contains(key)) fill_defaults(property, value[key]);
        }
    };
    if (schema.contains("properties")) fill(schema["properties"]);
    if (const json* settings = settings_of_type(schema, value)) fill(*settings);
}

namespace {

// The keys of the type that a misspelt one was meant to be, so that what else is wrong can be told too.
const json* settings_of_nearest_type(const json& schema, const json& value) {
    const auto type = value.find("type");
    if (!schema.contains("by_type") || type == value.end() || !type->is_string()) return nullptr;
    std::vector<std::string> names;
    for (const auto& known : schema["by_type"].items()) names.push_back(known.key());
    const auto& name = type->get_ref<const std::string&>();
    const std::string meant = nearest(name, names);
    const std::size_t distance = edit_distance(name, meant);
    return distance <= 2 && distance < name.size() ? &schema["by_type"][meant] : nullptr;
}

}  // namespace

json plain_schema(const json& schema, const json& value) {
    json plain = schema;
    if (value.is_array() && schema.contains("items")) {
        plain.erase("items");
        for (const json& item : value) plain["items"].push_back(plain_schema(schema["items"], item));
    }
    if (value.is_object() && schema.contains("properties")) {
        const json* settings = settings_of_type(schema, value);
        if (settings == nullptr) settings = settings_of_nearest_type(schema, value);
        if (settings != nullptr) plain["properties"].update(*settings);
        // What keys there are is not known before the type is.
        if (settings != nullptr || !schema.contains("by_type"))
            plain["additionalProperties"] = {{"not", json::object()}};
        for (auto& [key, property] : plain["properties"].items()) {
            if (!property.contains("default")) plain["required"].push_back(key);
            property = plain_schema(property, value.value(key, json()));
        }
    }
    return plain;
}

}  // namespace tapegrad
