#include "autograd/kernels.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/ops/shape_ops.hpp"
#include "tests/autograd/kernel_log.hpp"

namespace tapegrad::testing {

BOOST_AUTO_TEST_SUITE(autograd_kernels)

// The integers of strided_copy: rank, extents, offset and strides of the source, offset and strides of the target.
BOOST_AUTO_TEST_CASE(axes_that_both_sides_walk_in_one_stride_are_copied_as_one) {
    KernelLog log;
    const Tensor x = full(log.backend(), {5, 4, 3}, 1);
    log.take();
    narrow(x, 0, 2, 4);
    BOOST_TEST(log.take() == "strided_copy (1 24 24 1 0 1)");
    narrow(x, 1, 1, 3);
    BOOST_TEST(log.take() == "strided_copy (2 5 6 3 12 1 0 6 1)");
    narrow(x, 2, 0, 2);
    BOOST_TEST(log.take() == "strided_copy (2 20 2 0 3 1 0 2 1)");
    transpose(x, {1, 2, 0});
    BOOST_TEST(log.take() == "strided_copy (2 12 5 0 1 12 0 5 1)");
}

BOOST_AUTO_TEST_CASE(axes_of_one_element_are_not_walked) {
    KernelLog log;
    const Tensor x = full(log.backend(), {5, 4, 3}, 1), column = full(log.backend(), {4, 1}, 1);
    log.take();
    narrow(x, 1, 1, 2);
    BOOST_TEST(log.take() == "strided_copy (2 5 3 3 12 1 0 3 1)");
    narrow(x, 2, 1, 2);
    BOOST_TEST(log.take() == "strided_copy (1 20 1 3 0 1)");
    expand(column, {4, 3});
    BOOST_TEST(log.take() == "strided_copy (2 4 3 0 1 0 0 3 1)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tapegrad::testing
