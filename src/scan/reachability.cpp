#include "scan/reachability.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "inventory/go_functions.h"
#include "inventory/source_imports.h"
#include "scan/import_names.h"

namespace merlon::scan {
namespace {

using inventory::GoProgram;
using inventory::SourceLanguage;
using packages::Ecosystem;
using packages::Package;
using packages::PackageSource;
using sca::Match;
using sca::Reachability;

constexpr std::uint64_t kMaxSourceBytes = std::uint64_t{4} << 20;
constexpr std::string_view kVendorList = "vendor/modules.txt";

// What one place of a package says of a match.
struct Verdict {
    Reachability reachability = Reachability::kUnknown;
    std::string because;
};

// The parts of the package that have the weakness, by all records of the match that name some.
std::vector<const exchange::OsvSymbols*> parts_of(const Match& match) {
    std::vector<const exchange::OsvSymbols*> parts;
    for (const sca::Advisory& advisory : match.advisories)
        for (const exchange::OsvSymbols& part : advisory.symbols) parts.push_back(&part);
    return parts;
}

bool is_for(const std::vector<std::string>& listed, const std::string& actual) {
    return listed.empty() || actual.empty() || std::ranges::find(listed, actual) != listed.end();
}

Verdict judge_program(const GoProgram& program, const Match& match, const Package& package,
                      const std::string& path) {
    const auto& functions = program.functions;
    // Something of the module has to be there by its name: in a program whose names were changed
    // (obfuscated), nothing can be said to be absent.
    const bool is_named = package.name == "stdlib" || functions.has_module(package.name);
    const auto parts = parts_of(match);
    if (parts.empty()) {
        if (!is_named || package.name == "stdlib") return {};
        return {Reachability::kReachable,
                "functions of " + package.name + " are linked into " + path};
    }
    std::size_t symbols = 0;
    for (const exchange::OsvSymbols* part : parts) {
        if (part->path.empty()) return {};
        if (!is_for(part->operating_systems, program.operating_system) ||
            !is_for(part->architectures, program.architecture))
            continue;
        if (part->symbols.empty() && functions.has_package(part->path))
            return {Reachability::kReachable, part->path + " is linked into " + path};
        for (const std::string& symbol : part->symbols) {
            ++symbols;
            if (functions.has(part->path, symbol)) {
                return {Reachability::kReachable,
                        fmt::format("{}.{} is linked into {}", part->path, symbol, path)};
            }
        }
    }
    if (!is_named) return {};
    const std::string what = symbols == 0 ? "no package that is vulnerable on its platform"
                             : symbols == 1
                                 ? "not the function that is vulnerable"
                                 : fmt::format("none of the {} vulnerable functions", symbols);
    return {Reachability::kUnreachable, what + " is linked into " + path};
}

std::optional<SourceLanguage> language_of(Ecosystem ecosystem) {
    switch (ecosystem) {
        case Ecosystem::kGo:
            return SourceLanguage::kGo;
        case Ecosystem::kNpm:
            return SourceLanguage::kJavaScript;
        case Ecosystem::kPypi:
            return SourceLanguage::kPython;
        case Ecosystem::kMaven:
            return SourceLanguage::kJava;
        default:
            return std::nullopt;
    }
}

// The folder whose sources a manifest or lock file is for; nothing for what is installed.
std::optional<std::string> project_of(std::string_view path) {
    std::string_view folder = path.substr(0, path.rfind('/') + 1);
    const bool is_vendor_list =
        path.ends_with(kVendorList) &&
        (path.size() == kVendorList.size() || path[path.size() - kVendorList.size() - 1] == '/');
    if (is_vendor_list) folder = path.substr(0, path.size() - kVendorList.size());
    if (inventory::is_of_other_people(folder)) return std::nullopt;
    return std::string(folder);
}

// A match that sources may decide, in one project.
struct Question {
    std::size_t match = 0;
    SourceLanguage language = SourceLanguage::kGo;
    std::string project;  // folder with its '/', or empty
    const Package* package = nullptr;
};

// Whether what follows the dot is called, or named, as a symbol of the package would be.
bool uses_symbol(const inventory::SourceUse& use, std::string_view symbol,
                 const std::vector<std::string>& names) {
    const std::size_t dot = symbol.find('.');
    // A method is called on a value, whose type only a compiler knows.
    if (dot != std::string_view::npos) return use.name == symbol.substr(dot + 1);
    return use.name == symbol && std::ranges::find(names, use.qualifier) != names.end();
}

// What of the weakness a file of Go uses; empty: nothing that can be seen.
std::string go_use(const inventory::SourceCode& code, const Match& match, const std::string& path) {
    for (const exchange::OsvSymbols* part : parts_of(match)) {
        for (const inventory::SourceImport& import : code.imports) {
            if (import.name != part->path || import.alias == "_") continue;
            if (part->symbols.empty())
                return fmt::format("{} is imported at {}:{}", part->path, path, import.line);
            const std::vector<std::string> names = import.alias.empty()
                                                       ? inventory::go_package_names(part->path)
                                                       : std::vector<std::string>{import.alias};
            for (const inventory::SourceUse& use : code.uses) {
                const auto symbol = std::ranges::find_if(
                    part->symbols,
                    [&](const std::string& each) { return uses_symbol(use, each, names); });
                if (symbol != part->symbols.end()) {
                    return fmt::format("{}.{} is used at {}:{}", part->path, *symbol, path,
                                       use.line);
                }
            }
        }
    }
    return {};
}

class ReachabilityRun {
  public:
    ReachabilityRun(const TakenInventory& taken, std::span<const PackageEntries> entries,
                    std::span<Match> matches, ThreadPool& pool)
        : taken_(taken), entries_(entries), matches_(matches), pool_(pool) {}

