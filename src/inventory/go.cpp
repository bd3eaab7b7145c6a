// Go: go.mod (go.dev/ref/mod, "go.mod files"), go.sum, vendor/modules.txt and go.work.

#include "inventory/go.h"

#include <map>
#include <set>

#include "inventory/joins.h"
#include "inventory/lock_index.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;

// The words of a line, quotes taken off; a comment is no word.
std::vector<std::string_view> words_of(std::string_view line) {
    line = line.substr(0, line.find("//"));
    std::vector<std::string_view> words;
    for (std::string_view word : split(line, ' ')) {
        for (std::string_view part : split(word, '\t')) {
            if (part.size() >= 2 && (part[0] == '"' || part[0] == '`'))
                part = part.substr(1, part.size() - 2);
            words.push_back(part);
        }
    }
    return words;
}

struct Replacement {
    std::string old_version;  // empty: any
    std::string name;
    std::string version;  // empty: a folder
};
using Replacements = std::multimap<std::string, Replacement, std::less<>>;

// Gives `package`, as it is required, what is built in its place; false where that is itself.
bool replace(Package& package, const Replacements& replacements) {
    const auto [first, last] = replacements.equal_range(package.name);
    const Replacement* chosen = nullptr;  // one for this version goes before one for all
    for (auto found = first; found != last; ++found) {
        const std::string_view old_version = found->second.old_version;
        if (old_version == package.version) chosen = &found->second;
        if (old_version.empty() && chosen == nullptr) chosen = &found->second;
    }
    if (chosen == nullptr) return false;
    package.local = chosen->version.empty();
    if (package.local) return true;
    package.requested = package.name + "@" + package.version;
    package.name = chosen->name;
    package.version = chosen->version;
    return true;
}

// A go.work has the same lines, and names the folders of its modules.
enum class GoFile : std::uint8_t { kModule, kWorkspace };

class GoModReader {
  public:
    GoModReader(Reading& reading, GoFile kind) : reading_(reading), kind_(kind) {}

    Status read() {
        std::string block;
        for (std::uint32_t number = 1; number <= reading_.lines().line_count(); ++number) {
            const std::string_view line = reading_.lines().line_text(number);
            auto words = words_of(line);
            if (words.empty()) continue;
            if (words[0] == ")") {
                block.clear();
                continue;
            }
            std::string verb = block;
            if (block.empty()) {
                verb = words[0];
                words.erase(words.begin());
                if (verb.ends_with('(')) verb.pop_back(), words.insert(words.begin(), "(");
                if (!words.empty() && words[0] == "(") {
                    block = verb;
                    continue;
                }
            }
            const std::size_t offset =
                reading_.lines().line_begin(number) +
                (words.empty() ? 0 : static_cast<std::size_t>(words[0].data() - line.data()));
            read_line(verb, words, line, offset);
        }
        if (!has_any_) return Error{"go.mod: expected lines such as \"module\" and \"require\""};
        if (kind_ == GoFile::kWorkspace) {
            list_replacements();
            return {};
        }
        for (Package& package : reading_.facts.source.packages) {
            if (package.relation != Relation::kRoot) (void)replace(package, replacements_);
        }
        add_standard_library();
        return {};
    }

  private:
    void read_line(std::string_view verb, const std::vector<std::string_view>& words,
                   std::string_view line, std::size_t offset) {
        if (words.empty()) return;
        has_any_ |= verb == "module" || verb == "require" || verb == "replace" || verb == "go";
        if (verb == "module") {
            Package& package = reading_.add(words[0], "", offset);
            package.relation = Relation::kRoot;
            package.local = true;
        } else if (verb == "require" && words.size() >= 2) {
            Package& package = reading_.add(words[0], words[1], offset);
            const std::size_t comment = line.find("//");
            const bool is_indirect =
                comment != std::string_view::npos &&
                line.substr(comment).find("indirect") != std::string_view::npos;
            package.relation = is_indirect ? Relation::kTransitive : Relation::kDirect;
            package.scope = Scope::kRuntime;
        } else if (verb == "replace") {
            read_replacement(words);
        } else if (verb == "use") {
            reading_.facts.provides.emplace_back(words[0]);
        } else if (verb == "go") {
            if (!standard_.empty()) return;  // a toolchain says more
            standard_ = words[0];
            standard_offset_ = offset;
        } else if (verb == "toolchain" && words[0].starts_with("go")) {
            standard_ = words[0].substr(2);
            standard_offset_ = offset;
        } else if (verb == "require") {
            reading_.unknown(offset, "a requirement without a version");
        }
    }

