#include "tools/reports/node_view.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/reports/report_fixture.hpp"
#include "tools/reports/node_drawing.hpp"
#include "tools/reports/node_text.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

// Six nodes. Node 0 hears 0, 1, 2; node 1 hears 3, 0; node 2 hears 3, 4; node 3 hears 0; nobody is heard by 4 and 5.
const EdgesByTarget edges{{0, 3, 5, 7, 8, 8, 8}, {0, 1, 2, 3, 0, 3, 4, 0}};
const EdgeWeights two_heads{
    "0", 2, {0.25f, 0.125f, 0.5f, 0.25f, 0.25f, 0.625f, 1, 1, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 1, 1}};
const EdgeWeights one_head{"2", 1, {0.25f, 0.25f, 0.5f, 0.75f, 0.25f, 0.5f, 0.5f, 1}};

ModelAnalysis analysis_by_hand() {
    ModelAnalysis analysis{.nodes = 6, .classes = 2};
    analysis.probabilities = {0.75f, 0.25f, 0.5f, 0.5f, 0.1f, 0.9f, 0.2f, 0.8f, 1, 0, 0.6f, 0.4f};
    analysis.predicted = {0, 0, 1, 1, 0, 0};
    analysis.edges = edges;
    analysis.attention = {two_heads, one_head};
    return analysis;
}

// What inspect looks at.
struct Looked {
    explicit Looked(std::int32_t node = 0) : view{dataset, classes, analysis, node, {first, second}, first} {}
    std::string text(std::size_t most = 20) const { return to_text(view, most); }

    Dataset dataset = ring_of_six();
    std::vector<std::string> classes{"a", "b"};
    ModelAnalysis analysis = analysis_by_hand();
    LayerView first{edges, two_heads, "gat", true}, second{edges, one_head, "gat", true};
    NodeView view;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t longest_line(const std::string& text) {
    std::istringstream lines(text);
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
        longest = std::max(longest, line.size() - static_cast<std::size_t>(std::ranges::count_if(line, continues)));
    }
    return longest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_node_view)

BOOST_AUTO_TEST_CASE(neighbours_come_by_weight) {
    // Of node 0, over the heads: (0.25 + 0.125) / 2 to itself, (0.5 + 0.25) / 2 to 1, (0.25 + 0.625) / 2 to 2.
    const std::vector<Neighbour> means = neighbours_of({edges, two_heads, "gat", true}, 0);
    BOOST_REQUIRE(means.size() == 3U);
    BOOST_TEST(means[0].node == 2);
    BOOST_TEST(means[0].weight == 0.4375);
    BOOST_TEST(means[0].heads == (std::vector<float>{0.25f, 0.625f}), boost::test_tools::per_element());
    BOOST_TEST(means[1].node == 1);
    BOOST_TEST(means[2].node == 0);
    // Equal ones stay in the order of the edges.
    const std::vector<Neighbour> first = neighbours_of({edges, two_heads, "gat", true, 0}, 0);
    BOOST_TEST(first[0].node == 1);
    BOOST_TEST(first[0].weight == 0.5);
    BOOST_TEST(first[1].node == 0);
    BOOST_TEST(first[2].node == 2);
    BOOST_TEST(neighbours_of({edges, two_heads, "gat", true}, 5).empty());
}

