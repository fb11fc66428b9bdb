#include "tools/documents/operators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/kernels.hpp"
#include "tools/common/how_it_runs.hpp"

namespace tapegrad {
namespace {

constexpr const char* introduction = R"(# Operators

Every op of the library. `tools/document-ops --out docs/operators.md` writes this file from the definitions in
`autograd/ops/`, and a test fails while it is stale; with `--load LIB` the list has the ops of an extension too.

The first line of an op is its signature: inputs, then after a semicolon attributes, each with a value of its type, the
usual one where there is one. A call by `apply` (`autograd/op.hpp`) gives all of them; the functions in
`autograd/ops/*.hpp` are shorter to write. Then come the formula and the shapes: a letter is an extent, `...` stands
for any axes, `[]` is a scalar. Numbers are f32 or f64, the same in all inputs; indices, groupings, labels, keys and
masks are i32.

A gradient is either written for the op, which keeps what is named alive until backward, or taken through the op's
composition of other ops. Either way it is made of ops and can be differentiated again. Where an op has none, the
reason is given.

How a backend runs an op:

- **native**: by a kernel of the op's name, for f32 and f64 unless a dtype is named;
- **direct**: the op itself calls mandatory kernels, or moves nothing at all (`tools/train --explain` counts it as native);
- **composed**: by other ops, down to mandatory kernels.
)";

std::string heading_of(const OpDef& op) { return op.family.empty() ? "Extensions" : op.family; }

std::string to_text(const Attribute& attribute) {
    std::string value;
    if (const auto* real = std::get_if<double>(&attribute.value))
        value = *real == std::floor(*real) ? fmt::format("{:.1f}", *real) : fmt::format("{}", *real);
    else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value))
        value = fmt::format("{}", *integer);
    else
        value = to_string(std::get<Dims>(attribute.value));
    return fmt::format("{} = {}", attribute.name, value);
}

std::string signature(const OpDef& op) {
    std::vector<std::string> attributes;
    for (const Attribute& attribute : op.attributes.list()) attributes.push_back(to_text(attribute));
    return fmt::format("{}({}{}{})", op.name, fmt::join(op.inputs, ", "), attributes.empty() ? "" : "; ",
                       fmt::join(attributes, ", "));
}

std::string shapes_of(const OpDef& op) {
    if (!op.shapes.empty()) return op.shapes;
    return op.inputs.size() == 1 ? "[...] -> [...]" : "all inputs broadcast to one shape -> that shape";
}

/// Lines of at most 100 characters, all but the first indented: between the entries of a list, or between words.
enum class BreakAt { entries, words };
std::string wrapped(const std::string& text, BreakAt places) {
    constexpr std::size_t width = 100;
    std::string result, line, part;
    int brackets = 0;
    const auto finish_part = [&] {
        if (!line.empty() && line.size() + 1 + part.size() > width) {
            result += line + "\n";
            line = "   ";
        }
        line += (line.empty() ? "" : " ") + part;
        part.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        brackets += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
        const bool ends_entry = i > 0 && (text[i - 1] == ',' || text[i - 1] == ';' || text.compare(i, 3, " ->") == 0);
        if (text[i] == ' ' && brackets == 0 && (places == BreakAt::words || ends_entry))
            finish_part();
        else
            part += text[i];
    }
    finish_part();
    return result + line;
}

std::string gradient_kind(const OpDef& op) {
    return !op.non_differentiable.empty() ? "none" : op.vjp ? "own" : "through its composition";
}

std::string gradient_of(const OpDef& op) {
    if (!op.non_differentiable.empty()) return "none: " + op.non_differentiable;
    std::string text = "through its composition";
    if (op.vjp) {
        std::vector<std::string> saved;
        for (const std::size_t input : op.saves.inputs) saved.push_back("`" + op.inputs[input] + "`");
        for (const std::size_t output : op.saves.outputs) saved.push_back(fmt::format("output {}", output));
        text = saved.empty() ? "its own, saves nothing" : fmt::format("its own, saves {}", fmt::join(saved, ", "));
    }
    std::vector<std::string> constants;
    for (const std::size_t input : op.constant_inputs) constants.push_back("`" + op.inputs[input] + "`");
    if (!constants.empty()) text += fmt::format("; none for {}", fmt::join(constants, ", "));
    if (op.auxiliary_outputs == 1) text += "; the last output is for the gradient alone";
    if (op.auxiliary_outputs > 1)
        text += fmt::format("; the last {} outputs are for the gradient alone", op.auxiliary_outputs);
    return text;
}

