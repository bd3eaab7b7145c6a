// Ruby: Gemfile.lock (Bundler) and gem specifications.

#include <map>

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

}  // namespace merlon::inventory
