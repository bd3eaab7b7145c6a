// build.gradle and build.gradle.kts (docs.gradle.org, "Declaring dependencies"): the coordinates
// that their dependencies name.
//
// They are programs, and of them the lines are read that people write: a configuration's name with
// "group:artifact:version" or with group, name and version behind it. A version from a variable is
// a request; what a catalog or a project names, those say themselves.

#include <array>
#include <optional>
#include <utility>

#include "inventory/readers.h"
#include "packages/version.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Scope;

// Configurations by the end of their names, as plug-ins put words in front of them.
struct Configuration {
    std::string_view ending;
    Scope scope;
};
constexpr std::array kConfigurations{
    Configuration{"mplementation", Scope::kRuntime},
    Configuration{"api", Scope::kRuntime},
    Configuration{"Api", Scope::kRuntime},
    Configuration{"untimeOnly", Scope::kRuntime},
    Configuration{"ompileOnly", Scope::kBuild},
    Configuration{"ompileOnlyApi", Scope::kBuild},
    Configuration{"compile", Scope::kRuntime},
    Configuration{"Compile", Scope::kRuntime},
    Configuration{"runtime", Scope::kRuntime},
    Configuration{"Runtime", Scope::kRuntime},
    Configuration{"nnotationProcessor", Scope::kBuild},
    Configuration{"kapt", Scope::kBuild},
    Configuration{"ksp", Scope::kBuild},
    Configuration{"classpath", Scope::kBuild},
    Configuration{"developmentOnly", Scope::kDevelopment},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

const Configuration* configuration_of(std::string_view word) {
    for (const Configuration& one : kConfigurations)
        if (word.ends_with(one.ending)) return &one;
    return nullptr;
}

// The next text in quotes; empty where there is none. `line` goes on behind it.
std::string_view next_quoted(std::string_view& line) {
    const std::size_t open = line.find_first_of("\"'");
    if (open == std::string_view::npos) return {};
    const std::size_t end = line.find(line[open], open + 1);
    if (end == std::string_view::npos) return {};
    const std::string_view text = line.substr(open + 1, end - open - 1);
    line.remove_prefix(end + 1);
    return text;
}

// What `key: "text"` or `key = "text"` says.
std::string_view argument(std::string_view line, std::string_view key) {
    for (std::size_t at = line.find(key); at != std::string_view::npos;
         at = line.find(key, at + 1)) {
        const std::string_view rest = trim(line.substr(at + key.size()));
        if (at > 0 && is_letter(line[at - 1])) continue;
        if (!rest.starts_with(':') && !rest.starts_with('=')) continue;
        std::string_view text = rest;
        return next_quoted(text);
    }
    return {};
}

class GradleBuildReader {
  public:
    explicit GradleBuildReader(Reading& reading) : reading_(reading) {}

    void read() {
        bool in_comment = false;
        for (std::uint32_t number = 1; number <= reading_.lines().line_count(); ++number) {
            const std::string_view whole = reading_.lines().line_text(number);
            const std::string_view line = trim(whole);
            if (line.starts_with("/*")) in_comment = true;
            const bool is_comment = in_comment || line.starts_with("//");
            if (line.find("*/") != std::string_view::npos) in_comment = false;
            if (is_comment || line.empty()) continue;
            const std::size_t begin =
                reading_.lines().line_begin(number) + whole.find_first_not_of(" \t");
            const bool is_open = open_at_.has_value();
            if (!is_open) open_at_ = begin;
            // "implementation(" and what it takes on the lines behind it.
            const std::size_t end = begin + line.size();
            const std::string_view all = reading_.bytes.substr(*open_at_, end - *open_at_);
            const bool goes_on = line.ends_with('(') || line.ends_with(',');
            if (goes_on && (is_open || is_dependency(all))) continue;
            read_line(all, *std::exchange(open_at_, std::nullopt));
        }
        if (open_at_) read_line(reading_.bytes.substr(*open_at_), *open_at_);
    }

  private:
    static std::string_view first_word(std::string_view line) {
        std::size_t end = 0;
        while (end < line.size() && is_letter(line[end])) ++end;
        return line.substr(0, end);
    }

    static bool is_dependency(std::string_view line) {
        const std::string_view word = first_word(line);
        return configuration_of(word) != nullptr && word.size() < line.size() &&
               (line[word.size()] == ' ' || line[word.size()] == '(');
    }

    void read_line(std::string_view line, std::size_t offset) {
        // "dependencies { implementation "…" }" on one line, too.
        if (line.starts_with("dependencies")) {
            const std::size_t open = line.find('{');
            if (open == std::string_view::npos) return;
            const std::string_view rest = trim(line.substr(open + 1));
            offset += static_cast<std::size_t>(rest.data() - line.data());
            line = rest;
        }
        if (!is_dependency(line)) return;
        const std::string_view word = first_word(line);
        const Configuration* configuration = configuration_of(word);
        const bool is_test = word.starts_with("test") || word.starts_with("androidTest") ||
                             word.find("Test") != std::string_view::npos;
        const Scope scope = is_test ? Scope::kTest : configuration->scope;
        const std::string_view rest = line.substr(word.size());
        const std::string_view group = argument(rest, "group"), name = argument(rest, "name");
        if (!group.empty() && !name.empty())
            return add(std::string(group) + ":" + std::string(name), argument(rest, "version"),
                       offset, scope);
        // A project or a file is no package of a repository's.
        if (trim(rest).starts_with("project") || trim(rest).starts_with("(project") ||
            rest.find("files(") != std::string_view::npos ||
            rest.find("fileTree(") != std::string_view::npos)
            return;
        std::string_view texts = rest;
        for (std::string_view text = next_quoted(texts); !text.empty(); text = next_quoted(texts))
            add_coordinates(text, offset, scope);
    }

    // "group:artifact[:version[:classifier]][@type]"
    void add_coordinates(std::string_view text, std::size_t offset, Scope scope) {
        text = text.substr(0, text.find('@'));
        const auto parts = split(text, ':');
        if (parts.size() < 2 || text.starts_with(':') ||
            text.find_first_of(" /\\") != std::string_view::npos)
            return;
        add(std::string(parts[0]) + ":" + std::string(parts[1]),
            parts.size() > 2 ? parts[2] : std::string_view(), offset, scope);
    }

    void add(const std::string& name, std::string_view version, std::size_t offset, Scope scope) {
        if (name.find('$') != std::string::npos)
            return reading_.unknown(offset, "a dependency whose name is computed: " + name);
        const bool is_version = !version.empty() && version.find('+') == std::string_view::npos &&
                                !packages::is_no_version(packages::VersionScheme::kMaven, version);
        Package& package = reading_.add(name, is_version ? version : std::string_view(), offset);
        package.requested = version;
        package.relation = packages::Relation::kDirect;
        package.scope = scope;
    }

    Reading& reading_;
    std::optional<std::size_t> open_at_;  // where the statement began that is read
};

}  // namespace

Status read_gradle_build(Reading& reading) {
    GradleBuildReader(reading).read();
    return {};
}

}  // namespace merlon::inventory
