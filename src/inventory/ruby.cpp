// Ruby: Gemfile.lock (Bundler) and gem specifications.

#include <algorithm>
#include <array>
#include <map>

#include "inventory/joins.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;

// Bundler's lock file: sections at the margin, their fields at two blanks, gems at four, what a gem
// needs at six.
class GemfileLockReader {
  public:
    explicit GemfileLockReader(Reading& reading) : reading_(reading) {}

    Status read() {
        for (std::uint32_t number = 1; number <= reading_.lines().line_count(); ++number) {
            const std::string_view whole = reading_.lines().line_text(number);
            const std::string_view line = trim(whole);
            if (line.empty()) continue;
            const std::size_t indent = whole.find_first_not_of(' ');
            const std::size_t offset = reading_.lines().line_begin(number) + indent;
            if (indent == 0) {
                begin_section(line);
            } else if (section_ == "DEPENDENCIES") {
                direct_.push_back(line);
            } else if (section_ == "CHECKSUMS") {
                read_checksum(line);
            } else if (is_source_ && indent == 2) {
                read_field(line);
            } else if (is_source_ && indent == 4) {
                read_gem(line, offset);
            } else if (is_source_ && indent >= 6 && reading_.count() > 0) {
                wanted_.emplace_back(reading_.count() - 1, name_of(line));
            }
        }
        if (!has_section_) return Error{"Gemfile.lock: expected a section such as GEM"};
        link();
        return {};
    }

  private:
    static std::string_view name_of(std::string_view line) {
        std::string_view name = line.substr(0, line.find(' '));
        if (name.ends_with('!')) name.remove_suffix(1);
        return name;
    }

    static std::string_view in_parentheses(std::string_view line) {
        const std::size_t open = line.find('('), close = line.rfind(')');
        if (open == std::string_view::npos || close == std::string_view::npos || close < open)
            return {};
        return line.substr(open + 1, close - open - 1);
    }

    void begin_section(std::string_view line) {
        section_ = line;
        is_source_ = line == "GEM" || line == "GIT" || line == "PATH" || line == "PLUGIN SOURCE";
        has_section_ |= is_source_ || line == "DEPENDENCIES";
        remote_ = revision_ = {};
    }

    void read_field(std::string_view line) {
        const auto [name, content] = split_first(line, ':');
        if (name == "remote") remote_ = trim(content);
        if (name == "revision") revision_ = trim(content);
    }

    void read_gem(std::string_view line, std::size_t offset) {
        std::string_view version = in_parentheses(line);
        if (version.empty()) {
            reading_.unknown(offset, "a gem without a version: " + std::string(line));
        }
        // "1.2-x86_64-linux": a version has no '-' of its own, the platform stands behind it.
        const auto [bare, platform] = split_first(version, '-');
        Package& package = reading_.add(name_of(line), bare, offset);
        package.architecture = platform;
        package.local = section_ == "PATH";
        if (section_ == "GIT") {
            package.download_url = remote_;
            package.commit = revision_;
        }
        names_.emplace(name_of(line), reading_.count() - 1);
    }

    // "name (version) sha256=<hex>"
    void read_checksum(std::string_view line) {
        const auto [first, last] = names_.equal_range(name_of(line));
        const std::string_view version = in_parentheses(line);
        const std::size_t equals = line.rfind('=');
        const std::size_t blank = line.rfind(' ');
        if (equals == std::string_view::npos || blank == std::string_view::npos || blank > equals)
            return;
        const std::string_view bare = version.substr(0, version.find('-'));
        const std::string_view platform =
            version.size() > bare.size() ? version.substr(bare.size() + 1) : std::string_view();
        for (auto found = first; found != last; ++found) {
            Package& package = reading_.at(found->second);
            if (package.version == bare && package.architecture == platform)
                package.checksums.push_back(
                    {std::string(line.substr(blank + 1, equals - blank - 1)),
                     std::string(line.substr(equals + 1))});
        }
    }

    void link() {
        for (const auto& [from, name] : wanted_) {
            const auto [first, last] = names_.equal_range(name);
            for (auto found = first; found != last; ++found)
                if (!reading_.require(from, found->second)) return;
        }
        for (const std::string_view line : direct_) {
            const auto [first, last] = names_.equal_range(name_of(line));
            for (auto found = first; found != last; ++found) {
                reading_.at(found->second).relation = Relation::kDirect;
                reading_.at(found->second).requested = in_parentheses(line);
            }
        }
    }

    Reading& reading_;
    std::string_view section_, remote_, revision_;
    bool is_source_ = false, has_section_ = false;
    std::multimap<std::string_view, std::uint32_t> names_;
    std::vector<std::pair<std::uint32_t, std::string_view>> wanted_;
    std::vector<std::string_view> direct_;
};

