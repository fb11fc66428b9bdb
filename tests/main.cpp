// The entry point of the one test executable; every tests/**/*_test.cpp adds its suite.
#define BOOST_TEST_MODULE tapegrad
#include <boost/test/framework.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

namespace {

/// Keeps "passed failed skipped" in the file $TAPEGRAD_TEST_COUNTS, written anew after each test case, and the word
/// "finished" behind them at the end: the counts are right even if a test takes the whole process down, where the
/// report of Boost.Test calls passed what never ran.
class TestCounts : public boost::unit_test::test_observer {
public:
    TestCounts() { boost::unit_test::framework::register_observer(*this); }
    ~TestCounts() override { boost::unit_test::framework::deregister_observer(*this); }

    void test_unit_finish(const boost::unit_test::test_unit& unit, unsigned long) override {
        count(unit, boost::unit_test::results_collector.results(unit.p_id).passed() ? passed_ : failed_);
    }
    void test_unit_skipped(const boost::unit_test::test_unit& unit, boost::unit_test::const_string) override {
        count(unit, skipped_);
    }
    void test_finish() override { write(" finished"); }
    int priority() override { return 100; }  // after the collector of results

private:
    void count(const boost::unit_test::test_unit& unit, int& counter) {
        if (unit.p_type != boost::unit_test::TUT_CASE) return;
        ++counter;
        write("");
    }
    void write(const char* ending) const {
        if (const char* path = std::getenv("TAPEGRAD_TEST_COUNTS")) {
            std::ofstream(path) << passed_ << ' ' << failed_ << ' ' << skipped_ << ending << '\n';
        }
    }

    int passed_ = 0;
    int failed_ = 0;
    int skipped_ = 0;
};

BOOST_TEST_GLOBAL_CONFIGURATION(TestCounts);

}  // namespace