    void run() {
        if (!taken_.files.read) return;
        note_sources();
        ask();
        verdicts_.resize(matches_.size());
        read_programs();
        read_sources();
        read_vendor_lists();
        conclude();
    }

  private:
    // Which folders are projects of a language, and which source each package is of.
    void note_sources() {
        for (const PackageSource& source : taken_.sources) {
            const auto language = language_of(source.ecosystem);
            const auto project = project_of(source.path);
            if (language && project && source.reader != "executable")
                projects_[*language].insert(*project);
            if (source.reader == "executable") programs_.insert(source.path);
            if (source.ecosystem != Ecosystem::kMaven) continue;
            for (const Package& package : source.packages)
                ++groups_[package.name.substr(0, package.name.find(':'))];
        }
    }

    void ask() {
        for (std::size_t i = 0; i < matches_.size(); ++i) {
            for (const Package* package : entries_[matches_[i].package]) {
                const std::string& path = package->location.path;
                if (programs_.contains(path) && package->ecosystem == Ecosystem::kGo) {
                    by_program_[path].push_back({i, SourceLanguage::kGo, {}, package});
                    continue;
                }
                const auto language = language_of(package->ecosystem);
                const auto project = project_of(path);
                // What others import is not seen, so a transitive one stays unknown.
                const bool can_be_seen = package->ecosystem == Ecosystem::kGo ||
                                         package->relation == packages::Relation::kDirect;
                if (!language || !project || !can_be_seen) {
                    ++unseen_[i];
                    continue;
                }
                questions_.push_back({i, *language, *project, package});
            }
        }
    }

    std::optional<std::size_t> position_of(const std::string& path) const {
        const auto& all = taken_.files.entries;
        const auto found = std::ranges::lower_bound(all, path, {}, &connect::FileEntry::path);
        if (found == all.end() || found->path != path) return std::nullopt;
        return static_cast<std::size_t>(found - all.begin());
    }

    // Hands on the file's one document; does nothing where it cannot be read, which the inventory
    // has said already where it matters.
    template <typename Use>
    void with_file(std::size_t index, connect::Contents contents, const Use& use) const {
        connect::ReadOptions options = taken_.reading;
        options.contents = contents;
        model::Coverage ignored;
        taken_.files.read(index, taken_.files.entries[index], options, cancel_, ignored,
                          [&](const model::Document& document) { use(document.bytes); });
    }

