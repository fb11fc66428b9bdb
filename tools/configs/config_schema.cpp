#include "tools/configs/config_schema.hpp"

#include "nn/layer_registry.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr const char* schema_text = R"json({
  "type": "object",
  "properties": {
    "dataset": {
      "description": "what to train on",
      "type": "object",
      "properties": {
        "name": {
          "description": "a known data set, or the path (with a '/') of one, seen from the config's folder",
          "type": "string", "minLength": 1
        },
        "split": {"description": "which nodes train, validate and test", "enum": ["public"], "default": "public"},
        "features": {"description": "how features are stored", "enum": ["sparse", "dense"], "default": "sparse"},
        "feature_normalisation": {
          "description": "rows: the features of a node are divided by their sum",
          "enum": ["rows", "none"], "default": "rows"
        },
        "symmetrise": {"description": "add the reverse of every edge", "type": "boolean", "default": true},
        "merge_duplicates": {"description": "keep one of equal edges", "type": "boolean", "default": true},
        "self_loops": {"description": "add a self loop to every node without one", "type": "boolean", "default": true}
      }
    },
    "model": {
      "description": "the layers, from input to output",
      "type": "array", "minItems": 1,
      "items": {
        "type": "object",
        "properties": {"type": {"description": "which layer"}},
        "by_type": {}
      }
    },
    "optimizer": {
      "description": "how the weights follow the gradient",
      "type": "object", "default": {},
      "properties": {
        "type": {"description": "which algorithm", "enum": ["sgd", "adam", "adamw"], "default": "adam"},
        "learning_rate": {"description": "the step size", "type": "number", "exclusiveMinimum": 0, "default": 0.005},
        "weight_decay": {
          "description": "the factor of the weights in the gradient (sgd, adam) or the step (adamw)",
          "type": "number", "minimum": 0, "default": 0
        },
        "weight_decay_layers": {
          "description": "the layers whose weights decay, counted from 0 in model",
          "anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "integer", "minimum": 0}}], "default": "all"
        }
      },
      "by_type": {
        "sgd": {
          "momentum": {
            "description": "how much of the last step is kept",
            "type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0
          }
        },
        "adam": {
          "betas": {
            "description": "how much of the running means of gradient and squared gradient is kept",
            "type": "array", "minItems": 2, "maxItems": 2, "default": [0.9, 0.999],
            "items": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
          },
          "epsilon": {
            "description": "what keeps the division finite", "type": "number", "exclusiveMinimum": 0, "default": 1e-8
          }
        }
      }
    },
    "training": {
      "description": "how long to train, and what to watch",
      "type": "object", "default": {},
      "properties": {
        "epochs": {
          "description": "the number of passes at most",
          "type": "integer", "minimum": 1, "maximum": 1000000000, "default": 200
        },
        "evaluate": {
          "description": "whether every epoch ends with a look at the validation nodes",
          "type": "boolean", "default": true
        },
        "early_stopping": {
          "description": "when to stop before the last epoch; null: never",
          "type": ["object", "null"], "default": null,
          "properties": {
            "rule": {
              "description": "what counts as getting better", "enum": ["accuracy_or_loss", "loss_above_mean", "lowest_loss"],
              "default": "accuracy_or_loss"
            },
            "patience": {
              "description": "how many epochs may pass without it", "type": "integer", "minimum": 1,
              "maximum": 1000000000, "default": 100
            }
          }
        },
        "check_finite": {
          "description": "whether to stop at the first op that makes a NaN or an infinity",
          "type": "boolean", "default": false
        }
      }
    },
    "backend": {
      "description": "what computes: auto takes the best; otherwise a name, or the path of a plugin",
      "type": "string", "minLength": 1, "default": "auto"
    },
    "threads": {
      "description": "how many threads compute; 0: what OMP_NUM_THREADS says, or else one a core",
      "type": "integer", "minimum": 0, "maximum": 4096, "default": 0
    },
    "seed": {
      "description": "where random numbers start",
      "type": "integer", "minimum": 0, "maximum": 9007199254740991, "default": 0
    },
    "extensions": {
      "description": "libraries with further ops, layers or kernels, seen from the config's folder",
      "type": "array", "items": {"type": "string", "minLength": 1}, "default": []
    }
  }
})json";

// The keys that only an object of this type has.
const json* settings_of_type(const json& schema, const json& value) {
    const auto by_type = schema.find("by_type");
    const auto type = value.find("type");
    if (by_type == schema.end() || type == value.end() || !type->is_string()) return nullptr;
    const auto settings = by_type->find(type->get_ref<const std::string&>());
    return settings == by_type->end() ? nullptr : &*settings;
}

}  // namespace

json config_schema() {
    json schema = json::parse(schema_text);
    json& optimizers = schema["properties"]["optimizer"]["by_type"];
    optimizers["adamw"] = optimizers["adam"];

    json& layer = schema["properties"]["model"]["items"];
    for (const LayerType& type : layer_types()) {
        layer["properties"]["type"]["enum"].push_back(type.name);
        layer["by_type"][type.name] = json::parse(type.properties);
    }
    return schema;
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

json plain_schema(const json& schema, const json& value) {
    json plain = schema;
    plain.erase("by_type");
    if (value.is_array() && schema.contains("items")) {
        plain.erase("items");
        for (const json& item : value) plain["items"].push_back(plain_schema(schema["items"], item));
    }
    if (value.is_object() && schema.contains("properties")) {
        const json* settings = settings_of_type(schema, value);
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
