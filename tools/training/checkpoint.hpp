// A training's state in a file: safetensors, with a checksum of the whole file among its metadata.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/training/trainer.hpp"

namespace tapegrad {

/// Writes a state to a file, which holds the old content or the new and is on the disk when this returns. `config` is
/// that of the run. Throws DataError when it cannot be written.
void save_checkpoint(const std::filesystem::path& file, const TrainerState& state, const nlohmann::json& config = {});

/// Reads a state. Throws DataError for a file that is missing, or in which any byte is not as it was written, and
/// ConfigError, with the differences, for one of a run with another config; `threads` may differ, it changes no bit.
TrainerState load_checkpoint(const BackendPtr& backend, const std::filesystem::path& file,
                             const nlohmann::json& config = {});

/// The checkpoints of a run folder: the last one, the one before it, and the best weights so far.
class CheckpointFolder {
public:
    /// `config` is that of the run.
    explicit CheckpointFolder(const std::filesystem::path& run_folder, nlohmann::json config = {})
        : folder_(run_folder / "checkpoints"), config_(std::move(config)) {}

    std::filesystem::path last() const { return folder_ / "last.safetensors"; }
    std::filesystem::path previous() const { return folder_ / "previous.safetensors"; }
    /// Weights alone, written when a loss is not finite.
    std::filesystem::path last_good() const { return folder_ / "last_good.safetensors"; }
    std::filesystem::path best() const { return folder_ / "best.safetensors"; }

    /// Makes `state` the last one and the last one the previous one. At every moment there is a whole one. Throws
    /// DataError when it cannot be written, as when the run folder is gone; the others then stay.
    void save(const TrainerState& state) const;

    /// The last one or, with `from_previous`, the one before it; none if there is none yet. Throws as `load_checkpoint`
    /// does; for one that is damaged, or lost while there is another, DataError offers the other one where it is whole.
    std::optional<TrainerState> load(const BackendPtr& backend, bool from_previous) const;
    /// Makes the previous one the last one too.
    void go_back_to_previous() const;

private:
    [[noreturn]] void offer_other(const BackendPtr& backend, bool from_previous, const std::string& got) const;

    std::filesystem::path folder_;
    nlohmann::json config_;
};

}  // namespace tapegrad
