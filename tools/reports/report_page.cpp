#include "tools/reports/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/share_folder.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

std::string all_scripts(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".js") files.push_back(entry.path());
    std::ranges::sort(files);
    std::string scripts;
    for (const fs::path& file : files) scripts += read_file(file);
    return scripts;
}

// Where in the template a placeholder begins.
std::size_t place_of(const std::string& page, std::string_view placeholder, const fs::path& file) {
    const std::size_t place = page.find(placeholder);
    if (place == std::string::npos || page.find(placeholder, place + 1) != std::string::npos)
        throw DataError(file.string(), fmt::format("{} once", placeholder),
                        place == std::string::npos ? "none" : "several", "Restore the file");
    return place;
}

}  // namespace

fs::path report_page_folder() { return share_folder() / "report"; }

std::string json_for_script(const nlohmann::json& data) {
    const std::string json = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string text;
    text.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string_view three = std::string_view(json).substr(i, 3);
        if (json[i] == '<') {
            text += "\\u003c";
        } else if (three == "\u2028" || three == "\u2029") {
            text += three == "\u2028" ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            text += json[i];
        }
    }
    return text;
}

std::string assemble_page(const fs::path& folder, const nlohmann::json& data) {
    const fs::path file = folder / "report.html";
    std::string page = read_file(file);
    // All places are looked for before anything is put in, for what is put in may hold such words too.
    std::vector<std::pair<std::size_t, std::string_view>> places;
    for (const std::string_view placeholder : {"{{css}}", "{{script}}", "{{data}}"})
        places.emplace_back(place_of(page, placeholder, file), placeholder);
    std::ranges::sort(places);
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        const auto& [begin, placeholder] = *place;
        page.replace(begin, placeholder.size(),
                     placeholder == "{{css}}"      ? read_file(folder / "report.css")
                     : placeholder == "{{script}}" ? all_scripts(folder)
                                                   : json_for_script(data));
    }
    return page;
}

}  // namespace tapegrad
