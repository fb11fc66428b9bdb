#include "autograd/captured_work.hpp"

#include <optional>
#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/backends/recording_backend.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

Tensor vector_of(const BackendPtr& backend, const std::vector<float>& values) {
    return from_values(backend, {static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_captured_work, *boost::unit_test::precondition(can_record))

BOOST_AUTO_TEST_CASE(replay_computes_with_what_the_tensors_hold_by_then) {
    const BackendPtr backend = recording_backend();
    Tensor x = vector_of(backend, {1, 2, 3}), y = vector_of(backend, {0, 0, 0});
    CapturedWork work(backend, [&] { assign(y, x * 2.0 + x * x); });
    BOOST_TEST(y.values<float>() == (std::vector<float>{0, 0, 0}), boost::test_tools::per_element());
    work.replay();
    BOOST_TEST(y.values<float>() == (std::vector<float>{3, 8, 15}), boost::test_tools::per_element());
    assign(x, vector_of(backend, {4, 5, 6}));
    work.replay();
    BOOST_TEST(y.values<float>() == (std::vector<float>{24, 35, 48}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_recorded_gradient_is_that_of_the_values_by_then) {
    const BackendPtr backend = recording_backend();
    Tensor x = vector_of(backend, {1, 2, 3});
    std::optional<Tensor> gradient;
    CapturedWork work(backend, [&] {
        Tape tape;
        tape.watch(x);
        gradient = tape.gradient(sum(x * x * x), {x})[0];
    });
    assign(x, vector_of(backend, {1, -2, 4}));
    work.replay();
    BOOST_TEST(gradient->values<float>() == (std::vector<float>{3, 12, 48}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(recorded_kernels_and_others_leave_each_others_memory_alone) {
    const BackendPtr backend = recording_backend();
    Tensor x = vector_of(backend, std::vector<float>(100, 2));
    std::optional<Tensor> y, from_before = vector_of(backend, std::vector<float>(100, 5));
    CapturedWork work(backend, [&] {
        y = (x + *from_before) * x;  // x + ... is gone when it is recorded
        from_before.reset();         // what was recorded still reads it
    });
    std::vector<Tensor> others;
    for (float value = 0; value < 20; ++value) others.push_back(vector_of(backend, std::vector<float>(100, value)));
    work.replay();
    work.replay();
    BOOST_TEST(y->values<float>() == std::vector<float>(100, 14), boost::test_tools::per_element());
    for (float value = 0; value < 20; ++value)
        BOOST_TEST(others[static_cast<std::size_t>(value)].values<float>() == std::vector<float>(100, value),
                   boost::test_tools::per_element());

    y.reset();  // not given to others either while the work lives
    const Tensor late = vector_of(backend, std::vector<float>(100, 1));
    work.replay();
    BOOST_TEST(late.values<float>() == std::vector<float>(100, 1), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(memory_is_free_again_after_the_work) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, {1, 2, 3});
    const std::size_t before = backend->bytes_in_use();
    for (int i = 0; i < 3; ++i) {
        std::optional<Tensor> outlives;
        {
            CapturedWork work(backend, [&] { outlives = x * 3.0 + 1.0; });
            work.replay();
        }
        BOOST_TEST(outlives->values<float>() == (std::vector<float>{4, 7, 10}), boost::test_tools::per_element());
    }
    BOOST_TEST(backend->bytes_in_use() == before);
}

BOOST_AUTO_TEST_CASE(memory_that_work_uses_counts_as_in_use_until_the_work_is_gone,
                     *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, std::vector<float>(1024, 2));  // 4096 bytes, a size of blocks
    (x * 3.0) + 1.0;                                                   // what is made for the first use alone
    const std::size_t before = backend->bytes_in_use();
    BOOST_CHECK_THROW(CapturedWork(backend,
                                   [&] {
                                       const Tensor y = x * 3.0;
                                       throw std::runtime_error("in between");
                                   }),
                      std::runtime_error);
    BOOST_TEST(backend->bytes_in_use() == before, "after a recording that threw");
    {
        Tensor y;
        CapturedWork work(backend, [&] { y = x * 3.0 + 1.0; });
        const std::size_t with_work = backend->bytes_in_use();
        BOOST_TEST(with_work >= before + 2 * 4096, "y, and x * 3 though nobody holds it");
        work.replay();
        BOOST_TEST(backend->bytes_in_use() == with_work);
        y = {};
        BOOST_TEST(backend->bytes_in_use() == with_work, "a graph may be replayed again");
        CapturedWork next(
            backend, [&] { y = x * 5.0; }, &work);
        BOOST_TEST(backend->bytes_in_use() == with_work, "the second uses what the first is done with");
        y = {};
    }
    BOOST_TEST(backend->bytes_in_use() == before);
}

BOOST_AUTO_TEST_CASE(a_memory_limit_holds_for_recorded_work_too, *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, std::vector<float>(1024, 2));
    { const Tensor kept = vector_of(backend, std::vector<float>(900, 1)), other = exp(kept); }
    backend->set_memory_limit(3 * 4096);
    Tensor y;
    CapturedWork work(backend, [&] { y = x * 3.0 + 1.0; });  // what was kept for reuse gives way
    work.replay();
    BOOST_TEST(y.values<float>() == std::vector<float>(1024, 7), boost::test_tools::per_element());
    BOOST_CHECK_THROW(CapturedWork(backend, [&] { const Tensor z = x * y; }), MemoryLimitError);
    work.replay();
    BOOST_TEST(y.values<float>() == std::vector<float>(1024, 7), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(work_that_follows_another_uses_its_memory_again) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, std::vector<float>(5000, 2));
    const auto allocations = [&](bool shares) {
        Tensor y, z;
        CapturedWork first(backend, [&] { y = x * 3.0 + 1.0; });
        const std::uint64_t before = backend->plugin_allocations();
        CapturedWork second(
            backend, [&] { z = y * y + 1.0; }, shares ? &first : nullptr);
        const std::uint64_t asked = backend->plugin_allocations() - before;
        for (int i = 0; i < 2; ++i) {
            first.replay();
            second.replay();
            BOOST_TEST(z.values<float>() == std::vector<float>(5000, 50), boost::test_tools::per_element());
        }
        return asked;
    };
    BOOST_TEST(allocations(true) < allocations(false));
    BOOST_TEST((x + x).values<float>() == std::vector<float>(5000, 4), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(work_knows_how_many_launches_it_is) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, {1, 2});
    BOOST_TEST(CapturedWork(backend, [&] { exp(exp(x) + x); }).size() == 3);
    BOOST_TEST(CapturedWork(backend, [] {}).size() == 0);
}

BOOST_AUTO_TEST_CASE(uploads_and_downloads_cannot_be_recorded_and_the_backend_computes_on) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, {1, 2});
    const auto refused = [](const BackendError& error) {
        return std::string(error.what()).find("kernels alone while they are recorded") != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(CapturedWork(backend, [&] { vector_of(backend, {1}); }), BackendError, refused);
    BOOST_CHECK_EXCEPTION(CapturedWork(backend, [&] { sum(x).item(); }), BackendError, refused);
    BOOST_TEST((x + x).values<float>() == (std::vector<float>{2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_work_throws_passes_through_and_nothing_stays_recorded) {
    const BackendPtr backend = recording_backend();
    const Tensor x = vector_of(backend, {1, 2});
    BOOST_CHECK_THROW(CapturedWork(backend,
                                   [&] {
                                       const Tensor y = x + x;
                                       throw std::out_of_range("far");
                                   }),
                      std::out_of_range);
    BOOST_TEST((x + x).values<float>() == (std::vector<float>{2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_backend_that_cannot_record_is_refused_by_name) {
    const BackendPtr backend = open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so");
    BOOST_TEST(!backend->can_capture());
    BOOST_CHECK_EXCEPTION(CapturedWork(backend, [] {}), BackendError, [](const BackendError& error) {
        return std::string(error.what()).find("reference") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