    // "old [version] => new [version]"
    void read_replacement(const std::vector<std::string_view>& words) {
        std::size_t arrow = 0;
        while (arrow < words.size() && words[arrow] != "=>") ++arrow;
        if (arrow == 0 || arrow + 1 >= words.size()) return;
        Replacement replacement;
        if (arrow >= 2) replacement.old_version = words[1];
        replacement.name = words[arrow + 1];
        if (arrow + 2 < words.size()) replacement.version = words[arrow + 2];
        replacements_.emplace(words[0], replacement);
    }

    // For join_go_works(): what stands in place of what, as packages.
    void list_replacements() {
        for (const auto& [name, replacement] : replacements_) {
            Package& package = reading_.add(replacement.name, replacement.version, 0);
            package.requested = name;
            if (!replacement.old_version.empty()) {
                package.requested += "@" + replacement.old_version;
            }
        }
    }

    // The least version of Go that builds it: what is built has this library or a later one.
    void add_standard_library() {
        standard_ = standard_.substr(0, standard_.find('-'));  // of a toolchain's own build
        if (standard_.empty()) return;
        Package& package = reading_.add("stdlib", standard_, standard_offset_);
        package.requested = ">=" + std::string(standard_);
        package.relation = Relation::kDirect;
        package.scope = Scope::kRuntime;
    }

    Reading& reading_;
    GoFile kind_;
    Replacements replacements_;
    std::string_view standard_;
    std::size_t standard_offset_ = 0;
    bool has_any_ = false;
};

}  // namespace

Status read_go_mod(Reading& reading) { return GoModReader(reading, GoFile::kModule).read(); }
Status read_go_work(Reading& reading) { return GoModReader(reading, GoFile::kWorkspace).read(); }

// "module version[/go.mod] h1:…" lines: also of versions that were only looked at.
Status read_go_sum(Reading& reading) {
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const auto words = split(reading.lines().line_text(number), ' ');
        if (words.empty()) continue;
        const std::size_t offset = reading.lines().line_begin(number);
        const auto [algorithm, sum] = split_first(words.back(), ':');
        if (words.size() != 3 || sum.empty()) {
            reading.unknown(offset, "go.sum: expected \"module version hash\"");
            continue;
        }
        constexpr std::string_view kOnlyFile = "/go.mod";
        if (words[1].ends_with(kOnlyFile)) {
            const std::string_view version = words[1].substr(0, words[1].size() - kOnlyFile.size());
            reading.facts.provides.push_back(std::string(words[0]) + ' ' + std::string(version));
            continue;
        }
        Package& package = reading.add(words[0], words[1], offset);
        package.relation = Relation::kTransitive;
        package.scope = Scope::kRuntime;
        package.checksums.push_back({std::string(algorithm), std::string(sum)});
    }
    return {};
}

// "# module version", "## explicit; go 1.17", then its packages.
Status read_vendored_modules(Reading& reading) {
    std::vector<std::string_view> wildcard;
    std::size_t wildcard_offset = 0;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view line = reading.lines().line_text(number);
        if (line.starts_with("## ")) {
            const bool is_explicit = line.find("explicit") != std::string_view::npos;
            if (is_explicit && reading.count() > 0)
                reading.at(reading.count() - 1).relation = Relation::kDirect;
            continue;
        }
        if (!line.starts_with("# ")) {
            // It is built in place of all versions of another one.
            if (wildcard.size() == 2 && !trim(line).empty())
                reading.add(wildcard[0], wildcard[1], wildcard_offset).scope = Scope::kRuntime;
            wildcard.clear();
            continue;
        }
        const auto words = split(line.substr(2), ' ');
        wildcard.clear();
        if (words.size() == 4 && words[1] == "=>") {
            wildcard = {words[2], words[3]};
            wildcard_offset = reading.lines().line_begin(number);
        }
        if (words.size() < 2 || words[1] == "=>") continue;  // used only if packages follow
        const bool is_replaced = words.size() >= 4 && words[2] == "=>";
        const std::size_t name = is_replaced ? 3 : 0;
        Package& package = reading.add(words[is_replaced && words.size() == 4 ? 0 : name],
                                       words[is_replaced && words.size() > 4 ? 4 : 1],
                                       reading.lines().line_begin(number));
        package.local = is_replaced && words.size() == 4;
        package.scope = Scope::kRuntime;
    }
    return {};
}

