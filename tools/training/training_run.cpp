#include "tools/training/training_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <utility>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/interruption.hpp"
#include "tools/common/log.hpp"
#include "tools/common/machine.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/common/shell_word.hpp"
#include "tools/common/tool.hpp"
#include "tools/reports/write_report.hpp"
#include "tools/training/checkpoint.hpp"
#include "tools/training/experiment.hpp"
#include "tools/training/first_non_finite.hpp"
#include "tools/training/memory_use.hpp"
#include "tools/training/metrics_log.hpp"
#include "tools/training/progress.hpp"
#include "tools/training/run_description.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/run_result.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

EpochMetrics metrics_of(const EpochReport& report) {
    EpochMetrics metrics{
        .epoch = report.epoch,
        .train_loss = report.train_loss,
        .train_accuracy = report.train_accuracy,
        .seconds = report.step_seconds,
        .time = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count()};
    if (report.validation) {
        metrics.val_loss = report.validation->loss;
        metrics.val_accuracy = report.validation->accuracy;
    }
    return metrics;
}

void print_result(const json& result) {
    fmt::print("Test accuracy {:.4f} | Val accuracy {:.4f} | Best epoch {:05} | Epochs {} | Train seconds {:.2f}\n",
               result.at("test_accuracy").get<double>(), result.at("val_accuracy").get<double>(),
               result.at("best_epoch").get<int>(), result.at("epochs").get<int>(),
               result.at("train_seconds").get<double>());
}

// Goes on only where the same bits can be promised.
void check_same_run(const fs::path& folder, const RunDescription& then, RunDescription now) {
    const std::string where = fmt::format("run folder {}", folder.string());
    check_version(folder, then);
    if (!then.backend.empty() && then.backend != now.backend)
        throw ConfigError(where, fmt::format("backend {}, which computed the run so far", then.backend),
                          fmt::format("backend {}", now.backend),
                          "Make that backend available again, or train anew in another folder with --out");
    now.backend = then.backend;
    now.initial_weights = then.initial_weights;
    if (then != now)
        throw ConfigError(where, fmt::format("data set {} as it was when the run began", then.dataset),
                          "another content", "Restore the data, or train anew in another folder");
}

// What run.json says of a run that begins or is gone on with; it is written if it is not there.
RunDescription settle_description(const RunFolder& folder, const RunDescription& now, bool resume) {
    if (resume && exists(folder.path() / "run.json")) {
        const RunDescription then = read_run_description(folder.path());
        check_same_run(folder.path(), then, now);
        return then;
    }
    write_run_description(folder.path(), now);
    return now;
}

// A run on its way: what has to be written when, and what happens when it does not get to its end.
class OpenRun {
public:
    OpenRun(RunFolder& folder, const json& config, const RunOptions& options, const TrainingOptions& training,
            Experiment& experiment, const RunDescription& description)
        : folder_(folder),
          options_(options),
          experiment_(experiment),
          training_options_(training),
          checkpoints_(folder.path(), config) {
        trainer_.emplace(*experiment.model, *experiment.optimizer, experiment.data, training_options_);
        if (options.resume) go_on(description);
        begun_ = copy(begun_bytes_);
        if (!options.weights.empty()) checkpoints_.save(begun_);  // the config does not tell of them
    }

    TrainingResult train() {
        try {
            return train_to_the_end();
        } catch (const NonFiniteLoss& fault) {
            throw_with_origin(fault.epoch(), "a finite loss", fmt::format("{}", fault.loss()));
        }
    }

