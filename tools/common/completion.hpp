// What may come next on a command line, for the completion of a shell.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

namespace tapegrad {

/// Candidates for the word behind `words`, the words behind the name of the tool: subcommands, options, the values of
/// an option or argument. All of them, whatever was begun to type; empty when only a person knows what comes.
/// ":files PATTERN" and ":folders" stand for names that the shell has to look up, "KEY=" for a word that goes on.
///
/// What the values are is told by what --help shows, so that a tool has nothing to add: a set of values that is checked
/// ("{sgd,adam}"), the name of the option (--backend, --data, --ops, --set, --grid), or its placeholder. In a
/// placeholder, "|" stands between alternatives, of which those in small letters are values themselves: "RUN|CONFIG",
/// "tsv|jsonl".
std::vector<std::string> completions(const CLI::App& app, std::span<const std::string> words);

}  // namespace tapegrad
