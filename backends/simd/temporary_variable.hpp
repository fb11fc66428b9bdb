// Settings of libraries that read the environment once, while they are loaded.
#pragma once

#include <cstdlib>

namespace tapegrad::simd {

/// An environment variable that is set while this lives, unless the user set it before or the value is null.
class TemporaryVariable {
public:
    TemporaryVariable(const char* name, const char* value)
        : name_(name), mine_(value != nullptr && std::getenv(name) == nullptr) {
        if (mine_) setenv(name, value, 1);
    }
    ~TemporaryVariable() {
        if (mine_) unsetenv(name_);
    }
    TemporaryVariable(const TemporaryVariable&) = delete;
    TemporaryVariable& operator=(const TemporaryVariable&) = delete;

private:
    const char* name_;
    bool mine_;
};

}  // namespace tapegrad::simd
