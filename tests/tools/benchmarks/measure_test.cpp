#include "tools/benchmarks/measure.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <thread>

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
}

BOOST_AUTO_TEST_CASE(the_system_tells_about_memory_and_threads) {
    BOOST_TEST(peak_memory() > 1 << 20);
    BOOST_TEST(available_memory() > 1 << 20);
    BOOST_TEST(!processor_model().empty());
    BOOST_TEST(thread_count(3) == 3);
    BOOST_TEST(thread_count(0) >= 1);
    BOOST_TEST(bytes_text(3 << 19) == "1.5 MiB");
    BOOST_TEST(bytes_text(std::int64_t{5} << 29) == "2.50 GiB");
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
