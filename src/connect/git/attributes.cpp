#include "connect/git/attributes.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "base/file.h"
#include "connect/git/quoted_path.h"
#include "connect/git/tree.h"
#include "text/glob.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kMaxLineBytes = 2048;                        // longer ones git does not read
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{100} << 20;  // nor larger files
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMacroMark = "[attr]";
constexpr std::string_view kBuiltIn = "[attr]binary -diff -merge -text\n";

struct Assignment {
    std::string name;
    AttributeValue value;
};

struct Line {
    std::string pattern;  // or the name of a macro
    bool is_macro = false;
    bool any_folder = false;  // the pattern has no '/': it is compared with the file's name
    std::vector<Assignment> assignments;
};

using Lines = std::vector<Line>;

// Letters, digits and "-_.", not beginning with '-' ("ATTRIBUTES").
bool is_attribute_name(std::string_view name) {
    if (name.empty() || name[0] == '-') return false;
    for (const char c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!good) return false;
    }
    return true;
}

std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return word;
}

std::optional<Assignment> parse_assignment(std::string_view word) {
    Assignment assignment;
    if (word[0] == '-' || word[0] == '!') {
        assignment.value.state =
            word[0] == '-' ? AttributeState::kUnset : AttributeState::kUnspecified;
        word.remove_prefix(1);
        word = word.substr(0, word.find('='));
    } else if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
        assignment.value = {AttributeState::kValue, std::string(word.substr(equals + 1))};
        word = word.substr(0, equals);
    } else {
        assignment.value.state = AttributeState::kSet;
    }
    if (!is_attribute_name(word)) return std::nullopt;
    assignment.name = word;
    return assignment;
}

enum class Macros : std::uint8_t { kAllowed, kRefused };

// A line that git does not understand says nothing, whole.
std::optional<Line> parse_line(std::string_view text, Macros macros) {
    if (text.size() >= kMaxLineBytes) return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty() || text[0] == '#') return std::nullopt;

    Line line;
    std::optional<UnquotedPath> quoted;
    if (text[0] == '"') quoted = unquote_path(text);
    if (quoted) {
        line.pattern = quoted->path;
        text.remove_prefix(quoted->length);
        text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    } else {
        line.pattern = take_word(text);
    }
    if (line.pattern.size() > kMacroMark.size() && line.pattern.starts_with(kMacroMark)) {
        if (macros == Macros::kRefused) return std::nullopt;
        line.is_macro = true;
        line.pattern.erase(0, kMacroMark.size());
        if (!is_attribute_name(line.pattern)) return std::nullopt;
    } else if (line.pattern.starts_with('!')) {
        return std::nullopt;
    }
    while (!text.empty()) {
        std::optional<Assignment> assignment = parse_assignment(take_word(text));
        if (!assignment) return std::nullopt;
        line.assignments.push_back(std::move(*assignment));
    }
    if (line.is_macro) return line;
    // A pattern that ends in '/' matches folders, and these have no attributes of their own.
    if (line.pattern.ends_with('/')) return std::nullopt;
    line.any_folder = line.pattern.find('/') == std::string::npos;
    if (line.pattern.starts_with('/')) line.pattern.erase(0, 1);
    return line;
}

