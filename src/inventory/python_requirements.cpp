// requirements.txt (pip, "Requirements File Format"), Pipfile, Pipfile.lock and pyproject.toml
// (PyPA, "pyproject.toml specification"; Poetry's, PDM's and uv's tables).

#include <algorithm>
#include <map>
#include <set>

#include "inventory/joins.h"
#include "inventory/python_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

// pip's lines: a backslash at the end goes on, '#' at the begin or behind a blank is a comment.
struct LogicalLine {
    std::string text;
    std::size_t offset = 0;
};

std::string_view without_comment(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
            return line.substr(0, i);
    return line;
}

std::vector<LogicalLine> logical_lines(const Reading& reading) {
    std::vector<LogicalLine> lines;
    bool goes_on = false;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        std::string_view line = trim(without_comment(whole));
        const bool continues = line.ends_with('\\');
        if (continues) line.remove_suffix(1);
        if (goes_on) {
            lines.back().text += ' ';
            lines.back().text += line;
        } else if (!line.empty()) {
            const std::size_t indent = whole.find_first_not_of(" \t");
            lines.push_back({std::string(line), reading.lines().line_begin(number) + indent});
        }
        goes_on = continues && !lines.empty() && (goes_on || !line.empty());
    }
    return lines;
}

// The value of an option in one of its spellings: "-r x", "-rx", "--requirement x",
// "--requirement=x"; nothing where `line` is another one.
std::optional<std::string_view> option(std::string_view line, std::string_view brief,
                                       std::string_view full) {
    if (line.starts_with(full)) {
        line.remove_prefix(full.size());
        if (line.starts_with('=') || line.starts_with(' ')) return trim(line.substr(1));
        return std::nullopt;
    }
    if (!brief.empty() && line.starts_with(brief) && !line.starts_with("--"))
        return trim(line.substr(brief.size()));
    return std::nullopt;
}

class RequirementsReader {
  public:
    explicit RequirementsReader(Reading& reading) : reading_(reading) {}

    void read() {
        for (const LogicalLine& line : logical_lines(reading_)) read_line(line.text, line.offset);
    }

  private:
    void read_line(std::string_view line, std::size_t offset) {
        if (const auto file = option(line, "-r", "--requirement")) {
            take_in(*file, kRequirementsReader, offset);
        } else if (const auto limits = option(line, "-c", "--constraint")) {
            take_in(*limits, kConstraintsReader, offset);
        } else if (const auto place = option(line, "-e", "--editable")) {
            read_place(*place, offset);
        } else if (const auto extra = option(line, "", "--extra-index-url")) {
            reading_.add_registry(RegistrySetting::Role::kExtra, packages::Ecosystem::kPypi,
                                  "--extra-index-url", *extra, offset);
        } else if (const auto index = option(line, "-i", "--index-url")) {
            reading_.add_registry(RegistrySetting::Role::kDefault, packages::Ecosystem::kPypi,
                                  "--index-url", *index, offset);
        } else if (!line.starts_with('-')) {
            read_requirement(line, offset);
        }  // the other options say where from
    }

    void take_in(std::string_view file, std::string_view reader, std::size_t offset) {
        if (file.empty()) return reading_.unknown(offset, "an option that names no file");
        reading_.facts.includes.push_back({std::string(file), reader});
    }

    // An address or a folder instead of a name: "#egg=" may name it.
    void read_place(std::string_view place, std::size_t offset) {
        place = place.substr(0, place.find(' '));
        std::string_view name;
        if (const std::size_t egg = place.find("egg="); egg != std::string_view::npos)
            name = parse_requirement(place.substr(egg + 4, place.find('&', egg) - egg - 4)).name;
        const ArchiveName archive = parse_archive_name(place);
        if (name.empty()) name = archive.name;
        if (name.empty()) {
            if (place.find("://") != std::string_view::npos)
                reading_.unknown(offset, "an address that names no package: " + std::string(place));
            return;  // a folder: its own manifest says what it is
        }
        Package& package = reading_.add(name, archive.version, offset);
        package.relation = Relation::kDirect;
        set_python_origin(package, place);
    }

