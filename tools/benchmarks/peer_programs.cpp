#include "tools/benchmarks/peer_programs.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <system_error>

#include "autograd/errors.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/common/share_folder.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

const std::array<Peer, 3> peers{{
    {"pyg", "PyTorch Geometric", "gat_pyg.py", {"torch==2.11.0", "torch-geometric==2.8.0", "numpy", "scipy"}},
    {"dgl",
     "DGL",
     "gat_dgl.py",
     {"torch==2.2.1", "dgl==2.1.0", "numpy<2", "scipy", "torchdata==0.7.1", "pandas", "pyyaml", "pydantic",
      "setuptools<80"}},
    {"jax", "JAX", "gat_jax.py", {"jax", "numpy", "scipy"}},
}};

fs::path programs_folder() { return share_folder() / "peers"; }

fs::path python_of(const std::string& folder, const std::string& peer) {
    return fs::absolute(folder) / peer / "bin" / "python";
}

}  // namespace

std::span<const Peer> all_peers() { return peers; }

std::string default_peers_folder() {
    // In a build folder, a link into the source tree.
    std::error_code error;
    const fs::path source = fs::read_symlink(programs_folder(), error);
    return error ? "peers" : (source / "../../build/peers").lexically_normal().string();
}

bool is_set_up(const std::string& folder, const std::string& peer) {
    std::error_code error;
    return fs::exists(python_of(folder, peer), error);
}

void require_peer(const std::string& folder, const std::string& peer) {
    if (!is_set_up(folder, peer))
        throw ConfigError(fmt::format("peers in {}", folder), fmt::format("{}/bin/python", peer), "no such program",
                          "Make it: bench peers --set-up --dir DIR");
}

void set_up(const std::string& folder, const Peer& peer) {
    const fs::path environment = fs::absolute(folder) / peer.name;
    std::error_code error;
    if (fs::exists(environment, error))
        throw ConfigError("--set-up", fmt::format("{} to be a new folder", environment.string()),
                          "one that is there already, without bin/python", "Remove it, or choose another --dir");
    std::vector<std::string> install{python_of(folder, peer.name).string(), "-m", "pip", "install", "--quiet"};
    install.insert(install.end(), peer.packages.begin(), peer.packages.end());
    try {
        for (const std::string& command :
             {shell_command(std::array<std::string, 4>{"python3", "-m", "venv", environment.string()}),
              shell_command(install)}) {
            print_line(command);
            output_of(command, 1);
        }
    } catch (...) {
        fs::remove_all(environment, error);  // half of it would pass for the whole the next time
        throw;
    }
}

std::string peer_command(const std::string& folder, const std::string& peer, const std::string& program,
                         const std::vector<std::string>& arguments) {
    std::error_code error;
    const fs::path file = fs::canonical(programs_folder() / program, error);
    if (error)
        throw ConfigError("peers", "the program " + (programs_folder() / program).string(), error.message(),
                          "Install tapegrad anew, or run tools/bench in its source tree");
    std::vector<std::string> words{python_of(folder, peer).string(), file.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return shell_command(words);
}

}  // namespace tapegrad
