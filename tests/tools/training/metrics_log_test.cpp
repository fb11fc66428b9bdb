#include "tools/training/metrics_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tools/training/read_events.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

EpochMetrics row(int epoch) {
    return {.epoch = epoch,
            .train_loss = 2.0 / (epoch + 1),
            .train_accuracy = std::nullopt,
            .val_loss = epoch % 2 == 0 ? std::optional(1.0 / 3) : std::nullopt,
            .val_accuracy = epoch % 2 == 0 ? std::optional(0.125 * epoch) : std::nullopt,
            .seconds = 0.0015,
            .time = 1700000000.5 + epoch};
}

// Stands for a full disk until the end of the scope: no file of this process grows beyond `bytes`.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    void (*signal_)(int);
    rlimit before_{};
};

void add_rows(MetricsLog& log, int begin, int end) {
    for (int epoch = begin; epoch < end; ++epoch) log.add(row(epoch));
}

// The one event file of the folder.
fs::path event_file(const fs::path& folder) {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.path().filename().string().starts_with("events.out.tfevents.")) continue;
        BOOST_TEST(found.empty());
        found = entry.path();
    }
    return found;
}

std::vector<Event> events_in(const fs::path& folder) { return read_events(read_file(event_file(folder))); }

// All three files hold the rows 0 to `rows` - 1, and nothing more lies in the folder.
void check_rows(const fs::path& folder, int rows) {
    const std::vector<EpochMetrics> found = read_metrics(folder / "metrics.jsonl");
    BOOST_TEST(static_cast<int>(found.size()) == rows);
    std::ifstream csv(folder / "metrics.csv");
    std::string line;
    std::getline(csv, line);
    BOOST_TEST(line == "epoch,train_loss,train_accuracy,val_loss,val_accuracy,seconds,time");
    const std::vector<Event> events = events_in(folder);
    BOOST_REQUIRE(static_cast<int>(events.size()) == 1 + rows);
    BOOST_TEST(events[0].file_version == "brain.Event:2");
    for (int epoch = 0; epoch < rows; ++epoch) {
        const EpochMetrics expected = row(epoch);
        BOOST_TEST(json_line(found[epoch]) == json_line(expected));
        BOOST_TEST(bool(std::getline(csv, line)));
        BOOST_TEST(line + "\n" == csv_line(expected));
        const Event& event = events[1 + epoch];
        BOOST_TEST(event.step == epoch);
        BOOST_TEST(event.wall_time == expected.time);
        BOOST_TEST(event.scalars.at("loss/train") == static_cast<float>(expected.train_loss));
        BOOST_TEST(event.scalars.contains("loss/validation") == (epoch % 2 == 0));
        if (epoch % 2 == 0) BOOST_TEST(event.scalars.at("accuracy/validation") == 0.125f * epoch);
    }
    BOOST_TEST(!std::getline(csv, line));
    BOOST_TEST(std::distance(fs::directory_iterator(folder), {}) == 3);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_metrics_log)

BOOST_AUTO_TEST_CASE(lines_have_every_number_and_null_where_there_is_none) {
    const EpochMetrics full{3, 1.5, 0.25, 1e-30, 1, 0.0015, 1700000000.5};
    BOOST_TEST(json::parse(json_line(full)) == json::parse(R"({"epoch": 3, "train_loss": 1.5, "train_accuracy": 0.25,
        "val_loss": 1e-30, "val_accuracy": 1.0, "seconds": 0.0015, "time": 1700000000.5})"));
    BOOST_TEST(csv_line(full) == "3,1.5,0.25,1e-30,1,0.0015,1700000000.5\n");

    const EpochMetrics sparse{.epoch = 0, .train_loss = 0.1, .seconds = 1, .time = 2};
    BOOST_TEST(json_line(sparse) ==
               "{\"epoch\":0,\"train_loss\":0.1,\"train_accuracy\":null,\"val_loss\":null,\"val_accuracy\":null,"
               "\"seconds\":1,\"time\":2}\n");
    BOOST_TEST(csv_line(sparse) == "0,0.1,,,,1,2\n");
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_keep_the_line_valid) {
    const EpochMetrics diverged{.epoch = 0,
                                .train_loss = std::numeric_limits<double>::quiet_NaN(),
                                .val_loss = std::numeric_limits<double>::infinity(),
                                .seconds = 1,
                                .time = 2};
    const EpochMetrics read = parse_json_line(json_line(diverged), "here");
    BOOST_TEST(std::isnan(read.train_loss));
    BOOST_TEST(!read.val_loss);
    BOOST_TEST(csv_line(diverged) == "0,nan,,inf,,1,2\n");
}

