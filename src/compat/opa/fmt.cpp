#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/load.h"
#include "rego/syntax/format.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = std::uint64_t{64} << 20;
constexpr int kMaxFolderDepth = 64;

rego::syntax::RegoVersion version_to_format(const ParsedCommand& command) {
    if (command.is_set("v0-v1") || command.is_set("rego-v1")) {
        return rego::syntax::RegoVersion::kV0CompatibleV1;
    }
    return version_of(command);
}

// The policies below a folder, in OPA's order: entry by entry by name, each folder with all of it.
Status add_policies(const std::filesystem::path& folder, int depth,
                    std::vector<std::string>& files) {
    if (depth > kMaxFolderDepth) return Error{folder.string() + ": folders are nested too deeply"};
    std::error_code code;
    std::vector<std::filesystem::path> entries;
    for (auto at = std::filesystem::directory_iterator(folder, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        // As Go joins paths: "./a" is "a".
        entries.push_back(at->path().lexically_normal());
    }
    if (code) return Error{"open " + folder.string() + ": " + code.message()};
    std::ranges::sort(entries);
    for (const std::filesystem::path& entry : entries) {
        const auto type = std::filesystem::symlink_status(entry, code).type();
        if (type == std::filesystem::file_type::directory) {
            MERLON_TRY(add_policies(entry, depth + 1, files));
        } else if (entry.extension() == ".rego") {
            files.push_back(entry.string());
        }
    }
    return {};
}

// The policies that an argument names. What is there and is none by its name is passed over:
// `fmt *` is common. Fails for what is not there.
Result<std::vector<std::string>> policies_of(const std::string& argument) {
    std::vector<std::string> files;
    std::error_code code;
    const std::string path = path_of_url(argument);
    if (std::filesystem::is_directory(path, code)) {
        MERLON_TRY(add_policies(path, 0, files));
    } else if (!std::filesystem::exists(std::filesystem::symlink_status(path, code))) {
        return Error{"lstat " + path + ": no such file or directory"};
    } else if (std::filesystem::path(path).extension() == ".rego") {
        files.push_back(path);
    }
    return files;
}

rego::syntax::Formatted format(const ParsedCommand& command, std::string_view text) {
    rego::syntax::FormatOptions options;
    options.version = version_to_format(command);
    if (command.is_set("drop-v0-imports")) {
        options.redundant_imports = rego::syntax::RedundantImports::kDrop;
    }
    return rego::syntax::format_source(text, options);
}

constexpr std::string_view kStandardInput = "stdin";

// As OPA: what fails while it is written has the file's name once more, and "empty module" is no
// list.
int fail(const Outside& outside, const rego::syntax::Formatted& formatted,
         const std::string& file) {
    std::vector<ShownError> errors;
    for (const rego::syntax::SyntaxError& error : formatted.errors) {
        errors.push_back(opa::shown(error, file));
    }
    const bool is_standard_input = file == kStandardInput;
    std::string text = is_standard_input ? "" : "failed to format Rego source file: ";
    if (formatted.failed_while_formatting) text += file + ": ";
    const bool is_empty = errors.size() == 1 && errors[0].message == "empty module";
    outside.write_error(text + (is_empty ? errors[0].to_string() : to_string(errors)) + "\n");
    return is_standard_input ? kWronglyAsked : kFailed;
}

// The lines that go and those that come, with what both texts have in common left out.
std::string difference(std::string_view before, std::string_view after) {
    const auto lines_of = [](std::string_view text) {
        std::vector<std::string_view> lines;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
            lines.push_back(text.substr(0, end));
            text.remove_prefix(end);
        }
        return lines;
    };
    std::vector<std::string_view> old_lines = lines_of(before);
    std::vector<std::string_view> new_lines = lines_of(after);
    std::size_t first = 0;
    while (first < old_lines.size() && first < new_lines.size() &&
           old_lines[first] == new_lines[first]) {
        ++first;
    }
    std::size_t last = 0;
    while (last < old_lines.size() - first && last < new_lines.size() - first &&
           old_lines[old_lines.size() - 1 - last] == new_lines[new_lines.size() - 1 - last]) {
        ++last;
    }
    std::string text = "@@ line " + std::to_string(first + 1) + " @@\n";
    const auto append = [&text, first, last](char sign, std::span<const std::string_view> lines) {
        for (const std::string_view line : lines.subspan(first, lines.size() - first - last)) {
            text += sign;
            text += line;
            if (!line.ends_with('\n')) text += '\n';
        }
    };
    append('-', old_lines);
    append('+', new_lines);
    return text;
}

