#include "autograd/explain.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <regex>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// w x + w, with a sigmoid after it.
struct SmallTape {
    explicit SmallTape(TapeOptions options = {}) : tape(options) {
        tape.watch(w);
        y = sum(sigmoid(w * x + w));
    }
    Tensor w = tensor({2}, {1, 2}), x = tensor({2}, {3, 4});
    Tape tape;
    Tensor y;
};

// The numbers that a pattern finds in a text, a list for each match.
std::vector<std::vector<int>> all_numbers(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::vector<std::vector<int>> found;
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
        found.emplace_back();
        for (std::size_t i = 1; i < match->size(); ++i) found.back().push_back(std::stoi((*match)[i]));
    }
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_explain)

BOOST_AUTO_TEST_CASE(every_node_has_its_op_formula_shapes_and_kernel) {
    const SmallTape small;
    const std::vector<ExplainedNode> nodes = explain(small.tape);
    BOOST_TEST_REQUIRE(nodes.size() == 4);
    const char* const names[] = {"mul", "add", "sigmoid", "sum"};
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(nodes[i].op == names[i]);
    BOOST_TEST(nodes[0].formula == "a * b");
    BOOST_TEST(nodes[0].inputs[0].spec == "f64 [2]");
    BOOST_TEST(nodes[0].inputs[1].number == -1, "x is not tracked");
    BOOST_TEST(nodes[1].inputs[0].number == nodes[0].outputs[0].number);
    BOOST_TEST(nodes[1].inputs[1].number == nodes[0].inputs[0].number, "both are w");
    BOOST_TEST(nodes[3].outputs[0].spec == "f64 []");
    BOOST_TEST(nodes[0].native);
    BOOST_TEST(!nodes[2].native, "the reference backend has no kernel sigmoid");
}

BOOST_AUTO_TEST_CASE(bytes_kept_count_once_and_are_gone_after_backward) {
    SmallTape small;
    // The product keeps w and x, the sigmoid its output: 2 f64 each. The addition and the sum keep nothing.
    std::vector<ExplainedNode> nodes = explain(small.tape);
    const std::size_t kept[] = {32, 0, 16, 0};
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(nodes[i].bytes_saved == kept[i], nodes[i].op);
    small.tape.gradient(small.y, {small.w});
    for (const ExplainedNode& node : explain(small.tape)) BOOST_TEST(node.bytes_saved == 0U, node.op);

    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    const Tensor cube = x * x * x;
    nodes = explain(tape);
    BOOST_TEST(nodes[0].bytes_saved == 16U, "x is in both places");
    BOOST_TEST(nodes[1].bytes_saved == 16U, "x * x is new, x is counted already");
}

BOOST_AUTO_TEST_CASE(time_is_measured_only_when_asked_for) {
    for (const ExplainedNode& node : explain(SmallTape().tape)) BOOST_TEST(node.seconds == 0);
    for (const ExplainedNode& node : explain(SmallTape({.time_ops = true}).tape)) BOOST_TEST(node.seconds > 0);
}

BOOST_AUTO_TEST_CASE(time_is_measured_for_a_tape_that_was_made_where_others_are_suspended) {
    const Tensor x = tensor({2}, {1, 2});
    Tape outer;
    const NoTape suspended;
    Tape inner({.time_ops = true});
    inner.watch(x);
    const Tensor y = x * x;
    BOOST_TEST_REQUIRE(explain(inner).size() == 1U);
    BOOST_TEST(explain(inner)[0].seconds > 0);
}

BOOST_AUTO_TEST_CASE(text_has_a_line_for_each_node) {
    const std::string text = to_text(explain(SmallTape().tape));
    BOOST_TEST(std::ranges::count(text, '\n') == 5);
    for (const char* part : {"mul", "sigmoid", "composed", "native", "f64 [2]", "1 / (1 + e^-x)"})
        BOOST_TEST(text.find(part) != std::string::npos, part << " is not in\n" << text);
}

