#include "tools/benchmarks/against.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tools/benchmarks/child_process.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;

BOOST_AUTO_TEST_SUITE(tools_benchmarks_against)

BOOST_AUTO_TEST_CASE(median_is_found_in_what_the_programs_print) {
    BOOST_TEST(median_step_ms("epochs 821 train-step median 1.150 ms min 1.1 (fwd 0.5); eval 0.4 ms").value() == 1.150);
    BOOST_TEST(median_step_ms("pyg cora N=2708 train_ms med=85.125 min=80.1 eval_ms med=9.5").value() == 85.125);
    BOOST_TEST(median_step_ms("training step: median 2.5 ms, 9 times\nevaluation: median 1 ms").value() == 2.5);
    BOOST_TEST(median_step_ms("median 1e-3 ms").value() == 1e-3);
    BOOST_TEST(median_step_ms("the median of 5: median 3ms").value() == 3);
}

BOOST_AUTO_TEST_CASE(what_is_no_median_step_is_not_found) {
    for (const char* output :
         {"", "median", "median ms", "median 3 s", "median three ms", "train_ms med=", "med=3 ms", "eval_ms med=3",
          "train_ms min=3", "median inf ms", "median nan ms", "train_ms med=-inf", "train_ms med=nan"})
        BOOST_TEST(!median_step_ms(output), output);
}

BOOST_AUTO_TEST_CASE(peak_memory_is_found_in_what_the_programs_print) {
    BOOST_TEST(peak_mebibytes("ready after 0.05 s; peak memory 72 MiB, 9 of it").value() == 72);
    BOOST_TEST(peak_mebibytes("eval_ms med=3 peak_MiB=714").value() == 714);
    BOOST_TEST(!peak_mebibytes("peak memory unknown"));
}

BOOST_AUTO_TEST_CASE(numbers_are_found_between_words) {
    BOOST_TEST(number_between("mlp_us 450.5 chain_us_per_op 7.9 op_us 1.2", "op_us ", "").value() == 1.2);
    BOOST_TEST(number_between("a 1 x, a 2 y", "a ", "y").value() == 2);
    BOOST_TEST(!number_between("a 1 x", "a ", "y"));
    BOOST_TEST(number_between("a nan, a 2", "a ", "").value() == 2);
}

BOOST_AUTO_TEST_CASE(both_programs_run_in_every_round_and_the_order_alternates) {
    // Each command appends its letter to a file and prints its place in it as the median.
    const std::string log = "/tmp/tapegrad_against_test_" + std::to_string(getpid());
    const auto command = [&](const char* letter) {
        return std::string("printf ") + letter + " >>" + log + "; echo median $(wc -c <" + log + ") ms";
    };
    output_of("rm -f " + log, 1);
    const std::vector<TimedPair> comparisons = compare(command("A"), command("B"), {step_figure()}, 3, 1);
    BOOST_TEST(output_of("cat " + log + "; rm " + log, 1) == "ABBAAB");
    BOOST_REQUIRE_EQUAL(comparisons.size(), 1);
    BOOST_CHECK((comparisons[0].ours == std::vector<double>{1, 4, 5}));
    BOOST_CHECK((comparisons[0].theirs == std::vector<double>{2, 3, 6}));
    BOOST_CHECK((comparisons[0].ratio() == std::vector<double>{1.0 / 2, 4.0 / 3, 5.0 / 6}));
    const nlohmann::json report = comparison_json(comparisons);
    BOOST_TEST(report[0]["ratio"]["median"].get<double>() == 5.0 / 6);
    BOOST_TEST(comparison_text(comparisons).find("0.833") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_command_that_fails_or_prints_no_median_is_an_error_that_names_it) {
    const auto against = [](const std::string& command) {
        compare("echo median 1 ms", command, {step_figure()}, 1, 1);
    };
    expect_error<BackendError>([&] { against("exit 3"); }, {"command 'exit 3'", "exit code 3"});
    expect_error<BackendError>([&] { against("kill -9 $$"); }, {"signal 9"});
    expect_error<BackendError>([&] { against("true"); }, {"command 'true'", "median NUMBER ms", "no output at all"});
    expect_error<BackendError>([&] { against("echo hello"); }, {"median NUMBER ms", "got \"hello\""});
    expect_error<BackendError>([&] { against("echo median 0 ms"); }, {"median NUMBER ms"});
    expect_error<BackendError>([&] { against("/absent/program 2>/dev/null"); }, {"exit code 127"});
}

BOOST_AUTO_TEST_CASE(commands_get_our_number_of_threads_unless_they_set_it) {
    BOOST_TEST(output_of("echo $OMP_NUM_THREADS", 3) == "3\n");
    BOOST_TEST(output_of("OMP_NUM_THREADS=5 sh -c 'echo $OMP_NUM_THREADS'", 3) == "5\n");
}

BOOST_AUTO_TEST_CASE(words_reach_a_command_as_they_are) {
    const std::vector<std::string> words{"printf", "%s|", "a b", "it's", "$HOME", "\"", "", "x;y"};
    BOOST_TEST(output_of(shell_command(words), 1) == "a b|it's|$HOME|\"||x;y|");
}

BOOST_AUTO_TEST_SUITE_END()
