// Folders as tools/train leaves them behind, with numbers of the test's choice.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/files.hpp"
#include "tests/temporary_folder.hpp"

namespace tapegrad::testing {

class MadeRuns {
public:
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    void write(const std::string& file, const std::string& content) const {
        std::filesystem::create_directories((folder_.path() / file).parent_path());
        write_file(folder_.path() / file, content);
    }

    /// A run that has ended, with 3 epochs. Returns its folder.
    std::string add(const std::string& name, std::int64_t seed, const nlohmann::json& accuracy,
                    double learning_rate = 0.01) const {
        const nlohmann::json config{{"seed", seed}, {"threads", seed + 1}, {"optimizer", {{"lr", learning_rate}}}};
        write(name + "/config.json", config.dump());
        write_description(name, "cora", "0123456789abcdef");
        const nlohmann::json result{
            {"test_accuracy", accuracy}, {"test_loss", 0.5}, {"seed", seed}, {"epochs", 3}, {"backend", "reference"}};
        write(name + "/result.json", result.dump());
        std::string lines;
        for (int epoch = 0; epoch < 3; ++epoch) lines += metrics_line(epoch, 0.2 * (epoch + 1), 2.0 - 0.5 * epoch);
        write(name + "/metrics.jsonl", lines);
        return path(name);
    }

    /// FOLDER/seed=0, FOLDER/seed=1, ... Returns FOLDER.
    std::string add_seeds(const std::string& name, const std::vector<double>& accuracies, double learning_rate,
                          std::int64_t first_seed = 0) const {
        for (std::size_t i = 0; i < accuracies.size(); ++i) {
            const std::int64_t seed = first_seed + static_cast<std::int64_t>(i);
            add(fmt::format("{}/seed={}", name, seed), seed, accuracies[i], learning_rate);
        }
        return path(name);
    }

    void write_description(const std::string& name, const std::string& dataset, const std::string& digest,
                           const std::string& initial_weights = "") const {
        const nlohmann::json content{{"format", 1},
                                     {"version", "0.1.0"},
                                     {"initial_weights", initial_weights},
                                     {"dataset",
                                      {{"name", dataset},
                                       {"nodes", 3},
                                       {"features", 2},
                                       {"classes", nlohmann::json::array({"a"})},
                                       {"digest", digest}}}};
        write(name + "/run.json", content.dump());
    }

    static std::string metrics_line(int epoch, double val_accuracy, double val_loss) {
        return fmt::format(
            "{{\"epoch\":{},\"train_loss\":1,\"val_loss\":{},\"val_accuracy\":{},\"seconds\":1,\"time\":1}}\n", epoch,
            val_loss, val_accuracy);
    }

private:
    TemporaryFolder folder_;
};

}  // namespace tapegrad::testing