    void read_programs() {
        std::vector<std::pair<std::string, std::vector<Question>>> all(by_program_.begin(),
                                                                       by_program_.end());
        std::vector<std::vector<Verdict>> results(all.size());
        pool_.for_each(all.size(), [&](std::size_t task, unsigned) {
            const auto& [path, questions] = all[task];
            results[task].resize(questions.size());
            const auto index = position_of(path);
            if (!index) return;
            with_file(*index, connect::Contents::kRaw, [&](std::string_view bytes) {
                const auto program = inventory::read_go_program(bytes);
                if (!program) return;
                for (std::size_t i = 0; i < questions.size(); ++i) {
                    results[task][i] = judge_program(*program, matches_[questions[i].match],
                                                     *questions[i].package, path);
                }
            });
        });
        for (std::size_t task = 0; task < all.size(); ++task)
            for (std::size_t i = 0; i < results[task].size(); ++i)
                verdicts_[all[task].second[i].match].push_back(std::move(results[task][i]));
    }

    // The deepest project that a file of the language belongs to.
    std::optional<std::string> project_around(SourceLanguage language,
                                              std::string_view path) const {
        const auto projects = projects_.find(language);
        if (projects == projects_.end()) return std::nullopt;
        std::string_view folder = path;
        while (true) {
            const std::size_t slash = folder.rfind('/');
            folder = folder.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
            if (projects->second.contains(std::string(folder))) return std::string(folder);
            if (folder.empty()) return std::nullopt;
            folder.remove_suffix(1);
        }
    }

    void read_sources() {
        std::map<std::pair<SourceLanguage, std::string>, std::vector<std::size_t>> by_project;
        for (std::size_t i = 0; i < questions_.size(); ++i)
            by_project[{questions_[i].language, questions_[i].project}].push_back(i);
        struct Task {
            std::size_t file;
            const std::vector<std::size_t>* questions;
        };
        std::vector<Task> tasks;
        for (std::size_t i = 0; !by_project.empty() && i < taken_.files.entries.size(); ++i) {
            const connect::FileEntry& file = taken_.files.entries[i];
            const auto language = inventory::source_language_of(file.path);
            if (!language) continue;
            const auto project = project_around(*language, file.path);
            if (!project) continue;
            const auto asked = by_project.find({*language, *project});
            if (asked == by_project.end()) continue;
            const FileResult<std::uint64_t> size = connect::size_of(file);
            if (size.ok() && size.result.value() > kMaxSourceBytes) continue;
            tasks.push_back({i, &asked->second});
        }
        std::vector<std::vector<std::pair<std::size_t, std::string>>> found(tasks.size());
        pool_.for_each(tasks.size(), [&](std::size_t task, unsigned) {
            const std::string& path = taken_.files.entries[tasks[task].file].path;
            with_file(tasks[task].file, connect::Contents::kDecoded, [&](std::string_view text) {
                const SourceLanguage language = questions_[tasks[task].questions->front()].language;
                const auto code = inventory::read_source(language, text);
                for (const std::size_t question : *tasks[task].questions) {
                    if (std::string use = use_of(questions_[question], code, path); !use.empty())
                        found[task].emplace_back(question, std::move(use));
                }
            });
        });
        std::vector<Verdict> answers(questions_.size());
        for (auto& file : found) {  // in the order of paths: the first one counts
            for (auto& [question, use] : file) {
                if (answers[question].reachability == Reachability::kUnknown)
                    answers[question] = {Reachability::kReachable, std::move(use)};
            }
        }
        answers_ = std::move(answers);
    }

