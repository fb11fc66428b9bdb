#include "tools/benchmarks/measure.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "backends/loader.hpp"
#include "datasets/files.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/memory_copy.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/common/tool.hpp"

using namespace tapegrad;

BOOST_AUTO_TEST_SUITE(tools_benchmarks_measure)

BOOST_AUTO_TEST_CASE(warm_up_calls_are_made_and_not_counted) {
    int calls = 0;
    const Spread spread = measure_calls(
        [&] {
            if (++calls <= 2) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        },
        2, 5);
    BOOST_TEST(calls == 7);
    BOOST_TEST(spread.count == 5);
    BOOST_TEST(spread.upper < 0.02);
}

BOOST_AUTO_TEST_CASE(two_actions_in_turn_are_timed_apart) {
    std::string order;
    const auto [a, b] = measure_in_turn(
        [&] {
            order += 'a';
            if (order.size() <= 2) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        },
        [&] {
            order += 'b';
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        },
        1, 3);
    BOOST_TEST(order == "abababab");
    BOOST_TEST(a.count == 3);
    BOOST_TEST(b.count == 3);
    BOOST_TEST(a.minimum < 0.005);
    BOOST_TEST(a.upper < 0.02, "the warm-up was counted");
    BOOST_TEST(b.minimum >= 0.005);
}

BOOST_AUTO_TEST_CASE(a_call_takes_what_it_takes_whether_in_blocks_or_alone) {
    const auto sleep = [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
    for (const double seconds :
         {seconds_of(sleep), measure_calls(sleep, 0, 3).minimum, measure_blocks(sleep, 0.05).minimum}) {
        BOOST_TEST(seconds >= 0.005);
        BOOST_TEST(seconds < 0.5);
    }
    BOOST_TEST(measure_blocks(sleep, 0.001).count == 3);
    int calls = 0;
    BOOST_TEST(measure_blocks([&] { ++calls; }, 0.01).median < 1e-4);
    BOOST_TEST(calls > 1000, "short calls are not timed in blocks");
}

BOOST_AUTO_TEST_CASE(what_a_call_only_begins_is_waited_for_within_the_time) {
    int begun = 0;
    const auto finish = [&] {
        std::this_thread::sleep_for(begun * std::chrono::milliseconds(1));
        begun = 0;
    };
    BOOST_TEST(measure_blocks([&] { ++begun; }, 0.05, finish).minimum >= 0.001);
    BOOST_TEST(begun == 0);
}

BOOST_AUTO_TEST_CASE(two_actions_take_turns_at_going_first) {
    std::string order;
    alternate(
        4, [&] { order += 'A'; }, [&] { order += 'B'; });
    BOOST_TEST(order == "ABBAABBA");
}

BOOST_AUTO_TEST_CASE(a_copy_has_a_rate_on_any_number_of_threads) {
    for (const int threads : {1, 3}) {
        BOOST_TEST(memory_copy_rate(1 << 16, threads) > 1e7);
        BOOST_TEST(memory_copy_rate(2, threads) > 0);
    }
    BOOST_TEST(device_copy_rate(1 << 16, open_backend("reference", 1)) > 1e6);
}

BOOST_AUTO_TEST_CASE(the_system_tells_about_memory_and_threads) {
    BOOST_TEST(peak_memory() > 1 << 20);
    BOOST_TEST(available_memory().value() > 1 << 20);
    BOOST_TEST(!processor_model().empty());
    BOOST_TEST(thread_count(3) == 3);
    BOOST_TEST(thread_count(0) >= 1);
    BOOST_TEST(bytes_text(1536) == "1.5 KiB");
    BOOST_TEST(bytes_text(3 << 19) == "1.5 MiB");
    BOOST_TEST(bytes_text(std::int64_t{5} << 29) == "2.50 GiB");
}

BOOST_AUTO_TEST_CASE(memory_that_is_used_up_differs_from_memory_that_nobody_knows) {
    const tapegrad::testing::TemporaryFolder folder;
    const auto group = folder.path() / "sys/fs/cgroup";
    std::filesystem::create_directories(folder.path() / "proc");
    std::filesystem::create_directories(group);
    BOOST_TEST(!available_memory(folder.path()));

    write_file(group / "memory.max", "5000\n");
    write_file(group / "memory.current", "3000\n");
    BOOST_TEST(available_memory(folder.path()).value() == 2000, "the group alone tells");
    write_file(group / "memory.stat", "anon 2600\ninactive_file 400\nactive_file 7\n");
    BOOST_TEST(available_memory(folder.path()).value() == 2400, "files that were not used lately can go");

    write_file(folder.path() / "proc/meminfo", "MemTotal: 9 kB\nMemAvailable:   2 kB\n");
    BOOST_TEST(available_memory(folder.path()).value() == 2048, "the machine has less than the group");
    write_file(group / "memory.current", "5500\n");
    BOOST_TEST(available_memory(folder.path()).value() == 0, "the group has used all");
    write_file(group / "memory.max", "max\n");
    BOOST_TEST(available_memory(folder.path()).value() == 2048, "the group has no limit");
    write_file(folder.path() / "proc/meminfo", "MemAvailable: 0 kB\n");
    BOOST_TEST(available_memory(folder.path()).value() == 0);
}

BOOST_AUTO_TEST_CASE(copies_of_nearly_one_size_have_one_rate) {
    MemoryCopyRates rates(open_backend("reference", 1));
    const double rate = rates.of(1 << 17);
    BOOST_TEST(rate > 1e7);
    BOOST_TEST(rates.of((1 << 17) + 100) == rate, "it was measured again");
    BOOST_TEST(rates.of(1) > 0);
}

BOOST_AUTO_TEST_CASE(json_is_written_even_of_words_that_are_not_utf_8) {
    const tapegrad::testing::TemporaryFolder folder;
    const auto file = folder.path() / "report.json";
    write_json(file.string(), {{"command", "a\xff"}});
    BOOST_TEST(nlohmann::json::parse(read_file(file)).at("command") == "a\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(tables_align_names_left_and_figures_right) {
    Table table({"op", "us"});
    table.add({"exp", "1.25"});
    table.add({"log_softmax", "10"});
    BOOST_TEST(table.text() ==
               "op             us\n"
               "exp          1.25\n"
               "log_softmax    10\n");
}

BOOST_AUTO_TEST_SUITE_END()
