// report.html: the page's files and its data in one file that needs nothing else.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Where the files of the page lie: share/tapegrad/report beside the program's own folder.
std::filesystem::path report_page_folder();

/// The report.html of `folder` with report.css, all *.js in the order of their names, and `data` in the places of its
/// {{css}}, {{script}} and {{data}}. Throws DataError when a file is missing or does not have each place once.
std::string assemble_page(const std::filesystem::path& folder, const nlohmann::json& data);

/// JSON that may stand within a <script> element: "<" and the line separators of JavaScript are escaped.
std::string json_for_script(const nlohmann::json& data);

}  // namespace tapegrad
