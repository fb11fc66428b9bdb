#include "autograd/grouping.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Index = std::vector<std::int32_t>;

Grouping group(const Index& index, std::int64_t groups) { return make_grouping(reference(), index, groups); }

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_grouping)

BOOST_AUTO_TEST_CASE(order_and_offsets_of_a_hand_worked_index) {
    const Grouping grouping = group({2, 0, 2, 4, 0, 2}, 6);
    BOOST_TEST(approximately(grouping.index, {6}, {2, 0, 2, 4, 0, 2}));
    BOOST_TEST(approximately(grouping.order, {6}, {1, 4, 0, 2, 5, 3}));
    BOOST_TEST(approximately(grouping.offsets, {7}, {0, 2, 2, 5, 5, 6, 6}));
    BOOST_TEST(grouping.entries() == 6);
    BOOST_TEST(grouping.groups() == 6);
    for (const Tensor& part : {grouping.index, grouping.order, grouping.offsets})
        BOOST_TEST((part.dtype() == DType::i32));
}

BOOST_AUTO_TEST_CASE(no_entries_and_no_groups) {
    BOOST_TEST(approximately(group({}, 3).offsets, {4}, {0, 0, 0, 0}));
    BOOST_TEST(approximately(group({}, 0).offsets, {1}, {0}));
    BOOST_TEST(group({}, 0).groups() == 0);
    BOOST_TEST(group({}, 0).entries() == 0);
}

BOOST_AUTO_TEST_CASE(index_out_of_range_is_named_with_its_entry) {
    expect_error<IndexError>([] { group({0, 1, 3, 5}, 3); }, {"make_grouping", "from 0 to 2", "3 at entry 2"});
    expect_error<IndexError>([] { group({0, -1}, 3); }, {"make_grouping", "from 0 to 2", "-1 at entry 1"});
    expect_error<IndexError>([] { group({0}, 0); }, {"make_grouping", "0 at entry 0"});
}

BOOST_AUTO_TEST_CASE(negative_number_of_groups_is_refused) {
    expect_error<IndexError>([] { group({}, -1); }, {"make_grouping", "from 0 to 2147483646", "-1 groups"});
    expect_error<IndexError>([] { group({0}, -5); }, {"make_grouping", "-5 groups"});
}

BOOST_AUTO_TEST_SUITE_END()
