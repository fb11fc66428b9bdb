// result.json of a run folder: what came out of a run that has ended.
#pragma once

#include <filesystem>
#include <initializer_list>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Whether the run in this folder has ended.
bool has_ended(const std::filesystem::path& folder);

/// Reads FOLDER/result.json. Throws DataError unless it is an object in which each of `numbers` is a number.
nlohmann::json read_result(const std::filesystem::path& folder, std::initializer_list<const char*> numbers);

/// The numbers by which the last line of a run and the table of a sweep tell what came out.
inline constexpr std::initializer_list<const char*> summary_numbers{"test_accuracy", "val_accuracy", "best_epoch",
                                                                    "epochs", "train_seconds"};

}  // namespace tapegrad
