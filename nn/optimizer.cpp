#include "nn/optimizer.hpp"

#include <cmath>

namespace tapegrad {

Optimizer::Optimizer(const std::vector<ParameterGroup>& groups, std::vector<std::string> average_names,
                     const Shape& numbers)
    : average_names_(std::move(average_names)) {
    for (const ParameterGroup& of_caller : groups) {
        Group& group = groups_.emplace_back(Group{of_caller.weight_decay, {}});
        for (const auto& [name, parameter] : of_caller.parameters) {
            Entry& entry = group.entries.emplace_back(Entry{name, parameter, {}});
            for (std::size_t i = 0; i < average_names_.size(); ++i) entry.averages.push_back(zeros_like(parameter));
            if (!numbers_.defined()) numbers_ = full(parameter.backend(), numbers, 0, parameter.dtype());
        }
    }
}

void Optimizer::begin_step() {
    ++steps_;
    if (numbers_.defined()) assign(numbers_, numbers_of(steps_));
}

void Optimizer::update_parameters(const Tensor& guard) {
    for (const Group& group : groups_) {
        std::vector<const Entry*> entries;
        for (const Entry& entry : group.entries)
            if (entry.parameter.grad().defined()) entries.push_back(&entry);
        update(entries, group.weight_decay, numbers_, guard);
    }
}

void Optimizer::zero_grad() {
    for (const Group& group : groups_)
        for (const Entry& entry : group.entries) entry.parameter.set_grad({});
}

std::vector<NamedParameter> Optimizer::state() const {
    std::vector<NamedParameter> all;
    for (const Group& group : groups_)
        for (const Entry& entry : group.entries)
            for (std::size_t i = 0; i < average_names_.size(); ++i)
                all.emplace_back(entry.name + "." + average_names_[i], entry.averages[i]);
    return all;
}

Sgd::Sgd(const std::vector<ParameterGroup>& groups, const SgdOptions& options)
    : Optimizer(groups, {"velocity"}, {}), options_(options) {}

std::vector<double> Sgd::numbers_of(std::int64_t) const { return {options_.learning_rate}; }

void Sgd::update(std::span<const Entry* const> entries, double weight_decay, const Tensor& numbers,
                 const Tensor& guard) const {
    std::vector<SgdTensors> parameters;
    for (const Entry* entry : entries)
        parameters.push_back({entry->parameter, entry->averages[0], entry->parameter.grad()});
    sgd_step(parameters, numbers, options_.momentum, weight_decay, guard);
}

Adam::Adam(const std::vector<ParameterGroup>& groups, const AdamOptions& options)
    : Optimizer(groups, {"m", "v"}, {3}), options_(options) {}

std::vector<double> Adam::numbers_of(std::int64_t step) const {
    const auto t = static_cast<double>(step);
    return {options_.learning_rate, 1 / (1 - std::pow(options_.beta1, t)), 1 / (1 - std::pow(options_.beta2, t))};
}

void Adam::update(std::span<const Entry* const> entries, double weight_decay, const Tensor& numbers,
                  const Tensor& guard) const {
    std::vector<AdamTensors> parameters;
    for (const Entry* entry : entries)
        parameters.push_back({entry->parameter, entry->averages[0], entry->averages[1], entry->parameter.grad()});
    adam_step(parameters, numbers, {options_.beta1, options_.beta2, options_.epsilon, weight_decay, options_.decoupled},
              guard);
}

}  // namespace tapegrad
