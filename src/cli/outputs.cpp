#include "cli/outputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <limits>
#include <span>
#include <system_error>

#include "base/file.h"

namespace merlon::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kFormats = {"table",    "json", "sarif", "junit",
                                                      "markdown", "html", "csv"};

struct Ending {
    std::string_view ending;
    std::string_view format;
};
constexpr std::array kEndings = std::to_array<Ending>({{".json", "json"},
                                                       {".sarif", "sarif"},
                                                       {".sarif.json", "sarif"},
                                                       {".xml", "junit"},
                                                       {".md", "markdown"},
                                                       {".html", "html"},
                                                       {".csv", "csv"}});

// What a file's name says where nobody has asked for a format; the last ending that fits is the
// most special one.
std::string format_of_name(const std::string& path, const ParsedCommand& command,
                           std::span<const std::string_view> formats) {
    std::string format = command.text("format");
    if (command.is_set("format") && command.source("format") != ValueSource::kDefault) {
        return format;
    }
    for (const Ending& known : kEndings) {
        if (path.ends_with(known.ending) &&
            std::ranges::find(formats, known.format) != formats.end()) {
            format = known.format;
        }
    }
    return format;
}

Output read_output(const std::string& text, const ParsedCommand& command,
                   std::span<const std::string_view> formats) {
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) {
        const std::string format = text.substr(0, equals);
        if (std::ranges::find(formats, format) != formats.end()) {
            return {format, text.substr(equals + 1)};
        }
    }
    return {format_of_name(text, command, formats), text};
}

// "sraif=out.sarif": a word and an equals sign, where a format is meant.
bool looks_like_format(const std::string& text) {
    const std::size_t equals = text.find('=');
    return equals != std::string::npos && equals > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals),
                       [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
}

std::string joined(std::span<const std::string_view> words) {
    std::string all;
    for (const std::string_view word : words) all += (all.empty() ? "" : ", ") + std::string(word);
    return all;
}

// Equal for all spellings of one file.
std::filesystem::path full_path(const std::string& path) {
    std::error_code code;
    const std::filesystem::path full = std::filesystem::weakly_canonical(path, code);
    return code ? std::filesystem::path(path) : full;
}

}  // namespace

std::span<const std::string_view> report_formats() { return kFormats; }

Result<std::vector<Output>> outputs_of(const ParsedCommand& command,
                                       std::span<const std::string_view> formats) {
    std::vector<Output> outputs;
    for (const std::string& text : command.list("output")) {
        Output output = read_output(text, command, formats);
        if (output.path == text && looks_like_format(text)) {
            return Error{
                fmt::format("--output '{}': '{}' is no format; expected one of {} (./{} is a file "
                            "of that name)",
                            text, text.substr(0, text.find('=')), joined(formats), text)};
        }
        if (output.path.empty()) return Error{"--output '" + text + "' names no file"};
        output.path = behind_links(output.path);
        const auto same = [&](const Output& other) {
            return full_path(other.path) == full_path(output.path);
        };
        if (std::any_of(outputs.begin(), outputs.end(), same)) {
            return Error{"--output writes '" + output.path + "' twice"};
        }
        outputs.push_back(std::move(output));
    }
    if (outputs.empty()) outputs.push_back({command.text("format"), std::string(kStandardOutput)});
    return outputs;
}

Status check_places(std::span<const Output> outputs) {
    for (const Output& output : outputs) {
        if (output.path == kStandardOutput) continue;
        const std::string folder = parent_directory(output.path);
        if (!fs::is_directory(folder)) {
            return Error{"--output: the directory '" + folder + "' does not exist", kNoOffset,
                         output.path};
        }
        if (fs::is_directory(output.path)) {
            return Error{"--output: is a directory, expected a file", kNoOffset, output.path};
        }
    }
    return {};
}

std::vector<std::string> writable_paths(std::span<const Output> outputs) {
    std::vector<std::string> paths;
    for (const Output& output : outputs) {
        if (output.path == kStandardOutput) continue;
        // The file itself where it is a device; its directory for the new file and the rename.
        paths.push_back(output.path);
        paths.push_back(parent_directory(output.path));
    }
    return paths;
}

Status write_output(const Environment& environment, const Output& output,
                    const std::function<void(TextSink& sink)>& print) {
    const auto print_to = [&](const TextSink::Write& write) {
        TextSink sink(write);
        print(sink);
        return sink.finish();
    };
    return output.path == kStandardOutput ? print_to(environment.write_output)
                                          : write_file_atomically(output.path, print_to);
}

std::optional<bool> wants_json(const ParsedCommand& command, const Environment& environment) {
    const std::string& format = command.text("format");
    if (format == "json") return true;
    if (format == "table") return false;
    fail(environment,
         "'merlon " + std::string(command.verb->path) + "' prints table or json, not " + format);
    return std::nullopt;
}

std::string parent_directory(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::uint64_t> parse_size(std::string_view text, std::string_view flag) {
    const Error wrong{"'" + std::string(text) + "' is no size for --" + std::string(flag) +
                      "; write bytes, or a number with K, M or G behind"};
    if (text.empty()) return wrong;
    unsigned shift = 0;
    switch (text.back()) {
        case 'K':
            shift = 10;
            break;
        case 'M':
            shift = 20;
            break;
        case 'G':
            shift = 30;
            break;
        default:
            break;
    }
    if (shift != 0) text.remove_suffix(1);
    std::uint64_t number = 0;
    const auto [stopped, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || stopped != text.data() + text.size() || text.empty()) return wrong;
    if (number > std::numeric_limits<std::uint64_t>::max() >> shift) return wrong;
    return number << shift;
}

}  // namespace merlon::cli