// What was written must be a policy as well; empty: it is.
std::string wrong_result(const ParsedCommand& command, const std::string& file,
                         std::string_view formatted) {
    if (command.text("check-result") == "false") return {};
    Arena arena;
    Interner interner;
    rego::syntax::ParseOptions options;
    options.version = version_to_format(command);
    const auto parsed = rego::syntax::parse_module(formatted, arena, interner, options);
    if (parsed.errors.empty()) return {};
    std::vector<ShownError> errors;
    for (const auto& error : parsed.errors) errors.push_back(opa::shown(error, "formatted"));
    return file + " was successfully formatted, but the result is invalid: " + to_string(errors) +
           "\n\nTo inspect the formatted Rego, you can turn off this check with "
           "--check-result=false. (2)\n";
}

// What --list, --diff, --write and --fail ask for of one file; what is left is printed. With --fail
// the first file that would change ends it all.
int format_file(const ParsedCommand& command, const Outside& outside, const std::string& file) {
    const auto text = read_text_file(file, kMaxPolicyBytes);
    if (!text.ok()) {
        outside.write_error("failed to open file: " + text.error().to_string() + "\n");
        return kFailed;
    }
    const rego::syntax::Formatted formatted = format(command, text.value());
    if (!formatted.errors.empty()) return fail(outside, formatted, file);
    const std::string wrong = wrong_result(command, file, formatted.text);
    if (!wrong.empty()) {
        outside.write_error(wrong);
        return kFailed;
    }
    const bool changes = formatted.text != text.value();
    const bool is_listed = command.is_set("list");
    if (changes && (is_listed || command.is_set("diff"))) {
        const std::string shown =
            file + "\n" + (is_listed ? "" : difference(text.value(), formatted.text));
        if (const int code = print(outside, shown, 0); code != 0) return code;
    }
    if (changes && command.is_set("fail")) {
        outside.write_error("unexpected diff\n");
        return kFailed;
    }
    if (is_listed || command.is_set("diff")) return 0;
    if (command.is_set("write")) {
        if (!changes) return 0;
        const Status written = write_file_atomically(file, formatted.text);
        if (written.ok()) return 0;
        outside.write_error("merlon: " + written.error().to_string() + "\n");
        return kFailed;
    }
    return print(outside, formatted.text, 0);
}

}  // namespace

int run_fmt(const ParsedCommand& command, const Outside& outside) {
    if (command.arguments.empty()) {
        const auto text = outside.read_input();
        if (!text.ok()) {
            outside.write_error("merlon: " + text.error().to_string() + "\n");
            return kFailed;
        }
        const rego::syntax::Formatted formatted = format(command, text.value());
        if (!formatted.errors.empty()) return fail(outside, formatted, std::string(kStandardInput));
        return print(outside, formatted.text, 0);
    }
    for (const std::string& argument : command.arguments) {
        const auto files = policies_of(argument);
        if (!files.ok()) {
            outside.write_error(files.error().to_string() + "\n");
            return kWronglyAsked;
        }
        for (const std::string& file : files.value()) {
            if (const int code = format_file(command, outside, file); code != 0) return code;
        }
    }
    return 0;
}

}  // namespace merlon::compat::opa
