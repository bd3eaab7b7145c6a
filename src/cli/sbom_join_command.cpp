#include "cli/sbom_join_command.h"

#include <fmt/core.h>

#include <algorithm>

#include <array>

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/bom_output.h"
#include "cli/command_table.h"
#include "exchange/bom_join.h"
#include "exchange/bom_read.h"
#include "packages/license.h"
#include "text/json.h"

namespace merlon::cli {
namespace {

using exchange::Bom;

// "sbom:FILE" is the same file here as FILE.
Result<Bom> read(const std::string& argument) {
    constexpr std::string_view kPrefix = "sbom:";
    const std::string path =
        argument.starts_with(kPrefix) ? argument.substr(kPrefix.size()) : argument;
    const std::string bytes = MERLON_TRY(read_text_file(path));
    Result<exchange::ReadBom> read = exchange::read_bom(bytes, packages::is_listed_license);
    if (read.ok()) return std::move(read).value().bom;
    Error error = std::move(read).error();
    const std::uint32_t line = error.line, column = error.column;
    return std::move(error).at(path, line, column);
}

Result<std::vector<Bom>> read_all(const ParsedCommand& command) {
    std::vector<Bom> boms;
    for (const std::string& argument : command.arguments)
        boms.push_back(MERLON_TRY(read(argument)));
    return boms;
}

int write(Bom bom, const ParsedCommand& command, const BomRequest& request,
          const Environment& environment) {
    bom.timestamp = format_rfc3339(request.time);
    if (!command.text("name").empty()) bom.name = bom.root.name = command.text("name");
    if (!command.text("project-version").empty())
        bom.root.version = command.text("project-version");
    return write_bom(bom, request, environment) ? kClean : kIncomplete;
}

using Changes = std::vector<exchange::BomChange>;

struct ChangeList {
    std::string_view word;
    Changes exchange::BomDifference::* changes;
};
constexpr std::array kLists{
    ChangeList{"added", &exchange::BomDifference::added},
    ChangeList{"removed", &exchange::BomDifference::removed},
    ChangeList{"changed", &exchange::BomDifference::changed},
    ChangeList{"licence", &exchange::BomDifference::licenses},
    ChangeList{"hash", &exchange::BomDifference::hashes},
};

void print_lines(const exchange::BomDifference& found, TextSink& sink) {
    for (const auto& [word, changes] : kLists)
        for (const exchange::BomChange& change : found.*changes)
            sink.buffer() += fmt::format("{:<8} {} {}\n", word, change.name, change.detail);
}

void print_json(const exchange::BomDifference& found, TextSink& sink) {
    text::JsonWriter json(sink.buffer(), "  ");
    json.begin_object();
    for (const auto& [word, changes] : kLists) {
        json.key(word).begin_array();
        for (const exchange::BomChange& change : found.*changes) {
            json.begin_object().member("name", change.name);
            json.member("detail", change.detail).end_object();
        }
        json.end_array();
    }
    json.end_object();
    sink.buffer() += '\n';
}

}  // namespace

int run_sbom_merge(const ParsedCommand& command, const Environment& environment) {
    const Result<BomRequest> request = bom_request(command, environment);
    if (!request.ok()) return fail(environment, request.error().to_string());
    if (command.arguments.size() < 2)
        return fail(environment, "which documents? merlon sbom merge A B…");
    apply_sandbox({.writable_paths = writable_paths(request.value().outputs)});
    const Result<std::vector<Bom>> parts = read_all(command);
    if (!parts.ok()) return fail(environment, parts.error().to_string());
    Bom bom;
    bom.name = bom.root.name =
        command.text("name").empty() ? std::string("merged") : command.text("name");
    bom.root.ref = "root";
    bom.root.type = exchange::BomType::kApplication;
    bom.tools = {{.vendor = "", .name = "merlon", .version = std::string(version())}};
    return write(exchange::merge_boms(parts.value(), std::move(bom)), command, request.value(),
                 environment);
}

int run_sbom_convert(const ParsedCommand& command, const Environment& environment) {
    const Result<BomRequest> request = bom_request(command, environment);
    if (!request.ok()) return fail(environment, request.error().to_string());
    if (command.arguments.size() != 1)
        return fail(environment, "which document? merlon sbom convert FILE");
    apply_sandbox({.writable_paths = writable_paths(request.value().outputs)});
    Result<Bom> bom = read(command.arguments[0]);
    if (!bom.ok()) return fail(environment, bom.error().to_string());
    Bom converted = std::move(bom).value();
    const exchange::BomTool own{.vendor = "", .name = "merlon", .version = std::string(version())};
    // The schema asks for each tool once.
    if (std::ranges::find(converted.tools, own) == converted.tools.end())
        converted.tools.push_back(own);
    // Another document than the one that was read.
    converted.serial = exchange::content_serial(converted);
    return write(std::move(converted), command, request.value(), environment);
}

int run_sbom_diff(const ParsedCommand& command, const Environment& environment) {
    constexpr std::array<std::string_view, 2> kDiffFormats{"table", "json"};
    const Result<std::vector<Output>> outputs = outputs_of(command, kDiffFormats);
    if (!outputs.ok()) return fail(environment, outputs.error().to_string());
    if (command.arguments.size() != 2)
        return fail(environment, "which documents? merlon sbom diff OLD NEW");
    apply_sandbox({.writable_paths = writable_paths(outputs.value())});
    const Result<std::vector<Bom>> boms = read_all(command);
    if (!boms.ok()) return fail(environment, boms.error().to_string());
    const exchange::BomDifference found = exchange::compare_boms(boms.value()[0], boms.value()[1]);
    for (const Output& output : outputs.value()) {
        const Status written = write_output(environment, output, [&](TextSink& sink) {
            output.format == "json" ? print_json(found, sink) : print_lines(found, sink);
        });
        if (!written.ok()) return fail(environment, written.error().to_string());
    }
    return found == exchange::BomDifference{} ? kClean : kFindings;
}

}  // namespace merlon::cli
