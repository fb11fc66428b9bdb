#include "tools/reports/report_data.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tools/reports/report_fixture.hpp"
#include "tools/reports/write_report.hpp"
#include "tools/training/epoch_metrics.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

using Numbers = std::vector<std::int32_t>;

json report_of(const PreparedRun& run, const std::filesystem::path& folder, MapMethod map = MapMethod::pca) {
    return report_data({folder, run.config, *run.model, run.dataset, *run.data, map});
}

std::vector<std::vector<float>> weights_of(const PreparedRun& run) {
    std::vector<std::vector<float>> weights;
    for (const auto& [name, value] : run.model->parameters()) weights.push_back(value.values<float>());
    return weights;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_report_data)

BOOST_AUTO_TEST_CASE(nodes_and_edges_are_those_of_the_graph) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const json report = report_of(run, folder.path());
    BOOST_CHECK(report["classes"] == json({"a", "b"}));
    const json& nodes = report["nodes"];
    BOOST_TEST(nodes["count"] == 6);
    BOOST_CHECK(nodes["names"] == json({"n0", "n1", "n2", "n3", "n4", "n5"}));
    BOOST_TEST(unpacked<std::int8_t>(nodes["label"]) == (std::vector<std::int8_t>{0, 1, 0, 1, 0, -1}),
               boost::test_tools::per_element());
    BOOST_TEST(unpacked<std::uint8_t>(nodes["split"]) == (std::vector<std::uint8_t>{1, 1, 2, 2, 3, 0}),
               boost::test_tools::per_element());

    // A ring in both directions with self loops: three edges into each node.
    BOOST_TEST(unpacked<std::int32_t>(report["edges"]["offsets"]) == (Numbers{0, 3, 6, 9, 12, 15, 18}),
               boost::test_tools::per_element());
    const Numbers sources = unpacked<std::int32_t>(report["edges"]["sources"]);
    for (std::int32_t node = 0; node < 6; ++node) {
        Numbers heard(sources.begin() + 3 * node, sources.begin() + 3 * node + 3);
        std::ranges::sort(heard);
        Numbers expected{node, (node + 1) % 6, (node + 5) % 6};
        std::ranges::sort(expected);
        BOOST_TEST(heard == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(predictions_are_those_of_the_model) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const json report = report_of(run, folder.path());
    const auto logits =
        std::get<Tensor>(run.model->forward(run.data->features, {.graph = &run.data->graph})).values<float>();
    const auto predicted = unpacked<std::int8_t>(report["nodes"]["predicted"]);
    const auto probabilities = unpacked<std::uint16_t>(report["nodes"]["probabilities"]);
    for (std::size_t node = 0; node < 6; ++node) {
        const double odds = std::exp(double{logits[2 * node + 1]} - logits[2 * node]);
        BOOST_TEST(predicted[node] == (odds > 1));
        BOOST_TEST(std::abs(probabilities[2 * node + 1] / 65535. - odds / (1 + odds)) < 1e-5);
    }
    const std::size_t of_test = 4;
    BOOST_TEST(report["evaluation"]["test"]["accuracy"] == (predicted[of_test] == 0 ? 1 : 0));
    BOOST_TEST(report["evaluation"]["test"]["per_class"][0]["support"] == 1);
    BOOST_TEST(report["evaluation"]["train"]["per_class"].size() == 2U);
    BOOST_CHECK(report["evaluation"].contains("val"));
}

BOOST_AUTO_TEST_CASE(attention_has_a_row_for_each_edge_of_each_attending_layer) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const json attention = report_of(run, folder.path())["attention"];
    BOOST_REQUIRE(attention.size() == 2U);
    BOOST_TEST(attention[0]["layer"] == "0");
    BOOST_TEST(attention[0]["type"] == "gat");
    BOOST_TEST(attention[0]["heads"] == 3);
    BOOST_TEST(attention[1]["layer"] == "2");
    BOOST_TEST(attention[1]["heads"] == 1);
    const auto weights = unpacked<std::uint16_t>(attention[0]["weights"]);
    BOOST_REQUIRE(weights.size() == 18U * 3);
    for (std::size_t node = 0; node < 6; ++node)
        for (std::size_t head = 0; head < 3; ++head) {
            double sum = 0;
            for (std::size_t edge = 3 * node; edge < 3 * node + 3; ++edge) sum += weights[edge * 3 + head] / 65535.;
            BOOST_TEST(sum == 1, boost::test_tools::tolerance(1e-4));
        }
    BOOST_TEST(attention[0]["mean_uniform_entropy"].get<double>() == std::log(3.0),
               boost::test_tools::tolerance(1e-12));
    for (const json& mean : attention[0]["mean_entropy"]) BOOST_TEST(mean.get<double>() <= std::log(3.0) + 1e-6);
}