    std::string use_of(const Question& question, const inventory::SourceCode& code,
                       const std::string& path) const {
        const Match& match = matches_[question.match];
        if (question.language == SourceLanguage::kGo) return go_use(code, match, path);
        const std::string& name = question.package->name;
        if (question.language == SourceLanguage::kJava) {
            const auto group = groups_.find(name.substr(0, name.find(':')));
            // Of several artefacts of a group the import does not say which one it is.
            if (group == groups_.end() || group->second > 1) return {};
        }
        for (const inventory::SourceImport& import : code.imports) {
            if (is_import_of(question.package->ecosystem, name, import.name))
                return fmt::format("{} is imported at {}:{}", import.name, path, import.line);
        }
        return {};
    }

    // cmd/go, "Vendoring": the packages that the build needs stand below their module, a line each.
    void read_vendor_lists() {
        std::map<std::string, std::vector<std::size_t>> by_project;
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            const bool is_open = answers_[i].reachability == Reachability::kUnknown;
            if (questions_[i].language == SourceLanguage::kGo && is_open &&
                questions_[i].package->name != "stdlib")
                by_project[questions_[i].project].push_back(i);
        }
        for (const auto& [project, questions] : by_project) {
            const std::string path = project + std::string(kVendorList);
            const auto index = position_of(path);
            if (!index) continue;
            with_file(*index, connect::Contents::kDecoded, [&](std::string_view text) {
                std::unordered_set<std::string_view> built;
                while (!text.empty()) {
                    const std::size_t end = std::min(text.find('\n'), text.size());
                    std::string_view line = text.substr(0, end);
                    if (line.ends_with('\r')) line.remove_suffix(1);
                    if (!line.empty() && line[0] != '#') built.insert(line);
                    text.remove_prefix(std::min(end + 1, text.size()));
                }
                for (const std::size_t question : questions) {
                    answers_[question] =
                        judge_vendored(built, matches_[questions_[question].match], path);
                }
            });
        }
    }

    static Verdict judge_vendored(const std::unordered_set<std::string_view>& built,
                                  const Match& match, const std::string& path) {
        const auto parts = parts_of(match);
        const bool is_any_built = std::ranges::any_of(parts, [&](const auto* part) {
            return part->path.empty() || built.contains(part->path);
        });
        if (parts.empty() || is_any_built) return {};
        return {Reachability::kUnreachable,
                "no vulnerable package is built, by " + path + ": not " + parts.front()->path};
    }

    // Reachable where one place is; unreachable only where every place is.
    void conclude() {
        for (std::size_t i = 0; i < questions_.size(); ++i)
            verdicts_[questions_[i].match].push_back(std::move(answers_[i]));
        for (std::size_t i = 0; i < matches_.size(); ++i) {
            for (const Reachability wanted :
                 {Reachability::kReachable, Reachability::kUnknown, Reachability::kUnreachable}) {
                const auto found = std::ranges::find(verdicts_[i], wanted, &Verdict::reachability);
                if (wanted == Reachability::kUnreachable && unseen_.contains(i)) break;
                if (found == verdicts_[i].end()) continue;
                matches_[i].reachability = wanted;
                matches_[i].reached_by = found->because;
                break;
            }
        }
    }

    const TakenInventory& taken_;
    std::span<const PackageEntries> entries_;
    std::span<Match> matches_;
    ThreadPool& pool_;
    const CancelToken cancel_;
    std::map<SourceLanguage, std::set<std::string>> projects_;
    std::set<std::string> programs_;
    std::unordered_map<std::string, std::size_t> groups_;  // of Maven, with their artefacts
    std::map<std::string, std::vector<Question>> by_program_;
    std::vector<Question> questions_;
    std::vector<Verdict> answers_;  // by question
    std::unordered_map<std::size_t, std::size_t> unseen_;
    std::vector<std::vector<Verdict>> verdicts_;  // by match
};

}  // namespace

void decide_reachability(const TakenInventory& taken, std::span<const PackageEntries> entries,
                         std::span<Match> matches, ThreadPool& pool) {
    if (!matches.empty()) ReachabilityRun(taken, entries, matches, pool).run();
}

}  // namespace merlon::scan
