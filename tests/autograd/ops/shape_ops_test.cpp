#include "autograd/ops/shape_ops.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "autograd/errors.hpp"
#include "autograd/op.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

// Exact in all three dtypes.
std::vector<double> counting(const Shape& shape) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) + 1;
    return values;
}

Tensor counting_tensor(const Shape& shape, DType dtype = DType::f64) { return tensor(shape, counting(shape), dtype); }

constexpr DType all_types[] = {DType::f32, DType::f64, DType::i32};

BOOST_AUTO_TEST_SUITE(autograd_ops_shape)

BOOST_AUTO_TEST_CASE(reshape_shares_memory_and_keeps_the_order) {
    for (const DType dtype : all_types) {
        const Tensor x = counting_tensor({2, 3, 4}, dtype);
        for (const auto& [shape, wanted] : std::initializer_list<std::pair<Shape, Shape>>{
                 {{6, 4}, {6, 4}}, {{-1}, {24}}, {{4, -1, 2}, {4, 3, 2}}, {{2, 3, 4, -1, 1}, {2, 3, 4, 1, 1}}}) {
            const Tensor y = reshape(x, shape);
            BOOST_TEST(approximately(y, wanted, counting({24})));
            BOOST_TEST(y.array().data == x.array().data);
        }
    }
    BOOST_TEST(approximately(reshape(tensor({0, 3}, {}), {-1, 3}), {0, 3}, {}));
    BOOST_TEST(approximately(reshape(tensor({1, 1}, {7}), {}), {}, {7}));
    BOOST_TEST(approximately(reshape(tensor({}, {7}), {1, -1}), {1, 1}, {7}));
}

BOOST_AUTO_TEST_CASE(reshape_to_another_size_is_refused) {
    const Tensor x = counting_tensor({2, 3});
    for (const Shape& shape :
         {Shape{5}, Shape{-1, -1}, Shape{-1, 4}, Shape{-2, -3}, Shape{-1, 0}, Shape{}, Shape{6, -2}})
        expect_error<ShapeError>([&] { reshape(x, shape); }, {"reshape:", "[2, 3]", to_string(shape)});
    expect_error<ShapeError>([] { reshape(tensor({0}, {}), {0, -1}); }, {"reshape:", "[0, -1]"});
}

BOOST_AUTO_TEST_CASE(transpose_moves_every_element_to_its_place) {
    struct Case {
        Shape shape;
        Dims permutation;
    };
    for (const auto& [shape, permutation] :
         {Case{{}, {}}, Case{{5}, {0}}, Case{{2, 3}, {1, 0}}, Case{{2, 3}, {-1, 0}}, Case{{2, 3, 4}, {2, 0, 1}},
          Case{{2, 3, 4}, {0, -1, 1}}, Case{{2, 0, 4}, {2, 1, 0}}, Case{{2, 1, 3, 2, 1, 2}, {5, 3, 1, 0, 2, 4}}})
        for (const DType dtype : all_types) {
            std::vector<std::size_t> source_axis;
            Shape wanted_shape;
            for (const std::int64_t axis : permutation) {
                source_axis.push_back(
                    static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(shape.rank()) : axis));
                wanted_shape.push_back(shape[source_axis.back()]);
            }
            std::vector<double> wanted;
            for (const Index& to : indices(wanted_shape)) {
                Index from = to;
                for (std::size_t i = 0; i < to.size(); ++i) from[source_axis[i]] = to[i];
                wanted.push_back(counting(shape)[position(shape, from)]);
            }
            BOOST_TEST(approximately(transpose(counting_tensor(shape, dtype), permutation), wanted_shape, wanted));
        }
    BOOST_TEST(approximately(transpose(counting_tensor({2, 3})), {3, 2}, {1, 4, 2, 5, 3, 6}));
    BOOST_TEST(approximately(transpose(counting_tensor({2, 1, 3})), {2, 3, 1}, counting({6})));
}

BOOST_AUTO_TEST_CASE(a_list_that_is_no_permutation_is_refused) {
    const Tensor x = counting_tensor({2, 3});
    for (const Dims& permutation : {Dims{0}, Dims{0, 0}, Dims{0, 1, 2}, Dims{1, -1}, Dims{0, 2}, Dims{-3, 0}, Dims{}})
        expect_error<ShapeError>([&] { transpose(x, permutation); }, {"transpose:"});
    expect_error<ShapeError>([] { transpose(counting_tensor({3})); }, {"transpose:", "[3]"});
}

