// report.html of a run.
#pragma once

#include <filesystem>

#include "tools/reports/report_data.hpp"
#include "tools/reports/report_page.hpp"

namespace tapegrad {

/// Writes `file`, which is there whole or not at all; takes 0.1 to 0.3 s for Cora. Throws DataError when it cannot be
/// written or the page's files are missing, and what report_data throws.
void write_report(const ReportInputs& inputs, const std::filesystem::path& file,
                  const std::filesystem::path& page_folder = report_page_folder());

}  // namespace tapegrad