BOOST_AUTO_TEST_CASE(every_row_is_in_all_three_files_at_once) {
    const TemporaryFolder folder;
    MetricsLog log(folder.path());
    check_rows(folder.path(), 0);
    for (int epoch = 0; epoch < 5; ++epoch) {
        log.add(row(epoch));
        check_rows(folder.path(), epoch + 1);
    }
}

BOOST_AUTO_TEST_CASE(going_on_keeps_the_rows_asked_for_and_drops_the_others) {
    for (int kept = 0; kept <= 4; ++kept) {
        const TemporaryFolder folder;
        {
            MetricsLog log(folder.path());
            add_rows(log, 0, 4);
        }
        const std::string before = read_file(folder.path() / "metrics.jsonl");
        // A row that a kill cut off, in all three.
        for (const fs::path& file :
             {folder.path() / "metrics.jsonl", folder.path() / "metrics.csv", event_file(folder.path())})
            std::ofstream(file, std::ios::app) << "{\"epoch\":4,\"tr";

        MetricsLog log(folder.path(), kept);
        check_rows(folder.path(), kept);
        BOOST_TEST(before.starts_with(read_file(folder.path() / "metrics.jsonl")));
        add_rows(log, kept, 6);
        check_rows(folder.path(), 6);
    }
}

// Who is watching keeps the same files open.
BOOST_AUTO_TEST_CASE(going_on_keeps_the_files_and_another_run_takes_a_later_event_file) {
    const TemporaryFolder folder;
    {
        MetricsLog log(folder.path());
        add_rows(log, 0, 3);
    }
    const fs::path first = event_file(folder.path());
    std::ifstream watched(first, std::ios::binary), lines(folder.path() / "metrics.jsonl");
    {
        MetricsLog log(folder.path(), 2);
        BOOST_TEST(event_file(folder.path()) == first);
        add_rows(log, 2, 5);
    }
    const std::string seen{std::istreambuf_iterator<char>(watched), {}};
    BOOST_TEST(read_events(seen).size() == 6u);
    BOOST_TEST(std::count(std::istreambuf_iterator<char>(lines), {}, '\n') == 5);
    { MetricsLog log(folder.path()); }
    const fs::path second = event_file(folder.path());
    BOOST_TEST(first < second);
    BOOST_TEST(second.filename().string().size() == std::string("events.out.tfevents.1700000000.tapegrad").size());
}

BOOST_AUTO_TEST_CASE(files_that_are_gone_or_were_altered_are_made_anew_from_the_lines) {
    const TemporaryFolder folder;
    {
        MetricsLog log(folder.path());
        add_rows(log, 0, 3);
    }
    write_file(folder.path() / "metrics.csv", "epoch,mine\n0,1\n");
    fs::remove(event_file(folder.path()));
    MetricsLog log(folder.path(), 3);
    check_rows(folder.path(), 3);
    log.add(row(3));
    check_rows(folder.path(), 4);
}

BOOST_AUTO_TEST_CASE(going_on_from_too_few_rows_is_an_error_and_changes_nothing) {
    const TemporaryFolder folder;
    {
        MetricsLog log(folder.path());
        add_rows(log, 0, 2);
    }
    const fs::path file = folder.path() / "metrics.jsonl";
    expect_error<DataError>([&] { MetricsLog(folder.path(), 3); }, {file.string(), "3 epochs to go on from", "got 2"});
    check_rows(folder.path(), 2);
    // The end of a line is what makes it whole.
    fs::resize_file(file, fs::file_size(file) - 1);
    expect_error<DataError>([&] { MetricsLog(folder.path(), 2); }, {"2 epochs to go on from", "got 1"});
    fs::remove(file);
    expect_error<DataError>([&] { MetricsLog(folder.path(), 1); }, {file.string(), "nothing of that name"});
}

BOOST_AUTO_TEST_CASE(lines_that_hold_no_epoch_are_named_unless_they_are_dropped_anyway) {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "metrics.jsonl";
    const std::string good = json_line(row(0));
    for (const std::string bad : {"\n", "{}\n", "[]\n", "{\"epoch\": \n", "{\"epoch\": 1, \"train_loss\": \"low\"}\n",
                                  "{\"epoch\": 1e300}\n", "\xff\xfe\n"}) {
        write_file(file, good + bad);
        expect_error<DataError>([&] { read_metrics(file); }, {"metrics.jsonl, line 2", "the metrics of an epoch"});
        MetricsLog(folder.path(), 1);
        BOOST_TEST(read_file(file) == good);
    }
    write_file(file, good + json_line(row(2)));
    expect_error<DataError>([&] { read_metrics(file); }, {"metrics.jsonl, line 2", "expected epoch 1", "got 2"});
    EpochMetrics last_there_is = row(0);
    last_there_is.epoch = std::numeric_limits<int>::max();
    write_file(file, good + json_line(last_there_is));
    expect_error<DataError>([&] { read_metrics(file); }, {"expected epoch 1", "got 2147483647"});
}

