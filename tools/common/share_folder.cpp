#include "tools/common/share_folder.hpp"

#include <system_error>

namespace tapegrad {

namespace {

std::filesystem::path running_program() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error);
}

}  // namespace

std::filesystem::path share_folder() { return running_program().parent_path().parent_path() / "share" / "tapegrad"; }

std::string tool_command(const std::string& name) {
    const bool is_installed = running_program().filename().string().starts_with("tapegrad-");
    return (is_installed ? "tapegrad-" : "tools/") + name;
}

}  // namespace tapegrad
