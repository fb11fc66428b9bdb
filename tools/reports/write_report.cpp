#include "tools/reports/write_report.hpp"

#include "datasets/files.hpp"

namespace tapegrad {

void write_report(const ReportInputs& inputs, const std::filesystem::path& file,
                  const std::filesystem::path& page_folder) {
    write_file(file, assemble_page(page_folder, report_data(inputs)));
}

}  // namespace tapegrad
