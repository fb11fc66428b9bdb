#include "autograd/download.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "autograd/captured_work.hpp"
#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/wrapped_plugin.hpp"
#include "tests/backends/recording_backend.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// The elements of a tensor after it was overwritten, while they were on their way.
void check_elements_of_then(const BackendPtr& backend) {
    for (const DType dtype : {DType::f32, DType::f64, DType::i32}) {
        const Tensor x = from_values(backend, {3}, std::vector<double>{1, -2, 3}, dtype);
        Download download(x);
        assign(x, full(backend, {3}, 7, dtype));
        BOOST_TEST(download.take() == (std::vector<double>{1, -2, 3}), boost::test_tools::per_element());
        BOOST_TEST(x.values<double>() == (std::vector<double>{7, 7, 7}), boost::test_tools::per_element());
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_download)

BOOST_AUTO_TEST_CASE(the_elements_are_those_of_when_it_was_begun) {
    WrappedPlugin plugin("waits");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    BOOST_TEST(!backend->can_download_later());
    check_elements_of_then(backend);
}

BOOST_AUTO_TEST_CASE(the_elements_are_those_of_when_it_was_begun_on_a_device,
                     *boost::unit_test::precondition(can_record)) {
    BOOST_TEST_REQUIRE(recording_backend()->can_download_later());
    check_elements_of_then(recording_backend());
}

BOOST_AUTO_TEST_CASE(an_empty_tensor_has_no_elements, *boost::unit_test::precondition(can_record)) {
    BOOST_TEST(Download(full(recording_backend(), {0, 2}, 1)).take().empty());
}

BOOST_AUTO_TEST_CASE(downloads_of_any_size_may_be_finished_in_any_order_or_dropped,
                     *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    std::deque<std::optional<Download>> downloads;
    const std::vector<std::int64_t> sizes = {1, 5000, 3, 20000, 2};
    const auto begin = [&](double first) {
        downloads.clear();
        for (const std::int64_t size : sizes)
            downloads.emplace_back().emplace(full(backend, {size}, first + static_cast<double>(size)));
    };
    const auto check = [&](std::size_t i, double first) {
        const auto size = static_cast<std::size_t>(sizes[i]);
        const std::vector<double> wanted(size, first + static_cast<double>(size));
        BOOST_CHECK(downloads[i]->take() == wanted);
    };
    begin(0);
    for (const std::size_t i : {3, 0, 4, 1, 2}) check(i, 0);
    begin(0.5);
    downloads[2].reset();
    downloads[3].reset();
    check(4, 0.5);
    check(0, 0.5);
    begin(1);  // the places of those dropped and of those finished are used again
    for (const std::size_t i : {4, 3, 2, 1, 0}) check(i, 1);
}

BOOST_AUTO_TEST_CASE(a_download_keeps_its_backend_alive, *boost::unit_test::precondition(can_record)) {
    std::optional<Download> download;
    std::weak_ptr<Backend> opened;
    {
        const BackendPtr backend = recording_backend();
        opened = backend;
        download.emplace(full(backend, {2}, 4));
    }
    BOOST_TEST(!opened.expired());
    BOOST_TEST(download->take() == (std::vector<double>{4, 4}), boost::test_tools::per_element());
    download.reset();
    BOOST_TEST(opened.expired());
}

BOOST_AUTO_TEST_CASE(a_download_is_refused_while_kernels_are_recorded, *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    const Tensor x = full(backend, {2}, 4);
    BOOST_CHECK_EXCEPTION(CapturedWork(backend, [&] { Download{x}; }), BackendError, [](const BackendError& error) {
        return std::string(error.what()).find("a download") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(downloads_may_end_while_kernels_are_recorded, *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    Tensor x = full(backend, {2}, 4);
    std::optional<Download> dropped, taken;
    dropped.emplace(x);
    taken.emplace(x);
    std::vector<double> got;
    CapturedWork work(backend, [&] {
        assign(x, x + 1.0);
        dropped.reset();
        got = taken->take();
    });
    BOOST_TEST(got == (std::vector<double>{4, 4}), boost::test_tools::per_element());
    work.replay();
    BOOST_TEST(x.values<double>() == (std::vector<double>{5, 5}), boost::test_tools::per_element());
}

// Steps upload a few numbers each; a place of page-locked memory is written again only when the device has read it.
BOOST_AUTO_TEST_CASE(uploads_one_after_another_arrive_as_they_were_sent, *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    const Tensor x = full(backend, {2}, 0);
    Tensor sum = full(backend, {2}, 0);
    for (int i = 1; i <= 20; ++i) {
        assign(x, std::vector<double>{1.0 * i, 2.0 * i});
        sum = sum + x;
    }
    BOOST_TEST(sum.values<double>() == (std::vector<double>{210, 420}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_fails_is_told_by_the_plugin) {
    static int begun, finished;
    static bool dropped_bytes;
    begun = finished = 0;
    WrappedPlugin plugin("fails");
    plugin.table.begin_download = [](tg_context*, const void*, std::size_t, tg_download**) -> int {
        return ++begun == 1 ? TG_FAILED : TG_OK;
    };
    plugin.table.finish_download = [](tg_context*, tg_download*, void* to_host) -> int {
        dropped_bytes = to_host == nullptr;
        ++finished;
        return TG_FAILED;
    };
    plugin.table.last_error = [](tg_context*) { return "the wire is cut"; };
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const Tensor x = full(backend, {2}, 4);
    const auto told = [](const BackendError& error) {
        return std::string(error.what()).find("the wire is cut") != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(Download{x}, BackendError, told);
    BOOST_TEST(finished == 0, "nothing was begun");
    {
        static int place;
        plugin.table.begin_download = [](tg_context*, const void*, std::size_t, tg_download** download) -> int {
            *download = reinterpret_cast<tg_download*>(&place);
            return TG_OK;
        };
        Download download(x);
        BOOST_CHECK_EXCEPTION(download.take(), BackendError, told);
    }
    BOOST_TEST(finished == 1, "a download is finished once, also when it fails");
    { const Download dropped(x); }
    BOOST_TEST(finished == 2, "a download that nobody takes is finished too");
    BOOST_TEST(dropped_bytes);
}

BOOST_AUTO_TEST_SUITE_END()