std::string cell_of(const OpDef& op, Backend& backend) {
    std::vector<std::string> dtypes;
    for (const DType dtype : {DType::f32, DType::f64, DType::i32})
        if (how_it_runs(op, backend, dtype) == "native") dtypes.push_back(to_string(dtype));
    if (dtypes.empty()) return how_it_runs(op, backend, DType::f32);
    const bool all_floats = std::ranges::count(dtypes, "f32") == 1 && std::ranges::count(dtypes, "f64") == 1;
    return all_floats ? "native" : fmt::format("native ({})", fmt::join(dtypes, ", "));
}

std::string link_to(const std::string& op) { return fmt::format("[`{0}`](#{0})", op); }

std::vector<std::string> cells_of(const std::string& row) {
    std::vector<std::string> cells;
    std::istringstream stream(row);
    for (std::string cell; std::getline(stream, cell, '|');) {
        const std::size_t first = cell.find_first_not_of(' '), last = cell.find_last_not_of(' ');
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

/// What an earlier document says about a backend: a cell for each linked op.
std::map<std::string, std::string> earlier_column(const std::string& document, const std::string& backend) {
    std::map<std::string, std::string> column;
    std::istringstream lines(document);
    std::size_t place = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> cells = cells_of(line);
        if (cells.size() < 2) continue;
        if (cells[1] == "op")
            place = static_cast<std::size_t>(std::ranges::find(cells, backend) - cells.begin());
        else if (place > 0 && place < cells.size())
            column[cells[1]] = cells[place];
    }
    return column;
}

std::string table_of(std::span<const std::reference_wrapper<const OpDef>> ops, std::span<const BackendColumn> backends,
                     const std::string& earlier) {
    std::string text = "| op | gradient |", rule = "|---|---|";
    std::vector<std::map<std::string, std::string>> kept;
    for (const BackendColumn& column : backends) {
        text += fmt::format(" {} |", column.name);
        rule += "---|";
        kept.push_back(column.backend ? std::map<std::string, std::string>() : earlier_column(earlier, column.name));
    }
    text += "\n" + rule + "\n";
    for (const OpDef& op : ops) {
        text += fmt::format("| {} | {} |", link_to(op.name), gradient_kind(op));
        for (std::size_t i = 0; i < backends.size(); ++i) {
            std::string& cell = kept[i][link_to(op.name)];
            if (backends[i].backend) cell = cell_of(op, *backends[i].backend);
            text += fmt::format(" {} |", cell.empty() ? "not known" : cell);
        }
        text += "\n";
    }
    return text;
}

std::string section_of(const OpDef& op) {
    std::string text =
        fmt::format("### {}\n\n```\n{}\n{}\n{}\n```\n\n", op.name, wrapped(signature(op), BreakAt::entries),
                    wrapped(op.formula, BreakAt::words), wrapped(shapes_of(op), BreakAt::entries));
    text += fmt::format("Gradient: {}.\n", gradient_of(op));
    if (!op.source.empty()) text += fmt::format("<br>From: {}.\n", op.source);
    return text;
}

}  // namespace

std::string document_ops(std::span<const std::reference_wrapper<const OpDef>> ops,
                         std::span<const BackendColumn> backends, const std::string& earlier) {
    std::string text = introduction;
    text += "\n" + table_of(ops, backends, earlier);
    std::string heading;
    for (const OpDef& op : ops) {
        if (heading_of(op) != heading) {
            heading = heading_of(op);
            text += fmt::format("\n## {}\n", heading);
        }
        text += "\n" + section_of(op);
    }
    return text;
}

}  // namespace tapegrad
