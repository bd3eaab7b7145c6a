#include "compat/conftest/configurations.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "base/file.h"
#include "compat/conftest/parsers.h"
#include "compat/conftest/proto_definitions.h"
#include "match/regex.h"
#include "text/position.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::uint64_t kMaxConfigurationBytes = std::uint64_t{1} << 30;
constexpr int kMaxFolderDepth = 64;

class FileWalk {
  public:
    explicit FileWalk(const match::Regex* ignored) : ignored_(ignored) {}

    bool is_ignored(const std::string& path) const {
        return ignored_ != nullptr && ignored_->is_match(path);
    }

    // The files of a folder that a parser takes, in the order of their paths.
    Status folder(const std::filesystem::path& path, int depth) {
        if (depth > kMaxFolderDepth)
            return Error{path.string() + ": folders are nested too deeply"};
        if (!visited_.insert(path.string()).second) return {};
        std::error_code code;
        std::vector<std::filesystem::path> entries;
        for (auto at = std::filesystem::directory_iterator(path, code);
             !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
            // As Go joins paths: "./a" is "a".
            entries.push_back(at->path().lexically_normal());
        }
        if (code) return Error{"walk path: open " + path.string() + ": " + code.message()};
        std::ranges::sort(entries);
        for (const std::filesystem::path& entry : entries) MERLON_TRY(one(entry, depth));
        return {};
    }

    std::vector<std::string> files;

  private:
    // What a link leads to is taken by the name that it has there.
    Status one(const std::filesystem::path& entry, int depth) {
        std::error_code code;
        std::filesystem::path path = entry;
        const auto status = std::filesystem::symlink_status(entry, code);
        if (!std::filesystem::is_directory(status) && is_ignored(entry.string())) return {};
        if (std::filesystem::is_symlink(status)) {
            path = std::filesystem::canonical(entry, code);
            if (code) return Error{"lstat " + entry.string() + ": " + code.message()};
        }
        if (std::filesystem::is_directory(path, code)) return folder(path, depth + 1);
        if (parser_of_path(path.string()) != nullptr) files.push_back(path.string());
        return {};
    }

    const match::Regex* ignored_;
    std::set<std::string> visited_;
};

// The error with the file, line and column of what is wrong in it, as far as they are known.
std::string placed(const Error& error, std::string_view text, const std::string& file) {
    if (error.line != 0) return Error(error).at(file, error.line, error.column).to_string();
    if (error.offset == kNoOffset || error.offset > text.size()) return error.to_string();
    const text::Position place = text::LineIndex(text).position(error.offset);
    return Error(error).at(file, place.line, place.column).to_string();
}

// All .proto files below the folders, in the order of their paths: each may import those before it.
Status load_definitions(std::span<const std::string> folders, ProtoDefinitions& definitions) {
    std::vector<std::string> files;
    for (const std::string& folder : folders) {
        std::error_code code;
        if (!std::filesystem::exists(folder, code)) {
            return Error{"find proto files: walk dir \"" + folder + "\": lstat " + folder +
                         ": no such file or directory"};
        }
        std::vector<std::string> found;
        for (auto at = std::filesystem::recursive_directory_iterator(folder, code);
             !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code)) {
            const std::string path = at->path().lexically_normal().string();
            if (path.ends_with(".proto") && !at->is_directory(code)) found.push_back(path);
        }
        if (code) return Error{"find proto files: open " + folder + ": " + code.message()};
        std::ranges::sort(found);
        files.insert(files.end(), found.begin(), found.end());
    }
    if (files.empty()) return Error{"load protos: must supply at least one file path"};
    for (const std::string& file : files) {
        const auto text = read_text_file(file, kMaxConfigurationBytes);
        const Status loaded = text.ok() ? definitions.load(file, text.value()) : text.error();
        if (!loaded.ok()) {
            return Error{"load protos: load messages from files: load proto file " + file + ": " +
                         loaded.error().to_string()};
        }
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> list_files(std::span<const std::string> arguments,
                                            const std::string& ignored) {
    std::optional<match::Regex> expression;
    if (!ignored.empty()) {
        auto compiled = match::Regex::compile(ignored);
        if (!compiled.ok()) {
            return Error{"given regexp couldn't be parsed :" + compiled.error().message};
        }
        expression.emplace(std::move(compiled).value());
    }
    FileWalk walk(expression ? &*expression : nullptr);
    for (const std::string& argument : arguments) {
        if (argument.empty()) continue;
        std::error_code code;
        if (argument == "-") {
            walk.files.push_back(argument);
        } else if (!std::filesystem::exists(argument, code)) {
            return Error{"get file info: stat " + argument + ": no such file or directory"};
        } else if (std::filesystem::is_directory(argument, code)) {
            MERLON_TRY(walk.folder(argument, 0));
        } else if (!walk.is_ignored(argument)) {
            walk.files.push_back(argument);
        }
    }
    if (walk.files.empty()) return Error{"no files found"};
    return std::move(walk.files);
}

Result<Configurations> read_configurations(std::span<const std::string> files,
                                           const Parsing& parsing, const opa::Outside& outside,
                                           Reading& reading) {
    const std::string& parser = parsing.parser;
    std::optional<ProtoDefinitions> definitions;
    Configurations read;
    for (const std::string& file : files) {
        const FileParser* const chosen =
            parser.empty() ? parser_of_path(file) : find_parser(parser);
        if (chosen == nullptr) {
            const std::string dot = std::filesystem::path(file).extension().string();
            const std::string name =
                parser.empty() ? dot.substr(std::min<std::size_t>(1, dot.size())) : parser;
            return Error{"new parser: " + std::string(parser.empty() ? "new: " : "") +
                         "unknown parser: " + name + ", path: " + file};
        }
        if (chosen->parse == nullptr) {
            return not_served("the parser '" + std::string(chosen->name) + "' of conftest");
        }
        if (chosen->name == "textproto" && !definitions && !parsing.definition_folders.empty()) {
            const Status loaded =
                load_definitions(parsing.definition_folders, definitions.emplace());
            if (!loaded.ok()) {
                return Error{"new parser: " + loaded.error().to_string() + ", path: " + file};
            }
            reading.definitions = &*definitions;
        }
        auto text =
            file == "-" ? outside.read_input() : read_text_file(file, kMaxConfigurationBytes);
        if (!text.ok()) {
            return Error{"get configuration content: " + text.error().to_string() +
                         ", path: " + file};
        }
        // What parsers make may refer to the text.
        const auto value = chosen->parse(reading.arena.copy(text.value()), reading);
        if (!value.ok()) {
            return Error{"parser unmarshal: " + placed(value.error(), text.value(), file) +
                         ", path: " + file};
        }
        if (!reading.values.refusal().empty()) {
            return Error{"parser unmarshal: " + std::string(reading.values.refusal()) +
                         ", path: " + file};
        }
        read[file] = value.value();
    }
    reading.definitions = nullptr;
    return read;
}

Value combined(const Configurations& configurations, value::Builder& values) {
    std::vector<Value> all;
    const auto add = [&](const std::string& path, const Value& contents) {
        const value::Builder::Entry entries[] = {
            {values.key("path"), values.string(path)},
            {values.key("contents"), as_round_trip(contents, values)}};
        all.push_back(values.object(entries));
    };
    for (const auto& [path, value] : configurations) {
        if (!value.is_array()) {
            add(path, value);
            continue;
        }
        for (const Value& one : value.items()) add(path, one);
    }
    return values.array(all);
}

}  // namespace merlon::compat::conftest
