// Where the time of a run went: its parts, and the ops of its training steps.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "autograd/profile.hpp"

namespace tapegrad {

struct PartTime {
    std::string part;
    double seconds;
};

/// The parts of a run, one after the other, and how long each takes.
class PartTimes {
public:
    /// `before_main`: what the process took before it could begin to measure.
    explicit PartTimes(double before_main) : seconds_{{"load libraries", before_main}} {}

    /// Ends the part before.
    void begin(std::string name);
    void end();
    /// In the order in which they began.
    const std::vector<PartTime>& seconds() const { return seconds_; }

private:
    std::vector<PartTime> seconds_;
    std::chrono::steady_clock::time_point began_;
    bool running_ = false;
};

struct Explanation {
    std::string backend;  ///< its name, its threads and its own words
    int steps;            ///< training steps that were profiled
    double step_seconds;  ///< of all of them
    std::vector<OpProfile::Row> ops;
    std::vector<PartTime> parts;  ///< of the whole process
};

/// Tables for a person: the ops, the one with the most time of its own first, and the parts.
std::string to_text(const Explanation& explanation);
/// {"backend", "steps", "step_seconds", "ops": [...], "parts": [...]}.
nlohmann::json to_json(const Explanation& explanation);

}  // namespace tapegrad
