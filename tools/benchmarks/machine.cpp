#include "tools/benchmarks/machine.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "autograd/version.hpp"
#include "tools/benchmarks/report.hpp"

namespace tapegrad {
namespace {

// How many programs wanted to run in the last minute; 0 where the system does not say.
double load_average() {
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace

void print_machine(const Backend& backend) {
    print_line(fmt::format("tapegrad {} | {}, {} cores | {} thread{} | backend {}: {}", version, processor_model(),
                           core_count(), backend.threads(), backend.threads() == 1 ? "" : "s", backend.name(),
                           backend.description()));
    if (load_average() > 0.5 * core_count())
        print_line(
            fmt::format("the machine is busy (load {:.1f} in the last minute): figures with as many threads as "
                        "cores mean little",
                        load_average()));
}

nlohmann::json machine_json(const Backend& backend) {
    return {{"version", version},
            {"processor", processor_model()},
            {"cores", core_count()},
            {"load", load_average()},
            {"threads", backend.threads()},
            {"backend", backend.name()},
            {"description", backend.description()}};
}

}  // namespace tapegrad
