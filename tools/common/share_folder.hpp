// Where the files lie that the tools read: data sets, and programs of other frameworks.
#pragma once

#include <filesystem>

namespace tapegrad {

/// The folder share/tapegrad beside the folder of the running program. The build folder has one too, of links into the
/// source tree; so the same tool finds its files before and after an installation, wherever that was moved.
std::filesystem::path share_folder();

}  // namespace tapegrad
