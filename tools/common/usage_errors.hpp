// Wrong usage told all at once.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tapegrad {

/// Notes the ConfigErrors of several steps, none of which needs what a failed one before it did.
class UsageErrors {
public:
    /// Does `step`; a ConfigError that it throws is noted.
    void collect(const std::function<void()>& step);
    /// Throws WrongUsage with all that was noted, a line each, if there is anything.
    void throw_if_any() const;

private:
    std::vector<std::string> messages_;
};

}  // namespace tapegrad