BOOST_AUTO_TEST_CASE(text_tells_kernel_bytes_and_milliseconds_of_a_node) {
    ExplainedNode node{.op = "twice", .formula = "2 x", .bytes_saved = 48, .native = true, .seconds = 0.0125};
    const std::string native = to_text({node});
    for (const char* part : {" twice ", " native ", " 48 ", " 12.500 ", "2 x"})
        BOOST_TEST(native.find(part) != std::string::npos, part << " is not in\n" << native);
    node.native = false;
    BOOST_TEST(to_text({node}).find(" composed ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_has_what_the_nodes_have) {
    const nlohmann::json nodes = nlohmann::json::parse(to_json(explain(SmallTape().tape)));
    BOOST_TEST_REQUIRE(nodes.size() == 4U);
    BOOST_TEST(nodes[0].at("op") == "mul");
    BOOST_TEST(nodes[0].at("bytes_saved") == 32);
    BOOST_TEST(nodes[2].at("native") == false);
    BOOST_TEST(nodes[1].at("inputs")[0].at("number") == nodes[0].at("outputs")[0].at("number"));
}

BOOST_AUTO_TEST_CASE(svg_has_a_box_for_each_node_a_line_for_each_use_and_no_raw_signs) {
    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    const Tensor y = leaky_relu(x * 2.0) + leaky_relu(x);  // the formula holds a ">"
    const std::vector<ExplainedNode> nodes = explain(tape);
    const std::string svg = to_svg(nodes);
    const auto count = [&](const std::string& part) {
        int found = 0;
        for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++found;
        return found;
    };
    BOOST_TEST(svg.starts_with("<svg "));
    BOOST_TEST(svg.ends_with("</svg>\n"));
    BOOST_TEST(count("<rect ") == 4);
    BOOST_TEST(count("<path ") == 3);  // x * 2 to leaky_relu, and both of these to the sum
    const auto natives = std::ranges::count_if(nodes, &ExplainedNode::native);
    BOOST_TEST(natives == 1);  // the sum; the others are composed of several kernels
    BOOST_TEST(count("class=\"native\"") == natives);
    BOOST_TEST(count("x &gt; 0") == 2);
    BOOST_TEST(count("x > 0") == 0);
}

BOOST_AUTO_TEST_CASE(svg_lines_go_from_a_box_down_to_a_later_one_and_bend_further_out_the_longer_they_are) {
    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    const Tensor a = x * 2.0, b = a * a, c = b * a, d = c * a;
    const std::string svg = to_svg(explain(tape));

    struct Box {
        int left, top, right, bottom;
    };
    std::vector<Box> boxes;
    for (const auto& box : all_numbers(svg, R"re(<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)")re"))
        boxes.push_back({box[0], box[1], box[0] + box[2], box[1] + box[3]});
    BOOST_TEST_REQUIRE(boxes.size() == 4U);
    for (std::size_t i = 1; i < 4; ++i) BOOST_TEST(boxes[i - 1].bottom < boxes[i].top);
    const auto texts = all_numbers(svg, R"re(<text x="(\d+)" y="(\d+)")re");
    BOOST_TEST_REQUIRE(texts.size() == 8U);
    for (std::size_t i = 0; i < 8; ++i) {
        const Box& box = boxes[i / 2];
        BOOST_TEST((box.left < texts[i][0] && texts[i][0] < box.right));
        BOOST_TEST((box.top < texts[i][1] && texts[i][1] < box.bottom));
    }
    const auto size = all_numbers(svg, R"re(width="(\d+)" height="(\d+)" font-family)re");
    BOOST_TEST(size[0][0] > boxes[3].right);
    BOOST_TEST(size[0][1] > boxes[3].bottom);

    const std::pair<std::size_t, std::size_t> uses[] = {{0, 1}, {0, 1}, {1, 2}, {0, 2}, {2, 3}, {0, 3}};
    const auto lines = all_numbers(svg, R"re(<path d="M(\d+) (\d+) C(-?\d+) \2 \3 (\d+) \1 \4"/>)re");
    BOOST_TEST_REQUIRE(lines.size() == std::size(uses));
    int bends[4] = {};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto [from, to] = uses[i];
        BOOST_TEST(lines[i][1] == boxes[from].bottom);
        BOOST_TEST(lines[i][3] == boxes[to].top);
        BOOST_TEST((boxes[from].left < lines[i][0] && lines[i][0] < boxes[from].right));
        bends[to - from] = lines[i][2];
        if (to - from == 1) BOOST_TEST(lines[i][2] == lines[i][0], "straight down");
    }
    BOOST_TEST(bends[2] < boxes[0].left);
    BOOST_TEST(bends[3] < bends[2]);
    BOOST_TEST(bends[3] > 0);
}

BOOST_AUTO_TEST_SUITE_END()