BOOST_AUTO_TEST_CASE(a_folder_that_takes_no_file_is_named_with_the_reason) {
    const TemporaryFolder folder;
    expect_error<DataError>([&] { MetricsLog(folder.path() / "absent"); },
                            {(folder.path() / "absent/metrics.csv").string(), "No such file or directory"});
    fs::create_directories(folder.path() / "metrics.csv" / "in_the_way");
    expect_error<DataError>([&] { MetricsLog(folder.path()); }, {"metrics.csv", "directory"});
    BOOST_TEST(!fs::exists(folder.path() / "metrics.csv.part"));
}

// The row that reaches the limit is cut off in the middle.
BOOST_AUTO_TEST_CASE(a_disk_that_fills_up_is_told_and_the_rows_before_are_good) {
    const TemporaryFolder folder;
    std::string message;
    int rows = 0;
    {
        MetricsLog log(folder.path());
        const FileSizeLimit limit(1000);
        try {
            for (; rows < 100; ++rows) log.add(row(rows));
        } catch (const DataError& error) {
            message = error.what();
        }
    }
    BOOST_TEST(rows > 2);
    BOOST_TEST(message.starts_with((folder.path() / "metrics.jsonl").string() +
                                   ": expected a file that can be written, got File too large. "),
               message);
    BOOST_TEST(fs::file_size(folder.path() / "metrics.jsonl") == 1000u);

    MetricsLog log(folder.path(), rows);
    add_rows(log, rows, rows + 1);
    check_rows(folder.path(), rows + 1);
}

// Where a file has to be made anew and there is no room, the old ones stay.
BOOST_AUTO_TEST_CASE(going_on_with_a_full_disk_leaves_the_rows) {
    const TemporaryFolder folder;
    {
        MetricsLog log(folder.path());
        add_rows(log, 0, 20);
    }
    const fs::path events = event_file(folder.path());
    const std::string before = read_file(events);
    write_file(events, before.substr(1));
    std::string message;
    {
        const FileSizeLimit limit(100);
        try {
            MetricsLog(folder.path(), 10);
        } catch (const DataError& error) {
            message = error.what();
        }
    }
    BOOST_TEST(message.find("File too large") != std::string::npos, message);
    BOOST_TEST(message.find(events.string()) != std::string::npos, message);
    BOOST_TEST(read_file(events) == before.substr(1));
    BOOST_TEST(read_metrics(folder.path() / "metrics.jsonl").size() == 20u);
    { MetricsLog log(folder.path(), 20); }
    check_rows(folder.path(), 20);
}

// The package is asked for once, because an import takes seconds. $TAPEGRAD_TEST_PYTHON names another Python.
BOOST_AUTO_TEST_CASE(the_tensorboard_package_reads_the_same_numbers) {
    const TemporaryFolder folder;
    const fs::path run = folder.path() / "run", listing = folder.path() / "listing";
    fs::create_directory(run);
    MetricsLog log(run);
    add_rows(log, 0, 4);
    const char* const named = std::getenv("TAPEGRAD_TEST_PYTHON");
    const std::string command =
        fmt::format("'{}' '{}/tests/tools/training/read_events.py' '{}' >'{}'", named != nullptr ? named : "python3",
                    TAPEGRAD_SOURCE_DIR, run.string(), listing.string());
    const int status = std::system(command.c_str());
    if (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127) {
        fmt::print("skipped: there is no Python with the package tensorboard, whose reader would be asked\n");
        return;
    }
    BOOST_REQUIRE(status == 0);
    std::vector<std::string> expected;
    for (int epoch = 0; epoch < 4; ++epoch)
        for (const Metric& metric : metrics_of(row(epoch)))
            if (metric.value && !metric.tag.empty())
                expected.push_back(fmt::format("{} {} {:.9g} {:.1f}", metric.tag, epoch,
                                               static_cast<float>(*metric.value), row(epoch).time));
    std::ranges::sort(expected);
    BOOST_TEST(read_file(listing) == fmt::format("{}\n", fmt::join(expected, "\n")));
}

BOOST_AUTO_TEST_SUITE_END()