BOOST_AUTO_TEST_CASE(expand_repeats_by_broadcasting) {
    struct Case {
        Shape from, to;
    };
    for (const auto& [from, to] :
         {Case{{}, {}}, Case{{}, {2, 3}}, Case{{3}, {2, 3}}, Case{{3, 1}, {3, 4}}, Case{{2, 1, 3}, {2, 2, 3}},
          Case{{1, 3}, {0, 3}}, Case{{2, 1}, {2, 0}}, Case{{2, 1}, {1, 2, 1, 3, 2, 2}}})
        for (const DType dtype : all_types) {
            std::vector<double> wanted;
            for (const Index& index : indices(to)) wanted.push_back(counting(from)[position(from, index)]);
            BOOST_TEST(approximately(expand(counting_tensor(from, dtype), to), to, wanted));
        }
    for (const Case& bad : {Case{{3}, {2}}, Case{{2, 3}, {3}}, Case{{2, 3}, {2, 1}}, Case{{0}, {3}}})
        expect_error<ShapeError>([&] { expand(counting_tensor(bad.from), bad.to); },
                                 {"expand:", to_string(bad.from), to_string(bad.to)});
    expect_error<ShapeError>([] { expand(counting_tensor({1}), {-1}); }, {"expand:", "[1] to [-1]"});
    const std::int64_t many = std::int64_t{1} << 58;
    const Attributes beyond{{"shape", Dims{many, many}}};
    expect_error<ShapeError>([&] { infer_outputs(find_op("expand"), Tensors{counting_tensor({1})}, beyond); },
                             {"at most 2^59 elements"});
}

