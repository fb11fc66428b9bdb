#include "nn/losses.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

LabelledRows labelled(const std::vector<std::int32_t>& rows, const std::vector<std::int32_t>& labels,
                      std::int64_t classes = 2) {
    return make_labelled_rows(reference_backend(), rows, labels, classes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_losses)

BOOST_AUTO_TEST_CASE(cross_entropy_is_the_mean_over_the_rows_asked_for) {
    const Tensor logits = f64({4, 2}, {1, 3, 100, -100, 0, 0, 2, -1});
    // Rows 3 and 0, of classes 0 and 0: log(1 + e^-3) and log(1 + e^2).
    const double expected = (std::log1p(std::exp(-3.0)) + std::log1p(std::exp(2.0))) / 2;
    check_close(cross_entropy(logits, labelled({3, 0}, {0, 1, 1, 0})), {expected}, 1e-15, "loss");
}

BOOST_AUTO_TEST_CASE(accuracy_counts_rows_whose_largest_logit_is_their_label) {
    const Tensor logits = f64({4, 2}, {1, 3, 5, -5, 0, 0, 2, -1});
    const std::vector<std::int32_t> labels = {1, 1, 0, 0};
    BOOST_TEST(accuracy(logits, labelled({0, 1, 2, 3}, labels)) == 0.75);
    BOOST_TEST(accuracy(logits, labelled({1}, labels)) == 0);
    BOOST_TEST(accuracy(logits, labelled({3, 0}, labels)) == 1);
    BOOST_TEST(accuracy(logits, labelled({3, 1, 3}, labels)) == 2.0 / 3, "a row counts as often as it is listed");
}

BOOST_AUTO_TEST_CASE(accuracy_of_many_rows) {
    // Every third row of 20,000 has its largest logit elsewhere than at its label.
    std::vector<double> logits;
    std::vector<std::int32_t> rows, labels;
    for (std::int32_t row = 0; row < 20000; ++row) {
        rows.push_back(row);
        labels.push_back(row % 2);
        const bool is_right = row % 3 != 0, second = (row % 2 == 1) == is_right;
        logits.push_back(second ? -1 : 1);
        logits.push_back(second ? 1 : -1);
    }
    const double wanted = 1 - 6667.0 / 20000;
    BOOST_TEST(accuracy(f64({20000, 2}, logits), labelled(rows, labels)) == wanted);
    const Tensor single = cast(f64({20000, 2}, logits), DType::f32);
    BOOST_TEST(accuracy(single, labelled(rows, labels)) == wanted);
}

BOOST_AUTO_TEST_CASE(accuracy_records_nothing) {
    const Tensor logits = parameter(f64({1, 2}, {1, 3}));
    Tape tape;
    accuracy(logits, labelled({0}, {1}));
    BOOST_TEST(tape.nodes().empty());
}

BOOST_AUTO_TEST_CASE(bad_rows_and_labels_are_refused) {
    expect_error<DataError>([] { labelled({}, {0, 1}); }, {"at least one row"});
    expect_error<IndexError>([] { labelled({0, 2}, {0, 1}); }, {"0 to 1", "2 at entry 1"});
    expect_error<IndexError>([] { labelled({-1}, {0, 1}); }, {"-1"});
    expect_error<IndexError>([] { labelled({0, 1}, {0, -1}); }, {"classes from 0 to 1", "-1"});
    expect_error<IndexError>([] { labelled({1}, {0, 2}); }, {"classes from 0 to 1", "2"});
    BOOST_CHECK_NO_THROW(labelled({1}, {-1, 1}));  // a node without a label that no split uses
}

BOOST_AUTO_TEST_SUITE_END()
