// Results that nobody gets must not look like success.
#pragma once

namespace tapegrad {

/// Sends off what was printed. Throws DataError with the reason when stdout did not take all of it, or when it lost
/// something before: a full disk, a pipe that nobody reads.
void flush_standard_output();

}  // namespace tapegrad