BOOST_AUTO_TEST_CASE(slice_and_embed_are_each_other_s_inverse) {
    struct Case {
        Shape shape;
        Dims start, stop, step;
        Shape part;
    };
    for (const auto& [shape, start, stop, step, part] :
         {Case{{}, {}, {}, {}, {}}, Case{{7}, {0}, {7}, {1}, {7}}, Case{{7}, {1}, {7}, {3}, {2}},
          Case{{7}, {2}, {2}, {1}, {0}}, Case{{7}, {6}, {7}, {100}, {1}}, Case{{5, 7}, {1, 0}, {4, 6}, {2, 5}, {2, 2}},
          Case{{3, 0}, {0, 0}, {3, 0}, {2, 1}, {2, 0}},
          Case{{5, 7}, {4, 0}, {5, 7}, {std::numeric_limits<std::int64_t>::max(), 1}, {1, 7}},
          Case{{2, 3, 2, 3, 2, 3}, {0, 1, 0, 2, 1, 0}, {2, 3, 1, 3, 2, 3}, {1, 1, 1, 1, 1, 2}, {2, 2, 1, 1, 1, 2}}})
        for (const DType dtype : all_types) {
            BOOST_TEST_CONTEXT(to_string(shape) << " from " << to_string(start) << " by " << to_string(step)) {
                const std::vector<double> values = counting(shape);
                std::vector<double> wanted, kept(values.size());
                for (const Index& index : indices(part)) {
                    Index from = index;
                    for (std::size_t axis = 0; axis < from.size(); ++axis)
                        from[axis] = start[axis] + index[axis] * step[axis];
                    wanted.push_back(values[position(shape, from)]);
                    kept[position(shape, from)] = wanted.back();
                }
                const Tensor got = slice(counting_tensor(shape, dtype), start, stop, step);
                BOOST_TEST(approximately(got, part, wanted));
                BOOST_TEST(approximately(embed(got, shape, start, step), shape, kept));
            }
        }
    const auto embedded = [](const Tensor& x) { return embed(x, {5}, {1}, {3}); };
    BOOST_TEST(approximately(gradient_of_sum(embedded, tensor({0}, {})), {0}, {}));
    BOOST_TEST(approximately(gradient_of_sum(embedded, tensor({2}, {7, 8})), {2}, {1, 1}));
    BOOST_TEST(approximately(slice(counting_tensor({2, 3}), {0, 1}, {2, 3}), {2, 2}, {2, 3, 5, 6}));
    BOOST_TEST(approximately(narrow(counting_tensor({2, 3}), -1, 0, 1), {2, 1}, {1, 4}));
    BOOST_TEST(approximately(narrow(counting_tensor({2, 3}), 0, 1, 2), {1, 3}, {4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(slices_beyond_the_tensor_are_refused) {
    struct Case {
        Dims start, stop, step;
    };
    const Tensor x = counting_tensor({2, 3});
    for (const Case& bad : {Case{{0, 0}, {2, 4}, {1, 1}}, Case{{-1, 0}, {2, 3}, {1, 1}}, Case{{1, 0}, {0, 3}, {1, 1}},
                            Case{{0, 0}, {2, 3}, {0, 1}}, Case{{0, 0}, {2, 3}, {-1, 1}}, Case{{0}, {2}, {1}},
                            Case{{0, 0, 0}, {2, 3, 1}, {1, 1, 1}}, Case{{3, 0}, {3, 3}, {1, 1}}})
        expect_error<ShapeError>([&] { slice(x, bad.start, bad.stop, bad.step); },
                                 {"slice:", "[2, 3]", to_string(bad.start), to_string(bad.stop), to_string(bad.step)});
    expect_error<ShapeError>([&] { narrow(x, 2, 0, 1); }, {"narrow:", "2"});
    expect_error<ShapeError>([&] { narrow(x, -3, 0, 1); }, {"narrow:", "-3"});

    struct Place {
        Shape shape;
        Dims start, step;
    };
    for (const Place& bad :
         {Place{{2, 2}, {0, 0}, {1, 1}}, Place{{2, 3}, {1, 0}, {1, 1}}, Place{{5, 6}, {0, 0}, {1, 3}},
          Place{{3, 3}, {-1, 0}, {1, 1}}, Place{{2, 3}, {0, 0}, {0, 1}}, Place{{6}, {0}, {1}}})
        expect_error<ShapeError>([&] { embed(x, bad.shape, bad.start, bad.step); },
                                 {"embed:", "[2, 3]", to_string(bad.shape)});
    expect_error<ShapeError>([] { embed(counting_tensor({0}), {-1}, {0}, {1}); }, {"embed:", "[-1]"});
    // Nothing has a place too: its gradient is taken from there.
    expect_error<ShapeError>([] { embed(counting_tensor({0}), {3}, {4}, {1}); }, {"embed:", "[3]", "[4]"});
    BOOST_TEST(approximately(embed(counting_tensor({0}), {3}, {3}, {1}), {3}, {0, 0, 0}));
    const std::int64_t many = std::int64_t{1} << 58;
    const Attributes beyond{{"shape", Dims{many, many}}, {"start", Dims{0, 0}}, {"step", Dims{1, 1}}};
    expect_error<ShapeError>(
        [&] {
            infer_outputs(find_op("embed"), Tensors{counting_tensor({1, 1})}, beyond);
        },
        {"at most 2^59 elements"});
}

BOOST_AUTO_TEST_CASE(cast_rounds_to_the_nearest_float_and_truncates_to_integers) {
    const double third = 1.0 / 3;
    const Tensor x = tensor({6}, {third, 2.9, -2.9, 0.5, 1e10, nan});
    const Tensor narrowed = cast(x, DType::f32);
    BOOST_TEST((narrowed.dtype() == DType::f32));
    BOOST_TEST(narrowed.values<float>()[0] == 1.0f / 3);
    BOOST_TEST(cast(narrowed, DType::f64).values<double>()[0] == static_cast<double>(1.0f / 3));
    // Towards zero, and the nearest there is beyond 2^31 - 1.
    BOOST_TEST(approximately(cast(x, DType::i32), {6}, {0, 2, -2, 0, 2147483647, 0}));
    BOOST_TEST(approximately(cast(tensor({2}, {-7, 16777217}, DType::i32), DType::f32), {2}, {-7, 16777216}, 0));

    Tape tape;
    tape.watch(x);
    const Tensor gradient = tape.gradient(sum(cast(x, DType::f32) * 2.0f), {x})[0];
    BOOST_TEST((gradient.dtype() == DType::f64));
    BOOST_TEST(approximately(gradient, {6}, {2, 2, 2, 2, 2, 2}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
