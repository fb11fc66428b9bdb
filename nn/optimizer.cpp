#include "nn/optimizer.hpp"

#include <cmath>

#include "autograd/kernels.hpp"
#include "autograd/ops/arithmetic.hpp"

namespace tapegrad {

Optimizer::Optimizer(const std::vector<ParameterGroup>& groups, std::vector<std::string> average_names)
    : average_names_(std::move(average_names)) {
    for (const ParameterGroup& group : groups)
        for (const auto& [name, parameter] : group.parameters) {
            Entry& entry = entries_.emplace_back(Entry{name, parameter, group.weight_decay, {}});
            for (std::size_t i = 0; i < average_names_.size(); ++i) entry.averages.push_back(zeros_like(parameter));
        }
}

void Optimizer::begin_step() {
    ++steps_;
    if (!entries_.empty()) prepare(steps_, entries_[0].parameter);
}

void Optimizer::update_parameters() {
    for (const Entry& entry : entries_)
        if (const Tensor grad = entry.parameter.grad(); grad.defined()) update(entry, grad);
}

void Optimizer::zero_grad() {
    for (const Entry& entry : entries_) entry.parameter.set_grad({});
}

std::vector<NamedParameter> Optimizer::state() const {
    std::vector<NamedParameter> all;
    for (const Entry& entry : entries_)
        for (std::size_t i = 0; i < average_names_.size(); ++i)
            all.emplace_back(entry.name + "." + average_names_[i], entry.averages[i]);
    return all;
}

namespace {

// The number as a tensor like a parameter: made once and then filled anew, so that a captured step reads each new value
// from the place it knows.
void set(Tensor& number, const Tensor& like, double value) {
    if (number.defined())
        fill(number, value);
    else
        number = scalar_like(like, value);
}

}  // namespace

Sgd::Sgd(const std::vector<ParameterGroup>& groups, const SgdOptions& options)
    : Optimizer(groups, {"velocity"}), options_(options) {
    if (const Tensor like = first_parameter(); like.defined()) Sgd::prepare(1, like);
}

void Sgd::prepare(std::int64_t, const Tensor& like) { set(learning_rate_, like, options_.learning_rate); }

void Sgd::update(const Entry& entry, const Tensor& grad) {
    sgd_step(entry.parameter, entry.averages[0], grad, learning_rate_, options_.momentum, entry.weight_decay);
}

Adam::Adam(const std::vector<ParameterGroup>& groups, const AdamOptions& options)
    : Optimizer(groups, {"m", "v"}), options_(options) {
    if (const Tensor like = first_parameter(); like.defined()) Adam::prepare(1, like);
}

void Adam::prepare(std::int64_t step, const Tensor& like) {
    const auto t = static_cast<double>(step);
    set(learning_rate_, like, options_.learning_rate);
    set(first_correction_, like, 1 / (1 - std::pow(options_.beta1, t)));
    set(second_correction_, like, 1 / (1 - std::pow(options_.beta2, t)));
}

void Adam::update(const Entry& entry, const Tensor& grad) {
    const AdamAttributes attributes{options_.beta1, options_.beta2, options_.epsilon, entry.weight_decay,
                                    options_.decoupled};
    adam_step(entry.parameter, entry.averages[0], entry.averages[1], grad, learning_rate_, first_correction_,
              second_correction_, attributes);
}

}  // namespace tapegrad