namespace {

// Whether a go.mod of this version lists all modules that are built: since 1.17.
bool lists_all(std::string_view go_version) {
    const auto [major, rest] = split_first(go_version, '.');
    const std::string minor(rest.substr(0, rest.find_first_not_of("0123456789")));
    return major != "1" || (!minor.empty() && (minor.size() > 2 || std::stoi(minor) >= 17));
}

// What a go.mod asks for and a go.sum knows nothing of: Go builds neither before it is told which.
void add_lag(FileFacts& file, const FileFacts& sums) {
    std::set<std::string, std::less<>> known(sums.facts.provides.begin(),
                                             sums.facts.provides.end());
    known.insert(file.facts.provides.begin(), file.facts.provides.end());
    for (const Package& sum : sums.facts.source.packages)
        known.insert(sum.name + ' ' + sum.version);
    std::vector<const Package*> unanswered;
    for (const Package& package : file.facts.source.packages) {
        const bool is_asked = package.relation != Relation::kRoot && !package.local &&
                              package.name != "stdlib" && !package.version.empty();
        if (is_asked && !known.contains(package.name + ' ' + package.version))
            unanswered.push_back(&package);
    }
    if (unanswered.empty()) return;
    model::Gap gap = lag_gap(file, unanswered);
    gap.detail.insert(0, "go.sum: ");
    file.facts.gaps.push_back(std::move(gap));
}

// "name[@version]" of what a workspace replaces, and by what.
Replacements replacements_of(const FileFacts& work) {
    Replacements replacements;
    for (const Package& package : work.facts.source.packages) {
        const std::size_t at = package.requested.find('@');
        replacements.emplace(
            package.requested.substr(0, at),
            Replacement{at == std::string::npos ? "" : package.requested.substr(at + 1),
                        package.name, package.version});
    }
    return replacements;
}

}  // namespace

void join_go_works(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& work : files) {
        if (work.reader->name != "go-work") continue;
        const Replacements replacements = replacements_of(work);
        for (const std::string& folder : work.facts.provides) {
            FileFacts* module =
                tree.find(join_path(join_path(folder_of(work.path), folder), "go.mod"));
            if (module == nullptr || replacements.empty()) continue;
            for (Package& package : module->facts.source.packages) {
                if (package.relation == Relation::kRoot) continue;
                // The module's own replacement gives way.
                Package asked = package;
                if (const std::size_t at = asked.requested.find('@'); at != std::string::npos) {
                    asked.name = asked.requested.substr(0, at);
                    asked.version = package.requested.substr(at + 1);
                }
                if (!replace(asked, replacements)) continue;
                package = std::move(asked);
                // Its sum stands in go.work.sum.
                module->facts.provides.push_back(package.name + ' ' + package.version);
            }
        }
    }
}

void join_go_sums(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "go-mod") continue;
        FileFacts* sums = tree.find_beside(file, "go.sum");
        if (sums == nullptr) continue;
        add_lag(file, *sums);
        std::vector<Package>& all = file.facts.source.packages;
        std::map<std::pair<std::string, std::string>, std::uint32_t> places;
        std::string_view go_version;
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            places.emplace(std::pair(all[i].name, all[i].version), i);
            if (all[i].name == "stdlib") go_version = all[i].version;
        }
        const bool is_whole = !go_version.empty() && lists_all(go_version);
        std::vector<Package> others;
        for (const Package& sum : sums->facts.source.packages) {
            const auto found = places.find({sum.name, sum.version});
            if (found != places.end()) {
                all[found->second].checksums = sum.checksums;
            } else if (!is_whole) {
                others.push_back(sum);
                others.back().location.path = sums->path;
            }
        }
        all.insert(all.end(), others.begin(), others.end());
        for (std::string& unknown : sums->facts.source.unknowns)
            file.facts.source.unknowns.push_back("go.sum: " + std::move(unknown));
    }
}

}  // namespace merlon::inventory
