#include "tools/training/checkpoint.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/foreign_json.hpp"
#include "tools/configs/differences.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int checkpoint_format = 1;

// Stands where the checksum will be while the checksum is computed.
const std::string no_checksum(64, '0');
const std::string checksum_key = R"("sha256":")";

// JSON has no infinity and no NaN; null stands for the value that a field has instead.
json to_number(double value) { return std::isfinite(value) ? json(value) : json(); }
double from_number(const json& value, double instead) { return value.is_null() ? instead : value.get<double>(); }

json score_json(const std::optional<Score>& score) {
    return score ? json{{"loss", to_number(score->loss)}, {"accuracy", score->accuracy}} : json();
}

json to_json(const TrainerState& state) {
    json losses = json::array();
    for (const double loss : state.stopping.losses) losses.push_back(to_number(loss));
    return {{"format", checkpoint_format},
            {"epochs", state.epochs},
            {"stopped", state.stopped},
            {"optimizer_steps", state.optimizer_steps},
            {"seconds", state.seconds},
            {"best", {{"epoch", state.best.epoch}, {"validation", score_json(state.best.validation)}}},
            {"early_stopping",
             {{"losses", std::move(losses)},
              {"best_loss", to_number(state.stopping.best_loss)},
              {"best_accuracy", state.stopping.best_accuracy},
              {"epochs_without_best", state.stopping.epochs_without_best},
              {"best_epoch", state.stopping.best_epoch ? json(*state.stopping.best_epoch) : json()}}}};
}

TrainerState from_json(const json& content) {
    TrainerState state{.epochs = whole_number<int>(content, "epochs"),
                       .stopped = content.at("stopped"),
                       .optimizer_steps = whole_number<int>(content, "optimizer_steps"),
                       .seconds = content.at("seconds")};
    const json& best = content.at("best");
    state.best.epoch = whole_number<int>(best, "epoch", -1);
    if (const json& score = best.at("validation"); !score.is_null())
        state.best.validation = {from_number(score.at("loss"), std::nan("")), score.at("accuracy")};
    const json& stopping = content.at("early_stopping");
    for (const json& loss : stopping.at("losses")) state.stopping.losses.push_back(from_number(loss, std::nan("")));
    state.stopping.best_loss = from_number(stopping.at("best_loss"), std::numeric_limits<double>::infinity());
    state.stopping.best_accuracy = stopping.at("best_accuracy");
    state.stopping.epochs_without_best = whole_number<int>(stopping, "epochs_without_best");
    if (!stopping.at("best_epoch").is_null()) state.stopping.best_epoch = whole_number<int>(stopping, "best_epoch");
    return state;
}

// The lists of tensors in a state and what their names begin with in a file.
template <class State>
auto tensor_lists(State& state) {
    return std::array{std::pair("model.", &state.parameters), std::pair("optimizer.", &state.averages),
                      std::pair("kept.", &state.stopping.kept), std::pair("best.", &state.best.weights)};
}

[[noreturn]] void damaged(const fs::path& file, const std::string& expected, const std::string& got) {
    throw DataError(fmt::format("checkpoint {}", file.string()), expected, got, "It is damaged: use another one");
}

// Where the 64 digits of the checksum lie in the bytes of a file.
std::size_t checksum_place(const fs::path& file, const std::string& bytes) {
    const std::size_t key = bytes.find(checksum_key);
    if (key == std::string::npos || key + checksum_key.size() + no_checksum.size() > bytes.size())
        damaged(file, "a file with a checksum", fmt::format("{} bytes without one", bytes.size()));
    return key + checksum_key.size();
}

void check_checksum(const fs::path& file, std::string& bytes) {
    const std::size_t place = checksum_place(file, bytes);
    const std::string written = bytes.substr(place, no_checksum.size());
    bytes.replace(place, no_checksum.size(), no_checksum);
    if (const std::string computed = sha256(bytes); computed != written)
        damaged(file, fmt::format("SHA-256 {}, as it says itself", written), computed);
}

// A second name for a file, in place of whatever had that name.
void link_over(const fs::path& existing, const fs::path& name) {
    const fs::path temporary = name.string() + ".part";
    std::error_code error;
    fs::remove(temporary, error);
    fs::create_hard_link(existing, temporary, error);
    if (error) fs::copy_file(existing, temporary, error);  // a file system without links
    if (!error) fs::rename(temporary, name, error);
    if (error)
        throw DataError(name.string(), "a file that can be written", error.message(),
                        "Check that you may write to the folder, and the free space");
}

std::string config_text(const json& config) { return config.dump(-1, ' ', false, json::error_handler_t::replace); }

