// The words of the text form, shared by its reader and its writer.
#pragma once

#include <array>
#include <string_view>

namespace tapegrad::text_form {

inline constexpr std::string_view papers_file = "papers.tsv";
inline constexpr std::string_view citations_file = "citations.tsv";

inline constexpr std::string_view first_line = "# tapegrad text graph 1";
inline constexpr std::string_view features_line = "# features ";
inline constexpr std::string_view class_line = "# class ";
inline constexpr std::string_view papers_header = "paper\tlabel\tsplit\twords";
inline constexpr std::string_view citations_header = "citing\tcited";

inline constexpr std::string_view no_label = "-";
inline constexpr std::string_view no_split = "none";
/// Of Dataset::train, validation and test.
inline constexpr std::array<std::string_view, 3> splits{"train", "val", "test"};

}  // namespace tapegrad::text_form
