// Optimizers: they keep moving averages of the gradients and let the update ops do the arithmetic.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autograd/ops/optimizer_ops.hpp"
#include "nn/module.hpp"

namespace tapegrad {

/// Parameters that share a weight decay.
struct ParameterGroup {
    std::vector<NamedParameter> parameters;
    double weight_decay = 0;
};

/// What optimizers have in common. All parameters lie on one backend and have one dtype.
class Optimizer {
public:
    virtual ~Optimizer() = default;

    /// Updates every parameter from its gradient. A parameter without one stays as it is, and so do all where `guard`,
    /// for example the loss [], is not finite.
    void step(const Tensor& guard = {}) {
        begin_step();
        update_parameters(guard);
    }
    /// The first half of a step, which differs from step to step: counts it and sets the numbers of its formula.
    void begin_step();
    /// The second half, whose kernel calls can be recorded: the updates.
    void update_parameters(const Tensor& guard = {});
    /// Takes all gradients away, so that the next backward starts from nothing.
    void zero_grad();

    /// How many steps were made: t in the formulas of adam_step.
    std::int64_t steps() const { return steps_; }
    void set_steps(std::int64_t steps) { steps_ = steps; }
    /// The moving averages, named "0.weight.m" and so on. Together with `steps` they are all that has to be kept
    /// for going on later: `assign` to the tensors puts them back.
    std::vector<NamedParameter> state() const;

protected:
    /// One parameter; `averages` holds zeros of its shape at first, one tensor for each name that was given.
    struct Entry {
        std::string name;
        Tensor parameter;
        std::vector<Tensor> averages;
    };
    /// `numbers` is the shape of those that an update needs.
    Optimizer(const std::vector<ParameterGroup>& groups, std::vector<std::string> average_names, const Shape& numbers);

private:
    struct Group {
        double weight_decay;
        std::vector<Entry> entries;
    };
    /// What changes from step to step, counted from 1.
    virtual std::vector<double> numbers_of(std::int64_t step) const = 0;
    /// Updates entries that have a gradient.
    virtual void update(std::span<const Entry* const> entries, double weight_decay, const Tensor& numbers,
                        const Tensor& guard) const = 0;

    std::vector<std::string> average_names_;
    std::vector<Group> groups_;
    /// Made once and then overwritten, so that a recorded step reads each new value from the place it knows.
    Tensor numbers_;
    std::int64_t steps_ = 0;
};

struct SgdOptions {
    double learning_rate = 0.01;
    double momentum = 0;
};

/// Stochastic gradient descent with momentum; see sgd_step for the formula. Keeps "velocity".
class Sgd : public Optimizer {
public:
    Sgd(const std::vector<ParameterGroup>& groups, const SgdOptions& options);

private:
    std::vector<double> numbers_of(std::int64_t step) const override;
    void update(std::span<const Entry* const> entries, double weight_decay, const Tensor& numbers,
                const Tensor& guard) const override;

    SgdOptions options_;
};

struct AdamOptions {
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    bool decoupled = false;  ///< AdamW: the weight decay acts on the weights, not on the gradient
};

/// Adam, or AdamW when `decoupled` is set; see adam_step for the formulas. Keeps "m" and "v".
class Adam : public Optimizer {
public:
    Adam(const std::vector<ParameterGroup>& groups, const AdamOptions& options);

private:
    std::vector<double> numbers_of(std::int64_t step) const override;
    void update(std::span<const Entry* const> entries, double weight_decay, const Tensor& numbers,
                const Tensor& guard) const override;

    AdamOptions options_;
};

}  // namespace tapegrad
