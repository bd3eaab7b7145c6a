#include "inventory/known_programs.h"

#include <algorithm>
#include <optional>
#include <string>

#include "inventory/name_index.h"
#include "inventory/readers.h"
#include "match/regex.h"

namespace merlon::inventory {
namespace {

using packages::Package;

// A window overlaps the next one by more than any expression needs to see.
constexpr std::size_t kWindowBytes = std::size_t{4} << 20;
constexpr std::size_t kOverlapBytes = std::size_t{4} << 10;

bool is_of_number(char c) { return (c >= '0' && c <= '9') || c == '.'; }

// '*' is any text, '#' the characters of a number. Names and patterns are short, so that trying all
// lengths is good enough.
bool matches_name(std::string_view pattern, std::string_view name) {
    while (!pattern.empty() && pattern[0] != '*' && pattern[0] != '#') {
        if (name.empty() || name[0] != pattern[0]) return false;
        pattern.remove_prefix(1);
        name.remove_prefix(1);
    }
    if (pattern.empty()) return name.empty();
    const bool is_any = pattern[0] == '*';
    pattern.remove_prefix(1);
    while (true) {
        if (matches_name(pattern, name)) return true;
        if (name.empty() || (!is_any && !is_of_number(name[0]))) return false;
        name.remove_prefix(1);
    }
}

// The first "3.8" in a name: what a version has to begin with to be borne out by it.
std::string_view number_in(std::string_view name) {
    const std::size_t begin = name.find_first_of("0123456789");
    if (begin == std::string_view::npos) return {};
    std::string_view number = name.substr(begin);
    number = number.substr(0, std::min(number.find_first_not_of("0123456789."), number.size()));
    const std::size_t point = number.find('.');
    if (point == std::string_view::npos) return {};
    return number.substr(0, std::min(number.find('.', point + 1), number.size()));
}

std::string written_out(std::string_view expression) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kShort{{
        {"{v}", "[0-9]+\\.[0-9]+\\.[0-9]+"},
        {"{n}", "[0-9]+(?:\\.[0-9]+)+"},
        {"{pre}", "(?:-(?:alpha|beta|rc|preview)\\.?[0-9]*)?"},
    }};
    std::string whole(expression);
    for (const auto& [word, meaning] : kShort)
        for (std::size_t at = 0; (at = whole.find(word, at)) != std::string::npos;
             at += meaning.size())
            whole.replace(at, word.size(), meaning);
    return whole;
}

// NISTIR 7695, 6.2: the name as a formatted string, in which all but letters, digits, '_', '-' and
// '.' are quoted.
std::string cpe_of(const KnownProgram& program, std::string_view version) {
    if (program.cpe.empty()) return {};
    std::string name = "cpe:2.3:a:";
    const auto [vendor, product] = split_first(program.cpe, ':');
    for (const std::string_view part : {vendor, product, version}) {
        for (const char c : part) {
            const bool is_plain = is_of_number(c) || (c >= 'a' && c <= 'z') ||
                                  (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
            if (!is_plain) name += '\\';
            name += c;
        }
        name += ':';
    }
    return name + "*:*:*:*:*:*:*";
}

// What a row says of a version that was found.
void describe(Package& package, const KnownProgram& program, std::string_view version) {
    package.ecosystem = program.ecosystem;
    package.name = program.name;
    // Go's modules have versions with a 'v'.
    package.version = std::string(program.ecosystem == packages::Ecosystem::kGo ? "v" : "") +
                      std::string(version);
    package.scope = packages::Scope::kRuntime;
    package.cpe = cpe_of(program, version);
}

// Looks for one row's version, window by window.
class ProgramSearch {
  public:
    ProgramSearch(const KnownProgram& program, std::string_view number)
        : program_(program), number_(number) {
        for (const std::string_view expression : program.expressions) {
            if (expression.empty()) break;
            auto compiled = match::Regex::compile(written_out(expression));
            if (compiled.ok()) expressions_.push_back(std::move(compiled).value());
        }
    }

    // A surer expression, or a version that the name bears out, takes the place of what was found.
    void look(const match::Subject& window) {
        for (std::size_t i = 0; i < expressions_.size() && i <= best_; ++i) {
            if (i == best_ && is_borne_out_) return;
            expressions_[i].captures_each(window, [&](const std::vector<match::Span>& groups) {
                if (groups.size() < 2 || !groups[1].matched()) return;
                const std::string_view version =
                    window.original().substr(groups[1].begin, groups[1].end - groups[1].begin);
                const bool is_borne_out = !number_.empty() && version.starts_with(number_);
                const bool is_better = i < best_ || (is_borne_out && !is_borne_out_);
                if (!is_better) return;
                best_ = i;
                is_borne_out_ = is_borne_out;
                version_ = version;
            });
        }
    }

    void add_to(Reading& reading) const {
        if (version_.empty()) return;
        describe(reading.add(program_.name, version_, kNoOffset), program_, version_);
    }

  private:
    const KnownProgram& program_;
    const std::string_view number_;
    std::vector<match::Regex> expressions_;
    std::size_t best_ = std::string_view::npos;
    bool is_borne_out_ = false;
    std::string version_;
};

// The rows of the table, found by the file's name.
class ProgramIndex {
  public:
    ProgramIndex() {
        for (const KnownProgram& program : known_programs()) {
            for (const std::string_view pattern : split(program.files, ' ')) {
                names_.add(pattern, static_cast<std::uint32_t>(rows_.size()));
                rows_.push_back({pattern, &program});
            }
        }
    }

    std::vector<const KnownProgram*> find(std::string_view file_name) const {
        std::vector<const KnownProgram*> found;
        names_.for_each_of(file_name, [&](std::uint32_t number) {
            const Row& row = rows_[number];
            if (matches_name(row.pattern, file_name)) found.push_back(row.program);
        });
        // All stand in one table, in whose order they are asked.
        std::ranges::sort(found);
        found.erase(std::ranges::unique(found).begin(), found.end());
        return found;
    }

  private:
    struct Row {
        std::string_view pattern;
        const KnownProgram* program;
    };
    NameIndex names_;
    std::vector<Row> rows_;
};

}  // namespace

std::vector<const KnownProgram*> programs_of(std::string_view file_name) {
    static const ProgramIndex index;
    return index.find(file_name);
}

void add_known_programs(Reading& reading) {
    const std::vector<const KnownProgram*> programs = programs_of(reading.file_name);
    if (programs.empty()) return;
    std::vector<ProgramSearch> searches;
    for (const KnownProgram* program : programs)
        searches.emplace_back(*program, number_in(reading.file_name));
    for (std::size_t begin = 0; begin < reading.bytes.size();
         begin += kWindowBytes - kOverlapBytes) {
        if (reading.cancel != nullptr && reading.cancel->cancelled()) return;
        const match::Subject window(reading.bytes.substr(begin, kWindowBytes));
        for (ProgramSearch& search : searches) search.look(window);
        if (reading.bytes.size() - begin <= kWindowBytes) break;
    }
    for (const ProgramSearch& search : searches) search.add_to(reading);
}

// "go1.21", "devel go1.25-d524e1e Sun Feb 16 …" (Go's cmd/dist), or the ini file of a program of
// Mozilla's. Any other file of that name is none of ours.
Status read_program_version(Reading& reading) {
    std::string_view text = trim(reading.bytes.substr(0, 4096));
    if (text.starts_with("devel ")) text.remove_prefix(6);
    if (text.size() > 2 && text.starts_with("go") && is_of_number(text[2])) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
        reading.add("go", text.substr(2, end - 2), 0);
        return {};
    }
    std::string_view name, version;
    for (const std::string_view line : split(text, '\n')) {
        const auto [key, content] = split_first(trim(line), '=');
        if (key == "Name") name = content;
        if (key == "Version") version = content;
    }
    if (name == "Firefox" && !version.empty()) reading.add("firefox", version, 0);
    return {};
}

void join_program_versions(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "executable" || !file.members.empty()) continue;
        std::vector<Package>& packages = file.facts.source.packages;
        const std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
        for (const KnownProgram* program : programs_of(name)) {
            if (std::ranges::find(packages, program->name, &Package::name) != packages.end())
                continue;
            for (const std::string_view place : split(program->version_files, ' ')) {
                const FileFacts* beside = tree.find_beside(file, place);
                if (beside == nullptr || beside->reader->name != "program-version") continue;
                const auto& stated = beside->facts.source.packages;
                if (stated.empty() || stated[0].name != program->name) continue;
                describe(packages.emplace_back(), *program, stated[0].version);
                break;
            }
        }
    }
}

}  // namespace merlon::inventory