Lines parse_lines(std::string_view text, Macros macros) {
    Lines lines;
    if (text.size() >= kMaxFileBytes) return lines;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (auto line = parse_line(text.substr(0, end), macros)) lines.push_back(std::move(*line));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool matches(const Line& line, std::string_view path_below) {
    if (!line.any_folder) return text::glob_matches(line.pattern, path_below);
    const std::size_t slash = path_below.rfind('/');
    return text::glob_matches(
        line.pattern, slash == std::string_view::npos ? path_below : path_below.substr(slash + 1));
}

// A file of lines, and the part of the path that they are compared with.
struct Source {
    const Lines* lines;
    std::string_view path_below;
};

// Fills attributes from the strongest line to the weakest; what is set stays.
class Resolver {
  public:
    explicit Resolver(const std::vector<Source>& sources) {
        for (const Source& source : sources) {
            for (auto line = source.lines->rbegin(); line != source.lines->rend(); ++line)
                if (line->is_macro) macros_.try_emplace(line->pattern, &line->assignments);
        }
        for (const Source& source : sources) {
            for (auto line = source.lines->rbegin(); line != source.lines->rend(); ++line)
                if (!line->is_macro && matches(*line, source.path_below)) fill(line->assignments);
        }
    }

    AttributeValue find(std::string_view name) const {
        const auto at = values_.find(name);
        return at == values_.end() ? AttributeValue{} : at->second;
    }

  private:
    // A macro's assignments come right behind it, before what is left of its own line. Each is
    // expanded once at most, so this ends.
    void fill(const std::vector<Assignment>& assignments) {
        struct Rest {
            const std::vector<Assignment>* assignments;
            std::size_t left;
        };
        std::vector<Rest> open{{&assignments, assignments.size()}};
        while (!open.empty()) {
            if (open.back().left == 0) {
                open.pop_back();
                continue;
            }
            const Assignment& next = (*open.back().assignments)[--open.back().left];
            if (!values_.try_emplace(next.name, next.value).second) continue;
            if (next.value.state != AttributeState::kSet) continue;
            const auto macro = macros_.find(next.name);
            if (macro != macros_.end()) open.push_back({macro->second, macro->second->size()});
        }
    }

    std::map<std::string_view, const std::vector<Assignment>*> macros_;
    std::map<std::string_view, AttributeValue> values_;
};

bool is_safe_folder(std::string_view folder) {
    while (!folder.empty()) {
        const std::size_t slash = folder.find('/');
        if (is_unsafe_name(folder.substr(0, slash))) return false;
        folder.remove_prefix(slash + 1);
    }
    return true;
}

}  // namespace

AttributeFiles attribute_files_below(std::string working_tree) {
    return [root = std::move(working_tree)](std::string_view folder) -> std::optional<std::string> {
        // A hostile tree's "../" must not lead out of the working tree.
        if (!is_safe_folder(folder)) return std::nullopt;
        std::string path = root;
        path.append("/").append(folder).append(".gitattributes");
        const FileResult<FileStatus> status = file_status(path, FollowLinks::kNo);
        if (!status.ok() || status.result.value().kind != FileKind::kRegular) return std::nullopt;
        Result<std::string> text = read_text_file(path, kMaxFileBytes);
        if (!text.ok()) return std::nullopt;
        return std::move(text).value();
    };
}

struct Attributes::State {
    Lines built_in = parse_lines(kBuiltIn, Macros::kAllowed);
    Lines info;
    AttributeFiles files;
    std::shared_mutex mutex;
    std::map<std::string, Lines, std::less<>> folders;  // guarded by mutex; nodes never move

    const Lines& folder(std::string_view name) {
        {
            const std::shared_lock lock(mutex);
            const auto known = folders.find(name);
            if (known != folders.end()) return known->second;
        }
        Lines lines;
        if (const auto text = files(name))
            lines = parse_lines(*text, name.empty() ? Macros::kAllowed : Macros::kRefused);
        const std::unique_lock lock(mutex);
        return folders.try_emplace(std::string(name), std::move(lines)).first->second;
    }
};

Attributes::Attributes() : state_(std::make_unique<State>()) {}
Attributes::Attributes(std::string_view info, AttributeFiles files) : Attributes() {
    state_->info = parse_lines(info, Macros::kAllowed);
    state_->files = std::move(files);
}
Attributes::Attributes(Attributes&&) noexcept = default;
Attributes& Attributes::operator=(Attributes&&) noexcept = default;
Attributes::~Attributes() = default;

AttributeValue Attributes::find(std::string_view path, std::string_view name) const {
    // The lines that are built in are macros, and set nothing by themselves.
    if (!state_->files && state_->info.empty()) return {};
    std::vector<Source> sources{{&state_->info, path}};
    if (state_->files) {
        for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos;
             slash = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1)) {
            sources.push_back({&state_->folder(path.substr(0, slash + 1)), path.substr(slash + 1)});
        }
        sources.push_back({&state_->folder(""), path});
    }
    sources.push_back({&state_->built_in, path});
    return Resolver(sources).find(name);
}

}  // namespace merlon::connect::git
