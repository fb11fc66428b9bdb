// What a run folder holds besides weights and config: metrics.jsonl, result.json and run.json, in three parts.
#include "tests/fuzz/fuzz.hpp"
#include "tools/training/metrics_log.hpp"
#include "tools/training/run_description.hpp"
#include "tools/training/run_result.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = parts_of(data, size, 3);
    const std::filesystem::path metrics = file_with("metrics.jsonl", parts[0]);
    file_with("result.json", parts[1]);
    file_with("run.json", parts[2]);
    accepts([&] { read_result(input_folder(), summary_numbers); });
    accepts([&] {
        const RunDescription run = read_run_description(input_folder());
        write_run_description(input_folder(), run);
        if (read_run_description(input_folder()).class_names != run.class_names) finding("the classes changed");
    });
    std::vector<EpochMetrics> rows;
    if (!accepts([&] { rows = read_metrics(metrics); })) return 0;
    for (const EpochMetrics& row : rows) {
        const std::string line = json_line(row);
        if (json_line(parse_json_line(line, "again")) != line) finding("the row changed: " + line);
        csv_line(row);
    }
    return 0;
}
