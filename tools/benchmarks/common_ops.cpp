#include "tools/benchmarks/common_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tools/benchmarks/measure.hpp"

namespace tapegrad {
namespace {

// Makes inputs fast: a list of random numbers of prime length, repeated.
class Inputs {
public:
    explicit Inputs(BackendPtr backend) : backend_(std::move(backend)) {
        HostRandom random(0);
        for (int i = 0; i < 65537; ++i) numbers_.push_back(static_cast<float>(random.normal()));
    }

    const BackendPtr& backend() const { return backend_; }
    Tensor normal(const Shape& shape) {
        std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
        for (float& value : values) value = numbers_[next_++ % numbers_.size()];
        return from_values(backend_, shape, std::span<const float>(values));
    }
    Tensor constant(double value, const Shape& shape = {}) { return full(backend_, shape, value); }
    std::vector<std::int32_t> integers(std::int64_t size, std::int64_t count) {
        HostRandom random(1);
        std::vector<std::int32_t> values(static_cast<std::size_t>(size));
        for (std::int32_t& value : values) value = static_cast<std::int32_t>(random.integer(count));
        return values;
    }
    Tensor labels(std::int64_t size, std::int64_t count) {
        return from_values(backend_, {size}, std::span<const std::int32_t>(integers(size, count)));
    }
    Grouping grouping(std::int64_t entries, std::int64_t groups) {
        return make_grouping(backend_, integers(entries, groups), groups);
    }
    RandomSite site() { return {random_key(backend_, 0, 0), 0}; }

private:
    BackendPtr backend_;
    std::vector<float> numbers_;
    std::size_t next_ = 0;
};

using Maker = std::function<PreparedOp(const CommonOp&, Inputs&)>;

PreparedOp prepared(const std::function<Tensor()>& forward, const std::vector<Tensor>& varied) {
    PreparedOp op{.forward = forward, .varied = varied};
    for (const Tensor& input : varied) op.bytes += static_cast<std::int64_t>(input.bytes());
    op.bytes += static_cast<std::int64_t>(forward().bytes());
    return op;
}

Maker unary(Tensor (*function)(const Tensor&)) {
    return [function](const CommonOp& op, Inputs& inputs) {
        const Tensor x = inputs.normal(op.dims);
        return prepared([=] { return function(x); }, {x});
    };
}

Maker binary(Tensor (*function)(const Tensor&, const Tensor&), bool second_is_a_row = false) {
    return [=](const CommonOp& op, Inputs& inputs) {
        const Tensor a = inputs.normal(op.dims), b = inputs.normal(second_is_a_row ? Shape{op.dims[1]} : op.dims);
        return prepared([=] { return function(a, b); }, {a, b});
    };
}

PreparedOp make_cat(const CommonOp& op, Inputs& inputs) {
    const Tensor a = inputs.normal(op.dims), b = inputs.normal(op.dims);
    return prepared([=] { return cat(std::array{a, b}, 1); }, {a, b});
}

PreparedOp make_gather(const CommonOp& op, Inputs& inputs) {
    const Tensor x = inputs.normal(op.dims);
    const Grouping rows = inputs.grouping(op.count, op.dims[0]);
    PreparedOp made = prepared([=] { return gather(x, rows); }, {x});
    made.bytes = 2 * op.count * op.dims[1] * 4 + op.count * 4;
    return made;
}

Maker scatter(Tensor (*function)(const Tensor&, const Grouping&)) {
    return [function](const CommonOp& op, Inputs& inputs) {
        const Tensor x = inputs.normal(op.dims);
        const Grouping groups = inputs.grouping(op.dims[0], op.count);
        return prepared([=] { return function(x, groups); }, {x});
    };
}

PreparedOp make_dropout(const CommonOp& op, Inputs& inputs) {
    const Tensor x = inputs.normal(op.dims);
    const RandomSite site = inputs.site();
    return prepared([=] { return dropout(x, 0.6, site); }, {x});
}

PreparedOp make_cross_entropy(const CommonOp& op, Inputs& inputs) {
    const Tensor logits = inputs.normal(op.dims), labels = inputs.labels(op.dims[0], op.dims[1]);
    return prepared([=] { return cross_entropy(logits, labels); }, {logits});
}

PreparedOp make_matmul(const CommonOp& op, Inputs& inputs) {
    const Tensor a = inputs.normal({op.dims[0], op.dims[1]}), b = inputs.normal({op.dims[1], op.dims[2]});
    PreparedOp made = prepared([=] { return matmul(a, b); }, {a, b});
    made.operations = 2.0 * static_cast<double>(element_count(op.dims));
    return made;
}

PreparedOp make_adam_step(const CommonOp& op, Inputs& inputs) {
    const Tensor w = inputs.normal(op.dims), grad = inputs.normal(op.dims), m = inputs.constant(0, op.dims),
                 v = inputs.constant(0, op.dims);
    const Tensor numbers = inputs.constant(1e-3, {3}), guard = inputs.constant(0);
    const auto step = [=] {
        adam_step(std::vector{AdamTensors{w, m, v, grad}}, numbers, {.weight_decay = 5e-4}, guard);
        return w;
    };
    return {.forward = step, .bytes = 7 * static_cast<std::int64_t>(w.bytes())};
}

const std::map<std::string, Maker>& makers() {
    static const std::map<std::string, Maker> all{
        {"add", binary(add)},
        {"mul", binary(mul)},
        {"add_row", binary(add, true)},
        {"exp", unary(exp)},
        {"tanh", unary(tanh)},
        {"sigmoid", unary(sigmoid)},
        {"relu", unary(relu)},
        {"elu", unary([](const Tensor& x) { return elu(x); })},
        {"leaky_relu", unary([](const Tensor& x) { return leaky_relu(x, 0.2); })},
        {"sum", unary([](const Tensor& x) { return sum(x); })},
        {"sum_rows", unary([](const Tensor& x) { return sum(x, {1}); })},
        {"max_rows", unary([](const Tensor& x) { return max(x, {1}); })},
        {"softmax_rows", unary([](const Tensor& x) { return softmax(x); })},
        {"log_softmax_rows", unary([](const Tensor& x) { return log_softmax(x); })},
        {"transpose", unary([](const Tensor& x) { return transpose(x); })},
        {"cat", make_cat},
        {"gather_rows", make_gather},
        {"scatter_sum_rows", scatter(scatter_sum)},
        {"scatter_max_rows", scatter(scatter_max)},
        {"matmul", make_matmul},
        {"dropout", make_dropout},
        {"cross_entropy", make_cross_entropy},
        {"adam_step", make_adam_step},
    };
    return all;
}

// The side of a square matrix that has about so many elements; 1e7 elements would be 63 GFLOP.
std::int64_t square_side(std::int64_t elements) {
    return std::min<std::int64_t>(1024, std::llround(std::sqrt(static_cast<double>(elements))));
}

}  // namespace

std::string CommonOp::text() const {
    const std::string at = fmt::format("{} {}", name, to_string(dims));
    if (count == 0) return at;
    return at + fmt::format(" {} {}", name == "gather_rows" ? "by" : "to", count);
}

nlohmann::json CommonOp::json() const {
    return {{"name", name}, {"dims", std::vector<std::int64_t>(dims.begin(), dims.end())}, {"count", count}};
}

std::vector<CommonOp> common_ops(std::int64_t elements) {
    const std::int64_t rows = std::max<std::int64_t>(1, elements / 100), side = square_side(elements);
    std::vector<CommonOp> ops;
    for (const char* name : {"add", "mul", "exp", "tanh", "sigmoid", "relu", "elu", "leaky_relu", "add_row", "sum",
                             "sum_rows", "max_rows", "softmax_rows", "log_softmax_rows", "transpose", "cat"})
        ops.push_back({name, {rows, 100}});
    for (const char* name : {"gather_rows", "scatter_sum_rows", "scatter_max_rows"})
        ops.push_back({name, {rows, 100}, rows});
    ops.push_back({"matmul", {side, side, side}});
    for (const char* name : {"dropout", "cross_entropy", "adam_step"}) ops.push_back({name, {rows, 100}});
    return ops;
}

std::vector<CommonOp> cora_ops() {
    constexpr std::int64_t nodes = 2708, edges = 13264, words = 1433, hidden = 64, heads = 8, classes = 7, train = 140;
    return {{"matmul", {nodes, words, hidden}},
            {"matmul", {nodes, hidden, classes}},
            {"mul", {nodes, hidden}},
            {"add_row", {nodes, hidden}},
            {"elu", {nodes, hidden}},
            {"dropout", {nodes, hidden}},
            {"dropout", {edges, heads}},
            {"add", {edges, heads}},
            {"leaky_relu", {edges, heads}},
            {"exp", {edges, heads}},
            {"gather_rows", {nodes, heads}, edges},
            {"gather_rows", {nodes, hidden}, edges},
            {"scatter_max_rows", {edges, heads}, nodes},
            {"scatter_sum_rows", {edges, heads}, nodes},
            {"scatter_sum_rows", {edges, hidden}, nodes},
            {"log_softmax_rows", {nodes, classes}},
            {"cross_entropy", {train, classes}},
            {"adam_step", {words, hidden}}};
}

PreparedOp prepare(const CommonOp& op, const BackendPtr& backend) {
    const auto found = makers().find(op.name);
    if (found == makers().end())
        throw IndexError("prepare", "the name of a common op", "'" + op.name + "'", "See common_ops");
    Inputs inputs(backend);
    return found->second(op, inputs);
}

OpTimes time_op(const PreparedOp& op, double seconds) {
    const BackendPtr backend = op.forward().backend();
    const std::function<void()> finish = [&] { backend->sync(); };
    OpTimes times{.forward = measure_blocks([&] { op.forward(); }, seconds, finish).median};
    if (op.varied.empty()) return times;
    const Tensor output = op.forward();
    const Tensor ones = full(output.backend(), output.shape(), 1, output.dtype());
    times.gradient = measure_blocks(
                         [&] {
                             Tape tape;
                             for (const Tensor& input : op.varied) tape.watch(input);
                             tape.pull_back(std::array{op.forward()}, std::array{ones}, op.varied);
                         },
                         seconds, finish)
                         .median;
    return times;
}

}  // namespace tapegrad
