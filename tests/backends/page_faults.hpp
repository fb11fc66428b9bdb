// Which threads did some of the work: whoever writes a page of fresh memory first has the page fault, and one that only
// waits has none.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace tapegrad::testing {

/// Page faults so far of each thread of this process.
inline std::map<std::string, long> page_faults() {
    std::map<std::string, long> faults;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "stat");
        std::string line;
        std::getline(file, line);
        std::istringstream fields(line.substr(line.rfind(')') + 2));  // the state and what follows it
        std::string field;
        for (int i = 3; i <= 10; ++i) fields >> field;
        faults[task.path().filename()] = std::stol(field);
    }
    return faults;
}

/// How many threads had at least that many page faults more than `before`.
inline int threads_with_page_faults_since(const std::map<std::string, long>& before, long least) {
    int threads = 0;
    for (const auto& [task, faults] : page_faults()) {
        const auto known = before.find(task);
        threads += faults - (known == before.end() ? 0 : known->second) >= least;
    }
    return threads;
}

}  // namespace tapegrad::testing