    void read_requirement(std::string_view line, std::size_t offset) {
        constexpr std::string_view kHash = "--hash";
        const std::size_t options = std::min(line.find(" -"), line.size());
        const std::string_view text = trim(line.substr(0, options));
        const bool is_archive = text.find_first_of(" <>=!~@;") == std::string_view::npos &&
                                !parse_archive_name(text).name.empty();
        const bool is_place = text.find("://") < text.find('@') || text.starts_with('.') ||
                              text.starts_with('/') || is_archive;
        if (is_place) return read_place(text, offset);
        const Requirement requirement = parse_requirement(text);
        if (requirement.name.empty()) {
            reading_.unknown(offset, "not a requirement: " + std::string(text));
            return;
        }
        Package& package = add_requirement(reading_, requirement, offset);
        for (std::string_view word : split(line.substr(options), ' ')) {
            if (!word.starts_with(kHash)) continue;
            word.remove_prefix(kHash.size());
            if (word.starts_with('=')) add_checksum(package, word.substr(1));
        }
    }

    Reading& reading_;
};

void read_pipfile_list(Reading& reading, const Value* list, Scope scope) {
    each_entry(list, [&](std::string_view name, const Value& entry) {
        const std::size_t offset = reading.offset_of(&entry);
        const std::string_view stated =
            entry.is_object() ? string_in(&entry, "version") : string_of(&entry);
        const std::string_view version = pinned_version(stated);
        Package& package = reading.add(name, version, offset);
        if (version.empty()) package.requested = stated;
        package.scope = scope;
        if (!entry.is_object()) return;
        for (const std::string_view key : {"markers", "sys_platform", "platform_system", "os_name",
                                           "python_version", "platform_machine"})
            package.is_conditional |= !string_in(&entry, key).empty();
        each_item(array_in(&entry, "hashes"),
                  [&](const Value& hash) { add_checksum(package, string_of(&hash)); });
        package.download_url = string_in(&entry, "git");
        package.commit = string_in(&entry, "ref");
        for (const std::string_view key : {"path", "file"})
            if (!string_in(&entry, key).empty()) set_python_origin(package, string_in(&entry, key));
    });
}

// Lists of requirements as texts: [project] and [dependency-groups].
void add_requirements(Reading& reading, const Value* list, Scope scope) {
    each_item(list, [&](const Value& item) {
        if (!item.is_string()) return;  // {include-group = "…"}
        const Requirement requirement = parse_requirement(string_of(&item));
        if (requirement.name.empty()) {
            reading.unknown(reading.offset_of(&item),
                            "not a requirement: " + std::string(string_of(&item)));
            return;
        }
        add_requirement(reading, requirement, reading.offset_of(&item)).scope = scope;
    });
}

// Poetry's tables: name = "^1.0", or { version = …, git = …, path = …, optional = true }.
void add_poetry_list(Reading& reading, const Value* list, Scope scope) {
    each_entry(list, [&](std::string_view name, const Value& entry) {
        if (name == "python") return;
        const Value* stated = entry.is_array() && entry.size() > 0 ? &entry.items()[0] : &entry;
        Package& package = reading.add(name, "", reading.offset_of(&entry));
        for (const std::string_view key : {"markers", "python", "platform"})
            package.is_conditional |= !string_in(stated, key).empty();
        package.is_conditional |= entry.is_array();  // one of several, by condition
        package.relation = Relation::kDirect;
        package.scope = is_true_in(stated, "optional") ? Scope::kOptional : scope;
        package.requested = stated->is_object() ? string_in(stated, "version") : string_of(stated);
        package.download_url = string_in(stated, "git");
        package.commit = string_in(stated, "rev");
        for (const std::string_view key : {"path", "file", "url"})
            set_python_origin(package, string_in(stated, key));
    });
}

void add_python_root(Reading& reading, const Value* project) {
    const std::string_view name = string_in(project, "name");
    if (name.empty()) return;
    Package& package =
        reading.add(name, string_in(project, "version"), reading.offset_of(project->find("name")));
    package.relation = Relation::kRoot;
    package.local = true;
    const Value* license = project->find("license");
    if (license == nullptr) return;
    const std::string_view text =
        license->is_object() ? string_in(license, "text") : string_of(license);
    if (!text.empty() && text.size() < 200) package.licenses.emplace_back(text);
}

}  // namespace

Status read_requirements(Reading& reading) {
    if (reading.bytes.find('\0') != std::string_view::npos)
        return Error{"requirements: the file is no text"};
    RequirementsReader(reading).read();
    return {};
}

