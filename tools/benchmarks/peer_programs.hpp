// The other frameworks, each in a Python environment of its own, and the programs in tools/peers that use them.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tapegrad {

struct Peer {
    std::string name;                   ///< also that of its folder: "pyg"
    std::string title;                  ///< "PyTorch Geometric"
    std::string program;                ///< in tools/peers: "gat_pyg.py"
    std::vector<std::string> packages;  ///< for pip
};

std::span<const Peer> all_peers();

/// build/peers in the source tree; of an installed program, the folder peers where one is.
std::string default_peers_folder();

/// Is the peer's environment there?
bool is_set_up(const std::string& folder, const std::string& peer);
/// Throws ConfigError unless it is.
void require_peer(const std::string& folder, const std::string& peer);

/// Makes the peer's environment and says what it does. Throws ConfigError if its folder is there already, and
/// BackendError if a command fails; nothing is left then.
void set_up(const std::string& folder, const Peer& peer);

/// The shell command that runs a program of tools/peers in the peer's environment. Throws ConfigError if the program
/// is not there.
std::string peer_command(const std::string& folder, const std::string& peer, const std::string& program,
                         const std::vector<std::string>& arguments);

}  // namespace tapegrad
