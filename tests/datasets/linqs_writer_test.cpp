#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/linqs.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

Dataset three_papers() {
    Dataset dataset;
    dataset.name = "three";
    dataset.nodes = 3;
    dataset.features = {3, 3, {0, 2, 2, 3}, {0, 2, 1}, {1, 0.1F, -2.5F}};
    dataset.class_names = {"Agents", "Theory"};
    dataset.labels = {1, 0, 1};
    dataset.node_names = {"x9", "y", "17"};
    dataset.edges = {{0, 1}, {2, 0}, {0, 1}, {1, 1}};
    return dataset;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_linqs_writer)

BOOST_AUTO_TEST_CASE(files_are_those_written_by_hand) {
    const TemporaryFolder folder;
    write_linqs(three_papers(), folder.path() / "new");
    BOOST_TEST(read_file(folder.path() / "new/three.content") ==
               "x9\t1\t0\t0.1\tTheory\n"
               "y\t0\t0\t0\tAgents\n"
               "17\t0\t-2.5\t0\tTheory\n");
    BOOST_TEST(read_file(folder.path() / "new/three.cites") == "x9\ty\n17\tx9\nx9\ty\ny\ty\n");
}

BOOST_AUTO_TEST_CASE(loader_gives_the_same_back) {
    const TemporaryFolder folder;
    write_linqs(three_papers(), folder.path());
    BOOST_TEST((load_linqs(folder.path() / "three.content", folder.path() / "three.cites") == three_papers()));
}

BOOST_AUTO_TEST_CASE(what_the_form_cannot_hold_is_refused_and_nothing_is_written) {
    const TemporaryFolder folder;
    const auto refused = [&](auto change, std::initializer_list<std::string> parts) {
        Dataset dataset = three_papers();
        change(dataset);
        expect_error<DataError>([&] { write_linqs(dataset, folder.path() / "new"); }, parts);
        BOOST_TEST(!std::filesystem::exists(folder.path() / "new"));
    };
    refused([](Dataset& dataset) { dataset.labels[1] = unlabelled; }, {"node 1 (y)", "a label, got none"});
    refused([](Dataset& dataset) { dataset.node_names[0] = "x 9"; }, {"node names", "'x 9'"});
    refused([](Dataset& dataset) { dataset.node_names[0] = ""; }, {"node names", "''"});
    refused([](Dataset& dataset) { dataset.node_names[0] = "\xef\xbb\xbfx"; }, {"node names"});
    refused([](Dataset& dataset) { dataset.class_names[0] = "Neural networks"; }, {"class names", "'Neural networks'"});
    refused([](Dataset& dataset) { dataset.features.columns = 1000000000; }, {"below 2 GiB", "3 nodes"});
    refused([](Dataset& dataset) { dataset.labels.pop_back(); }, {"labels"});
}

BOOST_AUTO_TEST_SUITE_END()