    /// Once it is trained.
    std::optional<MemoryUse> memory_growth() const { return memory_.growth(*experiment_.backend, begun_bytes_); }

private:
    TrainingResult train_to_the_end() {
        MetricsLog metrics(folder_.path(), trainer_->epochs());
        Progress progress(training_options_.epochs, options_.quiet);
        Clock::time_point saved = Clock::now();
        while (!trainer_->done()) {
            const EpochReport report = trainer_->run_epoch();
            metrics.add(metrics_of(report));
            progress.show(report, trainer_->best());
            memory_.record(*experiment_.backend, begun_bytes_);
            if (interrupted()) end_early(metrics);
            if (std::chrono::duration<double>(Clock::now() - saved).count() < options_.checkpoint_seconds) continue;
            save(metrics);
            saved = Clock::now();
        }
        save(metrics);
        return trainer_->finish();
    }

    void go_on(const RunDescription& description) {
        const std::optional<TrainerState> state = checkpoints_.load(experiment_.backend, options_.from_previous);
        if (!state && !description.initial_weights.empty())
            throw DataError(checkpoints_.last().string(), "a checkpoint, for the run did not begin with random weights",
                            "none", "Train anew with --weights, --out and --overwrite");
        if (state) trainer_->set_state(*state, checkpoints_.last().string());
        if (options_.from_previous) checkpoints_.go_back_to_previous();
        log(LogLevel::info, fmt::format("going on after {} epochs", trainer_->epochs()));
    }

    void save(MetricsLog& metrics) {
        std::size_t bytes = 0;
        TrainerState now = copy(bytes);
        // The last update may have broken them, which without validation no loss has shown yet.
        if (const std::optional<std::string> broken = first_non_finite(now.parameters))
            throw_with_origin(now.epochs - 1, "finite weights", fmt::format("others in {}", *broken));
        begun_ = std::move(now);
        begun_bytes_ = bytes;
        metrics.sync();  // first, because a checkpoint counts on its rows
        checkpoints_.save(begun_);
    }

    // A copy of everything, and how many bytes its tensors take.
    TrainerState copy(std::size_t& bytes) const {
        const std::size_t before = experiment_.backend->bytes_in_use();
        TrainerState state = trainer_->state();
        bytes = experiment_.backend->bytes_in_use() - before;
        return state;
    }

    [[noreturn]] void throw_with_origin(int epoch, const char* expected, const std::string& got) {
        TrainingOptions options = training_options_;
        options.epochs = epoch + 1;
        const NonFiniteOrigin origin =
            find_first_non_finite(*experiment_.model, *experiment_.optimizer, experiment_.data, options, begun_);
        checkpoints_.save(origin.last_good);
        save_safetensors(checkpoints_.last_good(), origin.last_good.parameters);
        throw TapeError(
            fmt::format("training, epoch {}", epoch), expected,
            origin.op.empty()
                ? got
                : fmt::format("{}; the first op that made a value that is not finite: {}", got, origin.op),
            fmt::format(
                "Lower the learning rate; the weights before epoch {}, the last good ones, are in {}, with which "
                "--weights begins another run",
                origin.last_good.epochs, checkpoints_.last_good().string()));
    }

    [[noreturn]] void end_early(MetricsLog& metrics) {
        save(metrics);
        throw Interrupted(fmt::format("interrupted after {} epochs, nothing is lost; to go on: {} --resume {}",
                                      trainer_->epochs(), tool_command("train"), shell_word(folder_.path().string())));
    }

    RunFolder& folder_;
    const RunOptions& options_;
    Experiment& experiment_;
    TrainingOptions training_options_;
    CheckpointFolder checkpoints_;
    std::optional<Trainer> trainer_;
    TrainerState begun_;  // the last one that is known to be good
    std::size_t begun_bytes_ = 0;
    MemoryGrowth memory_;
};

RunFolder open_folder(const RunOptions& options) {
    if (options.resume) return RunFolder(options.folder);
    if (options.folder.empty()) return {make_numbered_folder(options.new_folder), false};
    return {options.folder, options.overwrite};
}