void check_same_config(const fs::path& file, json then, json now) {
    if (then.is_null() && now.is_null()) return;
    then["threads"] = now["threads"];  // changes no bit
    const std::vector<ConfigDifference> changes = differences(then, now);
    if (changes.empty()) return;
    throw ConfigError(fmt::format("checkpoint {}", file.string()), "one of a run with this config",
                      fmt::format("one with another:\n{}", to_text(changes, "checkpoint", "config")),
                      "Restore config.json, or train in another folder with --out");
}

std::optional<TrainerState> load_if_whole(const BackendPtr& backend, const fs::path& file, const json& config) {
    try {
        return load_checkpoint(backend, file, config);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

void save_checkpoint(const fs::path& file, const TrainerState& state, const json& config) {
    std::vector<NamedTensor> tensors;
    for (const auto& [prefix, list] : tensor_lists(state))
        for (const auto& [name, tensor] : *list) tensors.emplace_back(prefix + name, tensor);
    std::string bytes = safetensors_bytes(file.string(), tensors,
                                          {{"config", config_text(config)},
                                           {"sha256", no_checksum},
                                           {"state", to_json(state).dump()},
                                           {"version", version}});
    bytes.replace(checksum_place(file, bytes), no_checksum.size(), sha256(bytes));
    write_file_durably(file, bytes);
}

TrainerState load_checkpoint(const BackendPtr& backend, const fs::path& file, const json& config) {
    std::string bytes = read_file(file);
    check_checksum(file, bytes);
    const std::size_t size = bytes.size();
    std::istringstream stream(std::move(bytes));
    SafetensorsContent content = read_safetensors(backend, file.string(), stream, size);
    TrainerState state;
    try {
        const json description = parse_foreign_json(content.metadata.at("state"));
        if (const int format = whole_number<int>(description, "format"); format != checkpoint_format)
            throw DataError(fmt::format("checkpoint {}", file.string()), fmt::format("format {}", checkpoint_format),
                            fmt::format("format {}", format), "Go on with the version that wrote it");
        check_same_config(file, parse_foreign_json(content.metadata.at("config")), config);
        state = from_json(description);
    } catch (const std::out_of_range& fault) {  // a key that is missing among the metadata
        damaged(file, "the state of a training", fault.what());
    } catch (const json::exception& fault) {
        damaged(file, "the state of a training", fault.what());
    }
    for (auto& [name, tensor] : content.tensors) {
        bool known = false;
        for (const auto& [prefix, list] : tensor_lists(state)) {
            if (!name.starts_with(prefix)) continue;
            list->emplace_back(name.substr(std::string_view(prefix).size()), tensor);
            known = true;
        }
        if (!known) damaged(file, "tensors of a training", fmt::format("'{}'", name));
    }
    return state;
}

void CheckpointFolder::save(const TrainerState& state) const {
    std::error_code error;
    fs::create_directory(folder_, error);  // writing says what is wrong
    const fs::path next = folder_ / "next.safetensors";
    save_checkpoint(next, state, config_);
    if (!state.best.weights.empty()) save_safetensors(best(), state.best.weights);
    if (fs::exists(last(), error)) link_over(last(), previous());
    rename_durably(next, last());
}

std::optional<TrainerState> CheckpointFolder::load(const BackendPtr& backend, bool from_previous) const {
    const fs::path file = from_previous ? previous() : last(), other = from_previous ? last() : previous();
    std::error_code error, ignored;
    if (!fs::exists(file, error) && !error) {
        if (from_previous)
            throw ConfigError("--from previous", "a checkpoint before the last one", "none",
                              "Leave it out to go on from the last one");
        if (!fs::exists(other, ignored)) return std::nullopt;
        offer_other(backend, from_previous, fmt::format("no {}", file.filename().string()));
    }
    try {
        return load_checkpoint(backend, file, config_);
    } catch (const DataError& fault) {
        offer_other(backend, from_previous, fmt::format("a damaged one ({})", fault.what()));
    }
}

void CheckpointFolder::offer_other(const BackendPtr& backend, bool from_previous, const std::string& got) const {
    const fs::path other = from_previous ? last() : previous();
    const std::optional<TrainerState> whole = load_if_whole(backend, other, config_);
    const char* const option = from_previous ? "without --from previous" : "with --from previous";
    throw DataError(fmt::format("checkpoints of {}", folder_.parent_path().string()), "a whole one", got,
                    whole ? fmt::format("{}, after {} epochs, is whole: go on from it {}", other.filename().string(),
                                        whole->epochs, option)
                          : "No other one is whole: train anew with --out and --overwrite");
}

void CheckpointFolder::go_back_to_previous() const { link_over(previous(), last()); }

}  // namespace tapegrad