BOOST_AUTO_TEST_CASE(what_a_model_does_not_have_is_absent) {
    const PreparedRun convolution(
        R"([{"type": "gcn", "out_features": 3}, {"type": "relu"}, {"type": "gcn", "out_features": "classes"}])");
    const TemporaryFolder folder;
    const json report = report_of(convolution, folder.path());
    for (const char* key : {"attention", "metrics", "result", "run", "best_epoch"}) BOOST_TEST(!report.contains(key));
    for (const char* key : {"edges", "nodes", "evaluation", "embedding", "tape", "ops", "title", "version", "created"})
        BOOST_TEST(report.contains(key));
}

BOOST_AUTO_TEST_CASE(the_map_says_what_it_shows) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const json pca = report_of(run, folder.path())["embedding"];
    BOOST_TEST(pca["method"] == "PCA");
    BOOST_TEST(pca["of"] == "input of the last layer");
    BOOST_TEST(unpacked<float>(pca["x"]).size() == 6U);
    BOOST_TEST(pca["explained"].size() == 2U);
    const json tsne = report_of(run, folder.path(), MapMethod::tsne)["embedding"];
    BOOST_TEST(tsne["method"] == "t-SNE");
    BOOST_TEST(unpacked<float>(tsne["y"]).size() == 6U);
    BOOST_TEST(!tsne.contains("explained"));
    // A single layer has no input that was learned.
    const PreparedRun words(R"([{"type": "linear", "out_features": "classes"}])");
    BOOST_TEST(report_of(words, folder.path())["embedding"]["of"] == "output of the last layer");
}

BOOST_AUTO_TEST_CASE(tape_and_times_come_from_steps_that_change_nothing) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const auto before = weights_of(run);
    const json report = report_of(run, folder.path());
    BOOST_CHECK(weights_of(run) == before);
    BOOST_TEST(report["tape"]["nodes"].size() > 5U);
    BOOST_TEST(report["ops"]["steps"] > 0);
    BOOST_TEST(!report["ops"]["ops"].empty());
}

BOOST_AUTO_TEST_CASE(files_of_the_run_are_shown_but_for_a_line_without_its_end) {
    const PreparedRun run;
    const TemporaryFolder folder;
    write_file(folder.path() / "result.json", R"({"best_epoch": 7, "test_accuracy": 0.5})");
    write_file(folder.path() / "run.json", R"({"dataset": "ring"})");
    const std::string epochs =
        json_line({.epoch = 0, .train_loss = 0.5, .val_accuracy = 0.25}) + json_line({.epoch = 1, .train_loss = 0.125});
    write_file(folder.path() / "metrics.jsonl", epochs + "{\"epo");
    const json report = report_of(run, folder.path());
    BOOST_TEST(report["best_epoch"] == 7);
    BOOST_TEST(report["result"]["test_accuracy"] == 0.5);
    BOOST_TEST(report["run"]["dataset"] == "ring");
    BOOST_REQUIRE(report["metrics"].size() == 2U);
    BOOST_TEST(report["metrics"][0]["val_accuracy"] == 0.25);
    BOOST_TEST(report["metrics"][1]["epoch"] == 1);
    BOOST_TEST(report["metrics"][1]["train_loss"] == 0.125);
    BOOST_TEST(report["title"] == folder.path().filename().string());

    write_file(folder.path() / "metrics.jsonl", epochs + "not JSON\n");
    expect_error<DataError>([&] { report_of(run, folder.path()); }, {"metrics.jsonl, line 3"});
    write_file(folder.path() / "metrics.jsonl", "");
    BOOST_TEST(report_of(run, folder.path())["metrics"].empty());
    for (const std::string& damaged : {std::string("{"), std::string("7"), R"({"a": )" + std::string(300'000, '[')}) {
        write_file(folder.path() / "result.json", damaged);
        expect_error<DataError>([&] { report_of(run, folder.path()); },
                                {"result.json", "the JSON object that tools/train wrote"});
    }
}

BOOST_AUTO_TEST_CASE(logits_that_are_not_finite_make_no_report) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const Tensor weight = run.model->parameters()[0].second;
    assign(weight, full(run.backend, weight.shape(), std::numeric_limits<double>::quiet_NaN()));
    expect_error<DataError>([&] { report_of(run, folder.path()); },
                            {"prediction of node 'n0'", "finite logits", "weights show " + folder.path().string()});
}

BOOST_AUTO_TEST_CASE(the_page_is_written_whole_or_not_at_all) {
    const PreparedRun run;
    const TemporaryFolder folder;
    const std::filesystem::path pages = std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "tools/reports/page";
    const ReportInputs inputs{folder.path(), run.config, *run.model, run.dataset, *run.data};
    write_report(inputs, folder.path() / "report.html", pages);
    const std::string page = read_file(folder.path() / "report.html");
    BOOST_TEST(page.find("\"n5\"") != std::string::npos);
    for (const char* place : {"{{css}}", "{{script}}", "{{data}}"}) BOOST_TEST(page.find(place) == std::string::npos);
    expect_error<DataError>([&] { write_report(inputs, folder.path() / "report.html", folder.path()); }, {"{{"});
    BOOST_TEST(read_file(folder.path() / "report.html") == page);
    expect_error<DataError>([&] { write_report(inputs, folder.path() / "absent" / "report.html", pages); }, {"absent"});
}

BOOST_AUTO_TEST_SUITE_END()