BOOST_AUTO_TEST_CASE(two_hops_multiply_and_add_up_over_the_ways) {
    // Into 0 through the one head: 1 with 0.25, 2 with 0.5. Before that, by the mean of two heads: 1 hears 3 with 1;
    // 2 hears 3 and 4 with 0.5 each. So 3 counts 0.25 + 0.25 and 4 counts 0.25; 0, 1, 2 are nearer.
    const std::vector<FarNeighbour> far =
        far_neighbours_of({edges, one_head, "gat", true}, {edges, two_heads, "gat", true}, 0);
    BOOST_REQUIRE(far.size() == 2U);
    BOOST_TEST(far[0].node == 3);
    BOOST_TEST(far[0].weight == 0.5, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(far[1].node == 4);
    BOOST_TEST(far[1].weight == 0.25, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(far[1].via == 2);
}

BOOST_AUTO_TEST_CASE(text_shows_labels_bars_weights_and_entropies) {
    const std::string text = Looked().text();
    BOOST_TEST(has(text, "n0 (#0 of ring, split train)\nlabel      a\npredicted  a, which is right\n"), text);
    BOOST_TEST(has(text, "75.0 %  ##############################\n"), text);  // 30 of 40
    BOOST_TEST(has(text, "25.0 %  ##########\n"), text);
    BOOST_TEST(has(text, "Layer 0 (gat, 2 heads), attention in %\n"), text);
    BOOST_TEST(has(text, "n2         a             b              43.8  25  62\n"), text);
    BOOST_TEST(has(text, "itself     a             a              18.8  25  12\n"), text);
    // Of 1/4, 1/2, 1/4 it is 1.5 ln(2) = 1.0397; of 1/8, 1/4, 5/8 0.9003; the mean 0.9700; ln(3) = 1.0986.
    BOOST_TEST(has(text, "of equal weights 1.10    0.97 1.0 0.9\n"), text);
    BOOST_TEST(has(text, "Layer 2 (gat, 1 head), attention in %\n"), text);
    BOOST_TEST(has(text, "n2         a             b              50.0\n"), text);
    BOOST_TEST(!has(text, " \n"), "a line ends in a blank: " << text);
}

BOOST_AUTO_TEST_CASE(text_is_cut_to_so_many_rows_and_says_what_the_others_add_up_to) {
    const std::string text = Looked().text(1);
    BOOST_TEST(has(text, "2 others, together                      56.2  75  38\n"), text);
    BOOST_TEST(has(Looked().text(0), "n2  "));
}

BOOST_AUTO_TEST_CASE(nodes_without_label_or_edges_say_so) {
    const std::string text = Looked(5).text();
    BOOST_TEST(has(text, "n5 (#5 of ring, in no split)\nlabel      unknown\npredicted  a\n"), text);
    BOOST_TEST(has(text, "Layer 0 (gat, 2 heads), attention in %: no edge leads into it.\n"), text);
}

BOOST_AUTO_TEST_CASE(a_model_without_attention_is_told) {
    Looked looked;
    looked.analysis.attention.clear();
    looked.view.layers.clear();
    BOOST_TEST(has(looked.text(), "No layer of this model attends"));
}

BOOST_AUTO_TEST_CASE(a_first_layer_hears_nothing_from_two_hops_away) {
    Looked looked;
    NodeView view{looked.dataset, looked.classes, looked.analysis, 0, {looked.first}, std::nullopt, true};
    BOOST_TEST(has(to_text(view, 20),
                   "\nTwo hops away: nothing is heard, as layer 0 is the first that weighs "
                   "neighbours.\n"));
    BOOST_TEST(to_json(view)["two_hops"].empty());
}

BOOST_AUTO_TEST_CASE(names_cannot_steer_a_terminal) {
    Looked looked;
    looked.view.two_hops = true;
    for (std::string& name : looked.dataset.node_names) name = "\x1b[31m" + name;
    looked.classes = {"\x1b[1mA",
                      "B\xc2\x9b"
                      "1m"};
    looked.dataset.class_names = looked.classes;
    const std::string text = looked.text();
    BOOST_TEST(!has(text, "\x1b"));
    BOOST_TEST(!has(text, "\xc2\x9b"));
}

BOOST_AUTO_TEST_CASE(lines_fit_80_columns_whatever_the_names) {
    Looked looked;
    for (std::string& name : looked.dataset.node_names) name = "Ünïcödé " + name + " of a quite long name";
    looked.classes = {"A class whose name has many letters, öö", "B"};
    looked.dataset.class_names = looked.classes;
    looked.view.two_hops = true;
    EdgeWeights many{"0", 16, std::vector<float>(8 * 16, 0.333f)};
    looked.view.layers.push_back({edges, many, "gat", true});
    std::string text = looked.text();
    text.erase(0, text.find("\n\n"));  // the heading and label have the whole names
    BOOST_TEST(longest_line(text) <= 80U, text);
    BOOST_TEST(has(text, "Layer 0 (gat, 16 heads), attention in %, the first 8 and the mean of all\n"), text);
}

BOOST_AUTO_TEST_CASE(json_has_the_same_figures) {
    Looked looked;
    looked.view.two_hops = true;
    const json result = to_json(looked.view);
    BOOST_TEST(result["node"]["name"] == "n0");
    BOOST_TEST(result["node"]["split"] == "train");
    BOOST_TEST(result["node"]["probabilities"]["a"] == 0.75);
    BOOST_TEST(result["layers"][0]["neighbours"][0]["name"] == "n2");
    BOOST_TEST(result["layers"][0]["neighbours"][0]["label"] == "a");
    BOOST_TEST(result["layers"][0]["entropy"].size() == 2U);
    BOOST_TEST(result["two_hops"][0]["name"] == "n3");
}

BOOST_AUTO_TEST_CASE(a_drawing_holds_names_as_text_only) {
    Looked looked;
    looked.dataset.node_names[1] = "</text><script>&\"";
    looked.view.two_hops = true;
    const std::string svg = to_svg(looked.view);
    BOOST_TEST(!has(svg, "<script>"));
    BOOST_TEST(has(svg, "&lt;/text&gt;&lt;script&gt;&amp;&quot;"));
    BOOST_TEST(has(svg, "prefers-color-scheme: dark"));
    for (const char* name : {"n2", "n3", "n4"}) BOOST_TEST(has(svg, std::string(">") + name + "</text>"), svg);
    BOOST_TEST(!has(svg, ">n5</text>"));
    // Two lines to neighbours (a node's line to itself is none), two dashed ones beyond.
    std::size_t lines = 0;
    for (std::size_t at = svg.find("<line"); at != std::string::npos; at = svg.find("<line", at + 1)) ++lines;
    BOOST_TEST(lines == 4U);
}

BOOST_AUTO_TEST_CASE(a_drawing_has_numbers_where_all_weights_are_0) {
    Looked looked;
    looked.view.two_hops = true;
    const EdgeWeights none{"0", 1, std::vector<float>(8)};
    for (const EdgeWeights* weights : {&none, &one_head}) {
        const NodeView view{looked.dataset,
                            looked.classes,
                            looked.analysis,
                            0,
                            {{edges, *weights, "gat", true}},
                            LayerView{edges, none, "gat", true},
                            true};
        BOOST_TEST(!has(to_svg(view), "nan"));
    }
}

BOOST_AUTO_TEST_CASE(a_drawing_tells_how_many_nodes_it_leaves_out) {
    // Node 0 hears the nodes 1 to 40, the first the most, and each of them hears one of 41 to 80.
    constexpr std::int32_t near = 40, nodes = 1 + 2 * near;
    Dataset dataset;
    dataset.nodes = nodes;
    dataset.labels.assign(nodes, unlabelled);
    ModelAnalysis analysis{.nodes = nodes, .classes = 1};
    analysis.predicted.assign(nodes, 0);
    EdgesByTarget star;
    EdgeWeights weights{"0", 1, {}};
    for (std::int32_t node = 0; node < nodes; ++node) {
        dataset.node_names.push_back("n" + std::to_string(node));
        for (std::int32_t i = 1; node == 0 && i <= near; ++i) {
            star.sources.push_back(i);
            weights.weights.push_back(1 / static_cast<float>(i));
        }
        if (node > 0 && node <= near) {
            star.sources.push_back(node + near);
            weights.weights.push_back(1);
        }
        star.offsets.push_back(static_cast<std::int32_t>(star.sources.size()));
    }
    const std::vector<std::string> classes{"a"};
    const LayerView layer{star, weights, "gat", true};
    // 36 neighbours are drawn, and of the nodes beyond those that are heard through them.
    const NodeView one_hop{dataset, classes, analysis, 0, {layer}},
        two_hops{dataset, classes, analysis, 0, {layer}, layer, true};
    BOOST_TEST(has(to_svg(one_hop), ">4 more of small weight are not drawn<"));
    BOOST_TEST(has(to_svg(two_hops), ">8 more of small weight are not drawn<"));
}

BOOST_AUTO_TEST_CASE(a_drawing_cuts_names_that_do_not_fit) {
    Looked looked;
    const std::string long_name(200, 'x');
    looked.classes = {long_name + "1", long_name + "2"};
    looked.dataset.class_names = looked.classes;
    looked.dataset.node_names[0] = long_name;
    std::string svg = to_svg(looked.view);
    // The tips, the <title> elements, have them whole.
    for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>"))
        svg.erase(at, svg.find("</title>") + 8 - at);
    BOOST_TEST(!has(svg, std::string(43, 'x')), svg);
}

BOOST_AUTO_TEST_SUITE_END()