Status read_pipfile_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    if (object_in(root, "_meta") == nullptr && object_in(root, "default") == nullptr &&
        object_in(root, "develop") == nullptr)
        return Error{"Pipfile.lock: expected an object with \"default\" or \"develop\""};
    // Every other key is a category (pipenv.pypa.io, "Package Categories"): installed where asked.
    each_entry(root, [&](std::string_view key, const Value& packages) {
        if (key == "_meta" || !packages.is_object()) return;
        read_pipfile_list(reading, &packages,
                          key == "default"   ? Scope::kRuntime
                          : key == "develop" ? Scope::kDevelopment
                                             : Scope::kOptional);
    });
    return {};
}

Status read_pipfile(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    constexpr std::string_view kSettings[] = {"source", "requires", "scripts", "pipenv"};
    each_entry(root, [&](std::string_view key, const Value& packages) {
        if (!packages.is_object() || std::ranges::find(kSettings, key) != std::end(kSettings))
            return;
        read_pipfile_list(reading, &packages,
                          key == "packages"       ? Scope::kRuntime
                          : key == "dev-packages" ? Scope::kDevelopment
                                                  : Scope::kOptional);
    });
    for (Package& package : reading.facts.source.packages) package.relation = Relation::kDirect;
    return {};
}

Status read_pyproject(Reading& reading) {
    const Value* root = MERLON_TRY(reading.toml());
    const Value* project = object_in(root, "project");
    const Value* tool = object_in(root, "tool");
    const Value* poetry = object_in(tool, "poetry");
    add_python_root(reading, string_in(project, "name").empty() ? poetry : project);
    add_requirements(reading, array_in(project, "dependencies"), Scope::kRuntime);
    each_entry(object_in(project, "optional-dependencies"),
               [&](std::string_view, const Value& list) {
                   add_requirements(reading, &list, Scope::kOptional);
               });
    const auto add_group = [&](std::string_view, const Value& list) {
        add_requirements(reading, &list, Scope::kDevelopment);
    };
    each_entry(object_in(root, "dependency-groups"), add_group);
    each_entry(object_in(object_in(tool, "pdm"), "dev-dependencies"), add_group);
    add_requirements(reading, array_in(object_in(tool, "uv"), "dev-dependencies"),
                     Scope::kDevelopment);
    add_requirements(reading, array_in(object_in(root, "build-system"), "requires"), Scope::kBuild);
    add_poetry_list(reading, object_in(poetry, "dependencies"), Scope::kRuntime);
    add_poetry_list(reading, object_in(poetry, "dev-dependencies"), Scope::kDevelopment);
    each_entry(object_in(poetry, "group"), [&](std::string_view name, const Value& group) {
        add_poetry_list(reading, object_in(&group, "dependencies"),
                        name == "main" ? Scope::kRuntime : Scope::kDevelopment);
    });
    return {};
}

namespace {

using Pins = std::map<std::string, std::string>;

// What the constraints of a file pin; those may take in others.
Pins pins_of(const FileFacts& requirements, const Tree& tree) {
    Pins pins;
    std::set<const FileFacts*> seen;
    std::vector<const FileFacts*> open{&requirements};
    while (!open.empty()) {
        const FileFacts& file = *open.back();
        open.pop_back();
        const bool is_limits = &file != &requirements;
        for (const Package& package : file.facts.source.packages)
            if (is_limits && !package.version.empty())
                pins.emplace(normal_name(package), package.version);
        for (const Include& include : file.facts.includes) {
            if (!is_limits && include.reader != kConstraintsReader) continue;
            const FileFacts* limits = tree.find_beside(file, include.path);
            if (limits != nullptr && seen.insert(limits).second) open.push_back(limits);
        }
    }
    return pins;
}

}  // namespace

void join_python_constraints(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != kRequirementsReader || file.facts.includes.empty()) continue;
        const Pins pins = pins_of(file, tree);
        for (Package& package : file.facts.source.packages) {
            if (!package.version.empty() || package.local || !package.download_url.empty())
                continue;
            const auto pin = pins.find(normal_name(package));
            if (pin != pins.end()) package.version = pin->second;
        }
    }
}

}  // namespace merlon::inventory
