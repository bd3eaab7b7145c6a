#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "compat/opa/commands.h"
#include "compat/opa/compile_flags.h"
#include "compat/opa/load.h"
#include "rego/syntax/format.h"

namespace merlon::compat::opa {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = std::uint64_t{64} << 20;

rego::syntax::RegoVersion version_to_format(const ParsedCommand& command) {
    if (command.is_set("v0-v1") || command.is_set("rego-v1")) {
        return rego::syntax::RegoVersion::kV0CompatibleV1;
    }
    return version_of(command);
}

using rego::syntax::KeywordsInPaths;

rego::syntax::Formatted format(const ParsedCommand& command, KeywordsInPaths keywords,
                               std::string_view text) {
    rego::syntax::FormatOptions options;
    options.version = version_to_format(command);
    options.keywords_in_paths = keywords;
    if (command.is_set("drop-v0-imports")) {
        options.redundant_imports = rego::syntax::RedundantImports::kDrop;
    }
    return rego::syntax::format_source(text, options);
}

// As OPA: what fails while it is written has the file's name once more, and "empty module" is no
// list.
std::string wrong_text(const rego::syntax::Formatted& formatted, const std::string& file) {
    std::vector<ShownError> errors;
    for (const rego::syntax::SyntaxError& error : formatted.errors) {
        errors.push_back(opa::shown(error, file));
    }
    const std::string name = formatted.failed_while_formatting ? file + ": " : "";
    const bool is_empty = errors.size() == 1 && errors[0].message == "empty module";
    return name + (is_empty ? errors[0].to_string() : to_string(errors));
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
           "--check-result=false.";
}

// Files one by one, until something is wrong with one.
class Formatting {
  public:
    Formatting(const ParsedCommand& command, KeywordsInPaths keywords, const Outside& outside)
        : command_(command), keywords_(keywords), outside_(outside) {}

    // 0: on to the next.
    int walk(const std::string& path);

  private:
    int fail(std::string_view text, int code = kFailed) {
        outside_.write_error(std::string(text) + "\n");
        return code;
    }
    int unexpected_difference() { return fail("unexpected diff"); }
    int file(const std::string& path);
    int write(const std::string& path, const std::string& text);

    const ParsedCommand& command_;
    KeywordsInPaths keywords_;
    const Outside& outside_;
};

// As filepath.Walk: a folder's entries by their names, links to folders not followed.
int Formatting::walk(const std::string& path) {
    std::error_code code;
    const auto status = std::filesystem::symlink_status(path, code);
    if (!std::filesystem::exists(status)) {
        return fail("lstat " + path + ": no such file or directory", kWronglyAsked);
    }
    if (!std::filesystem::is_directory(status)) {
        // What is no policy by its name is passed over: `fmt *` is common.
        return std::filesystem::path(path).extension() == ".rego" ? file(path) : 0;
    }
    std::vector<std::string> names;
    for (auto at = std::filesystem::directory_iterator(path, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        names.push_back(at->path().filename().string());
    }
    if (code) return fail("open " + path + ": " + code.message(), kWronglyAsked);
    std::ranges::sort(names);
    for (const std::string& name : names) {
        // As Go joins paths: "./a" is "a".
        const std::string below = (std::filesystem::path(path) / name).lexically_normal().string();
        if (const int wrong = walk(below); wrong != 0) return wrong;
    }
    return 0;
}

int Formatting::write(const std::string& path, const std::string& text) {
    const Status written = write_file_atomically(path, text);
    return written.ok() ? 0
                        : fail("failed to open file for writing: " + written.error().to_string());
}

// What --list, --diff, --write and --fail ask for of one file; what is left is printed.
int Formatting::file(const std::string& path) {
    const auto text = read_as_go(path, kMaxPolicyBytes);
    if (!text.ok()) return fail("failed to open file: " + text.error().to_string());
    const rego::syntax::Formatted formatted = format(command_, keywords_, text.value());
    if (!formatted.errors.empty()) {
        return fail("failed to format Rego source file: " + wrong_text(formatted, path));
    }
    const std::string wrong = wrong_result(command_, path, formatted.text);
    if (!wrong.empty()) return fail(wrong);
    const bool changes = formatted.text != text.value();
    const bool fails = changes && command_.is_set("fail");
    if (command_.is_set("list") || command_.is_set("diff")) {
        if (!changes) return 0;
        const std::string shown = command_.is_set("list")
                                      ? path + "\n"
                                      : path + "\n" + difference(text.value(), formatted.text);
        if (const int code = print(outside_, shown, 0); code != 0) return code;
        return fails ? unexpected_difference() : 0;
    }
    if (fails) return unexpected_difference();
    if (!command_.is_set("write")) return print(outside_, formatted.text, 0);
    return changes ? write(path, formatted.text) : 0;
}

// OPA's flags are about files: of standard input the formatted text is all there is.
int format_input(const ParsedCommand& command, KeywordsInPaths keywords, const Outside& outside) {
    const auto text = outside.read_input();
    if (!text.ok()) {
        outside.write_error(text.error().to_string() + "\n");
        return kWronglyAsked;
    }
    const rego::syntax::Formatted formatted = format(command, keywords, text.value());
    if (formatted.errors.empty()) return print(outside, formatted.text, 0);
    outside.write_error(wrong_text(formatted, "stdin") + "\n");
    return kWronglyAsked;
}

}  // namespace

int run_fmt(const ParsedCommand& command, const Outside& outside) {
    Arena arena;
    Interner interner;
    Loader loader(arena, interner, version_of(command));
    CompileFlags flags;
    if (!flags.read_capabilities(command, loader)) {
        return wrongly_asked(command, outside, flags.wrong_flag());
    }
    const bool are_known =
        !flags.has_capabilities() || flags.capabilities().has_keywords_in_paths();
    const auto keywords = are_known ? KeywordsInPaths::kAsWritten : KeywordsInPaths::kInBrackets;
    if (command.arguments.empty()) return format_input(command, keywords, outside);
    Formatting formatting(command, keywords, outside);
    for (const std::string& argument : command.arguments) {
        const auto path = clean_path(argument);
        if (!path.ok()) {
            outside.write_error(path.error().message + "\n");
            return kWronglyAsked;
        }
        if (const int code = formatting.walk(path.value()); code != 0) return code;
    }
    return 0;
}

}  // namespace merlon::compat::opa
