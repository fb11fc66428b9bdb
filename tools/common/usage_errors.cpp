#include "tools/common/usage_errors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/errors.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {

void UsageErrors::collect(const std::function<void()>& step) {
    try {
        step();
    } catch (const ConfigError& error) {
        messages_.emplace_back(error.what());
    }
}

void UsageErrors::throw_if_any() const {
    if (!messages_.empty()) throw WrongUsage(fmt::format("{}", fmt::join(messages_, "\n")));
}

}  // namespace tapegrad
