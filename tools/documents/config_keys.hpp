// The keys of configs for a reader: the tables in docs/config.md, written from the schema.
#pragma once

#include <string>

namespace tapegrad {

/// Markdown: a table of the keys with default, what is allowed and meaning, without those of layers.
std::string config_keys_table();

/// Markdown: a table of the layer types and their keys.
std::string layers_table();

/// `document` with what stands between "<!-- NAME: ... -->" and "<!-- end of NAME -->" written anew, for the names
/// `keys` and `layers`. Throws DataError, naming `file`, when one of these lines is missing.
std::string document_config(const std::string& document, const std::string& file);

}  // namespace tapegrad