json result_of(const TrainingResult& result, const std::optional<MemoryUse>& memory_growth,
               const Experiment& experiment, const json& config) {
    const auto growth = [&](std::int64_t MemoryUse::*part) {
        return memory_growth ? json((*memory_growth).*part) : json();
    };
    return {{"test_accuracy", result.test.accuracy},
            {"test_loss", result.test.loss},
            {"val_accuracy", result.validation.accuracy},
            {"val_loss", result.validation.loss},
            {"best_epoch", result.best_epoch},
            {"epochs", result.epochs},
            {"train_seconds", result.train_seconds},
            {"step_ms_median", result.step_ms_median},
            {"eval_ms_median", result.eval_ms_median},
            {"parameters", experiment.parameter_count()},
            {"peak_tensor_bytes", experiment.backend->peak_bytes()},
            {"peak_process_bytes", peak_memory()},
            {"tensor_bytes_growth", growth(&MemoryUse::tensors)},
            {"process_bytes_growth", growth(&MemoryUse::process)},
            {"backend", experiment.backend->name()},
            {"threads", experiment.backend->threads()},
            {"seed", config.at("seed")},
            {"version", version}};
}

void explain(const TrainingResult& result, const OpProfile& profile, const Backend& backend, PartTimes& parts,
             const RunFolder& folder) {
    parts.end();
    const Explanation explanation{
        .backend = fmt::format("backend {} with {} thread{}: {}", backend.name(), backend.threads(),
                               backend.threads() == 1 ? "" : "s", backend.description()),
        .steps = result.steps,
        .step_seconds = result.step_seconds,
        .ops = profile.rows(),
        .parts = parts.seconds()};
    folder.write_explanation(to_json(explanation));
    fmt::print(stderr, "{}", to_text(explanation));
}

// A page that cannot be made must not make a failure of a run that is done.
void report(const RunFolder& folder, const json& config, const Experiment& experiment) {
    try {
        write_report({folder.path(), config, *experiment.model, experiment.dataset, experiment.data},
                     folder.path() / "report.html");
    } catch (const std::exception& error) {
        log(LogLevel::warning, fmt::format("no report.html: {}", error.what()));
    }
}

}  // namespace

json train_run(const json& config, const RunOptions& options, PartTimes& parts) {
    if (options.resume) {
        const RunFolder folder(options.folder);
        if (has_ended(folder.path())) {
            json result = read_result(folder.path(), summary_numbers);
            log(LogLevel::info, fmt::format("{} has ended already", options.folder.string()));
            if (!options.silent) print_result(result);
            return result;
        }
    }
    TrainingOptions training = training_options(config.at("training"), config.at("seed"));
    OpProfile profile;
    if (options.explain) training.profile = &profile;
    Experiment experiment = build_experiment(config, parts, options.memory_limit);
    RunDescription now = describe_run(experiment.dataset);
    now.backend = experiment.backend->name();
    if (!options.weights.empty()) {  // before the folder is made or emptied, which may hold them
        load_weights(*experiment.model, config.at("model"), options.weights, options.names);
        now.initial_weights = digest_of_weights(options.weights, options.names);
    }
    parts.begin("make run folder");
    RunFolder folder = open_folder(options);
    const RunDescription description = settle_description(folder, now, options.resume);
    log(LogLevel::info,
        fmt::format("{} parameters, backend {} with {} threads, files in {}", experiment.parameter_count(),
                    experiment.backend->name(), experiment.backend->threads(), folder.path().string()));

    parts.begin("train");
    OpenRun run(folder, config, options, training, experiment, description);
    if (!options.resume) folder.write_config(config);
    const TrainingResult result = run.train();

    parts.begin("write");
    save_safetensors(folder.path() / "model.safetensors", experiment.model->parameters());
    json written = result_of(result, run.memory_growth(), experiment, config);
    folder.write_result(written);
    if (!options.silent) print_result(written);
    if (options.report) {
        parts.begin("report");
        report(folder, config, experiment);
    }
    if (options.explain) explain(result, profile, *experiment.backend, parts, folder);
    return written;
}

}  // namespace tapegrad
