// Where the files lie that the tools read: data sets, and programs of other frameworks.
#pragma once

#include <filesystem>
#include <string>

namespace tapegrad {

/// The folder share/tapegrad beside the folder of the running program. The build folder has one too, of links into the
/// source tree; so the same tool finds its files before and after an installation, wherever that was moved.
std::filesystem::path share_folder();

/// How a person runs another tool from where this one was run: "tools/NAME" in the source tree, "tapegrad-NAME" of an
/// installation.
std::string tool_command(const std::string& name);

}  // namespace tapegrad