// The text in the first quotes of `text`: 'a', "a", %q{a}, with ".freeze" behind it.
std::string_view quoted(std::string_view text) {
    const std::size_t open = text.find_first_of("'\"{");
    if (open == std::string_view::npos) return {};
    const char close = text[open] == '{' ? '}' : text[open];
    const std::size_t end = text.find(close, open + 1);
    return end == std::string_view::npos ? std::string_view()
                                         : text.substr(open + 1, end - open - 1);
}

}  // namespace

namespace {

// Methods of a specification that ask for a gem (guides.rubygems.org, "Specification Reference").
struct DependencyMethod {
    std::string_view name;
    packages::Scope scope;
};
constexpr std::array kDependencyMethods{
    DependencyMethod{".add_development_dependency", packages::Scope::kDevelopment},
    DependencyMethod{".add_runtime_dependency", packages::Scope::kRuntime},
    DependencyMethod{".add_dependency", packages::Scope::kRuntime},
};

// `s.add_dependency "rack", ">= 1.0", "< 3"`; without a name where that is computed.
void read_dependency(Reading& reading, std::string_view line, std::size_t offset) {
    for (const DependencyMethod& method : kDependencyMethods) {
        const std::size_t at = line.find(method.name);
        if (at == std::string_view::npos) continue;
        std::string_view rest = line.substr(at + method.name.size());
        rest = rest.substr(0, rest.find(" #"));
        const std::size_t comma = std::min(rest.find(','), rest.size());
        Package& package = reading.add(quoted(rest.substr(0, comma)), "", offset);
        package.relation = Relation::kDirect;
        package.scope = method.scope;
        if (package.name.contains("#{")) package.name.clear();
        for (const std::string_view range : split(rest.substr(comma), ','))
            if (const std::string_view text = quoted(range); !text.empty())
                package.requested += (package.requested.empty() ? "" : ", ") + std::string(text);
        return;
    }
}

}  // namespace

Status read_gemfile_lock(Reading& reading) { return GemfileLockReader(reading).read(); }

// A specification is a program; of its assignments those of plain texts are read.
Status read_gemspec(Reading& reading) {
    std::string_view name, version;
    std::size_t offset = kNoOffset;
    std::vector<std::string_view> licenses;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = trim(reading.lines().line_text(number));
        const auto [target, content] = split_first(line, '=');
        const std::string_view field = trim(split_last(target, '.').second);
        if (field == "name" && name.empty()) {
            name = quoted(content);
            offset = reading.lines().line_begin(number) +
                     reading.lines().line_text(number).find_first_not_of(" \t");
        } else if (field == "version" && version.empty()) {
            version = quoted(content);
        } else if (field == "license" || field == "licenses") {
            for (const std::string_view part : split(content, ','))
                if (!quoted(part).empty()) licenses.push_back(quoted(part));
        }
    }
    if (name.empty()) return Error{"gemspec: expected an assignment to \"name\""};
    Package& package = reading.add(name, version, offset);
    for (const std::string_view license : licenses) package.licenses.emplace_back(license);
    if (version.empty()) reading.unknown(offset, package.name + " has a version that is computed");
    return {};
}

// What it needs counts where a Gemfile beside it says so; join_gemspecs() looks.
Status read_project_gemspec(Reading& reading) {
    MERLON_TRY(read_gemspec(reading));
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const std::string_view line = trim(whole);
        if (line.starts_with('#')) continue;
        read_dependency(reading, line,
                        reading.lines().line_begin(number) +
                            std::min(whole.find_first_not_of(" \t"), whole.size()));
    }
    return {};
}

void join_gemspecs(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "gemfile") continue;
        packages::PackageSource& source = file.facts.source;
        for (const std::string& member : file.facts.members) {
            const std::string folder = join_path(folder_of(file.path), member);
            bool is_there = false;
            tree.each_below(folder.empty() ? "" : folder + "/", [&](const FileFacts& other) {
                if (other.reader->name != "gemspec" || folder_of(other.path) != folder) return;
                is_there = true;
                for (const Package& asked : other.facts.source.packages) {
                    if (asked.relation != Relation::kDirect) continue;
                    if (asked.name.empty()) {
                        source.unknowns.push_back("a gem whose name is computed in " + other.path);
                        continue;
                    }
                    source.packages.push_back(asked);
                    source.packages.back().location.path = other.path;
                }
            });
            if (!is_there)
                source.unknowns.emplace_back("it takes in a gemspec, and none is beside it");
        }
    }
    for (FileFacts& file : files) {
        if (file.reader->name != "gemspec") continue;
        std::vector<Package>& packages = file.facts.source.packages;
        std::erase_if(packages,
                      [](const Package& package) { return package.relation == Relation::kDirect; });
        // It stands for itself, and nothing brings it in.
        for (Package& package : packages) package.relation = Relation::kUnknown;
    }
}

}  // namespace merlon::inventory
