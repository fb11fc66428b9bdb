// Every error tapegrad throws on purpose. Each message answers four questions: where, what was expected,
// what came, what to do.
#pragma once

#include <stdexcept>
#include <string>

#include "autograd/printable.hpp"

namespace tapegrad {

/// Base of all errors. `what()` reads "WHERE: expected EXPECTED, got GOT. ADVICE.", without the control characters that
/// a name out of a file may hold.
class Error : public std::runtime_error {
public:
    Error(const std::string& where, const std::string& expected, const std::string& got, const std::string& advice)
        : std::runtime_error(printable_lines(where + ": expected " + expected + ", got " + got + ". " + advice + ".")) {
    }
};

/// Shapes that do not fit an operation.
class ShapeError : public Error {
    using Error::Error;
};

/// A wrong dtype, or a dense value where a sparse one was needed, or the other way round.
class TypeError : public Error {
    using Error::Error;
};

/// An index outside its range.
class IndexError : public Error {
    using Error::Error;
};

/// Misuse of a tape: a second backward, an unwatched tensor, a saved tensor that was overwritten, a value that
/// is not finite.
class TapeError : public Error {
    using Error::Error;
};

/// A plugin that cannot be loaded or a kernel that failed.
class BackendError : public Error {
    using Error::Error;
};

/// A data file that is missing, truncated, altered or inconsistent.
class DataError : public Error {
    using Error::Error;
};

/// A config, an option or an output folder that cannot be used.
class ConfigError : public Error {
    using Error::Error;
};

}  // namespace tapegrad
