#include "tools/common/share_folder.hpp"

#include <system_error>

namespace tapegrad {

std::filesystem::path share_folder() {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return program.parent_path().parent_path() / "share" / "tapegrad";
}

}  // namespace tapegrad
