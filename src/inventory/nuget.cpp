// .NET: packages.lock.json, packages.config, *.deps.json, project.assets.json, project files with
// their central versions (learn.microsoft.com/nuget), and Paket's files.

#include "inventory/nuget.h"

#include <map>

#include "base/ascii.h"
#include "inventory/joins.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using text::XmlElement;
using value::Value;

// NuGet's digests are base64 without a name of the algorithm, or with "sha512-" before them.
void add_sha512(Package& package, std::string_view base64) {
    if (base64.empty()) return;
    add_integrity(package, base64.starts_with("sha512-") ? std::string(base64)
                                                         : "sha512-" + std::string(base64));
}

// A version or a range ("Package versioning"): a number alone is the least version.
void set_requested(Package& package, std::string_view text) {
    package.requested = text;
    if (text.starts_with('[') && text.ends_with(']') && text.find(',') == std::string_view::npos)
        package.version = trim(text.substr(1, text.size() - 2));
}

// Packages by name without case, and the edges that name them.
class NugetEdges {
  public:
    explicit NugetEdges(Reading& reading) : reading_(reading) {}
    void name_last(std::string_view name) { names_[lower_case(name)] = reading_.count() - 1; }
    const std::uint32_t* find(std::string_view name) const {
        const auto found = names_.find(lower_case(name));
        return found == names_.end() ? nullptr : &found->second;
    }
    void want(std::uint32_t from, const Value* list) { wanted_.emplace_back(from, list); }
    void link() {
        for (const auto& [from, list] : wanted_)
            each_entry(list, [&](std::string_view name, const Value&) {
                if (const auto* to = find(name)) reading_.require(from, *to);
            });
        names_.clear();
        wanted_.clear();
    }

  private:
    Reading& reading_;
    std::map<std::string, std::uint32_t> names_;
    std::vector<std::pair<std::uint32_t, const Value*>> wanted_;
};

}  // namespace

// learn.microsoft.com, ".nuspec reference": what a package says of itself, in a project or where it
// was restored to.
Status read_nuspec(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    const XmlElement* metadata = root->child("metadata");
    const std::string_view id = metadata == nullptr ? "" : metadata->child_text("id");
    if (root->name != "package" || id.empty())
        return Error{"nuspec: expected <package> with an <id> in its <metadata>"};
    const std::string_view version = metadata->child_text("version");
    // "$version$" and "$id$" are filled in from the project when it is packed.
    const bool is_open = version.find('$') != std::string_view::npos;
    if (id.find('$') != std::string_view::npos) {
        reading.unknown(metadata->offset, "a nuspec whose id its project fills in");
        return {};
    }
    Package& package = reading.add(id, is_open ? "" : version, metadata->offset);
    if (const XmlElement* license = metadata->child("license");
        license != nullptr && license->attribute("type") == "expression")
        package.licenses.emplace_back(license->text);
    if (package.version.empty())
        reading.unknown(metadata->offset,
                        package.name + " has a version that its project fills in");
    return {};
}

Status read_nuget_lock(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    const Value* targets = object_in(root, "dependencies");
    if (targets == nullptr) return Error{"packages.lock.json: expected \"dependencies\""};
    NugetEdges edges(reading);
    each_entry(targets, [&](std::string_view, const Value& target) {
        each_entry(&target, [&](std::string_view name, const Value& entry) {
            if (!entry.is_object()) return;
            const std::string_view type = string_in(&entry, "type");
            Package& package =
                reading.add(name, string_in(&entry, "resolved"), reading.offset_of(&entry));
            package.requested = string_in(&entry, "requested");
            package.relation =
                type == "Direct" || type == "Project" ? Relation::kDirect : Relation::kTransitive;
            package.local = type == "Project";
            package.scope = Scope::kRuntime;
            add_sha512(package, string_in(&entry, "contentHash"));
            edges.name_last(name);
            edges.want(reading.count() - 1, object_in(&entry, "dependencies"));
        });
        edges.link();
    });
    return {};
}

Status read_packages_config(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    if (root->name != "packages") return Error{"packages.config: expected <packages>"};
    for (const XmlElement* one = root->first_child; one != nullptr; one = one->next) {
        if (one->name != "package") continue;
        if (one->attribute("id").empty()) {
            reading.unknown(one->offset, "a package without an id");
            continue;
        }
        Package& package =
            reading.add(one->attribute("id"), one->attribute("version"), one->offset);
        package.requested = one->attribute("allowedVersions");
        package.scope = one->attribute("developmentDependency") == "true" ? Scope::kDevelopment
                                                                          : Scope::kRuntime;
    }
    return {};
}

// "name/version" keys: "libraries" says what each is, "targets" what it needs. *.deps.json is what
// is deployed; project.assets.json is NuGet's own result.
Status read_nuget_graph(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json(text::JsonMode::kLenient));
    const Value* libraries = object_in(root, "libraries");
    if (libraries == nullptr && object_in(root, "targets") == nullptr)
        return Error{"expected \"libraries\" and \"targets\""};
    std::map<std::string, std::uint32_t, std::less<>> indexes;
    each_entry(libraries, [&](std::string_view key, const Value& entry) {
        auto [name, version] = split_first(key, '/');
        if (version.empty())
            return reading.unknown(reading.offset_of(&entry), "a library without a version");
        // The runtime that a program brings along has the name of its package behind this word.
        constexpr std::string_view kRuntime = "runtimepack.";
        if (string_in(&entry, "type") == "runtimepack" && name.starts_with(kRuntime))
            name.remove_prefix(kRuntime.size());
        Package& package = reading.add(name, version, reading.offset_of(&entry));
        package.scope = Scope::kRuntime;
        const std::string_view type = string_in(&entry, "type");
        if (type == "project") {
            package.local = true;
            package.relation = Relation::kRoot;
        }
        add_sha512(package, string_in(&entry, "sha512"));
        indexes.emplace(key, reading.count() - 1);
    });
    each_entry(object_in(root, "targets"), [&](std::string_view, const Value& target) {
        std::map<std::string, std::uint32_t> by_name;
        each_entry(&target, [&](std::string_view key, const Value&) {
            if (const auto found = indexes.find(key); found != indexes.end())
                by_name[lower_case(split_first(key, '/').first)] = found->second;
        });
        each_entry(&target, [&](std::string_view key, const Value& entry) {
            const auto from = indexes.find(key);
            if (from == indexes.end()) return;
            each_entry(object_in(&entry, "dependencies"), [&](std::string_view name, const Value&) {
                if (const auto to = by_name.find(lower_case(name)); to != by_name.end())
                    reading.require(from->second, to->second);
            });
        });
    });
    // project.assets.json: what the project itself asks for, by framework.
    const Value* frameworks = object_in(object_in(root, "project"), "frameworks");
    each_entry(frameworks, [&](std::string_view, const Value& framework) {
        each_entry(object_in(&framework, "dependencies"),
                   [&](std::string_view name, const Value& asked) {
                       for (Package& package : reading.facts.source.packages) {
                           if (lower_case(package.name) != lower_case(name)) continue;
                           package.relation = Relation::kDirect;
                           if (package.requested.empty())
                               package.requested = string_in(&asked, "version");
                       }
                   });
    });
    return {};
}

namespace {

// Elements of MSBuild are found at any depth: item groups stand in choices and targets.
void each_msbuild_item(const XmlElement* parent,
                       const std::function<void(const XmlElement&)>& use) {
    for (const XmlElement* one = parent->first_child; one != nullptr; one = one->next) {
        use(*one);
        each_msbuild_item(one, use);
    }
}

// "$(Name)" by the properties of the same file; an unknown one stays.
std::string put_in_properties(std::string_view text,
                              const std::map<std::string, std::string>& properties) {
    std::string out;
    while (!text.empty()) {
        const std::size_t begin = text.find("$(");
        const std::size_t end = begin == std::string_view::npos ? begin : text.find(')', begin);
        if (end == std::string_view::npos) break;
        out += text.substr(0, begin);
        const auto found = properties.find(lower_case(text.substr(begin + 2, end - begin - 2)));
        out += found == properties.end() ? std::string(text.substr(begin, end + 1 - begin))
                                         : found->second;
        text.remove_prefix(end + 1);
    }
    return out += text;
}

std::string_view attribute_or_child(const XmlElement& element, std::string_view name) {
    const std::string_view attribute = trim(element.attribute(name));
    return attribute.empty() ? element.child_text(name) : attribute;
}

}  // namespace

// Project files and what they take in: PackageReference asks, PackageVersion gives the versions of
// "central package management", GlobalPackageReference does both.
Status read_msbuild(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    if (root->name != "Project") return Error{"expected the element <Project>"};
    std::map<std::string, std::string> properties;
    each_msbuild_item(root, [&](const XmlElement& one) {
        if (one.parent != nullptr && one.parent->name == "PropertyGroup")
            properties[lower_case(one.name)] = put_in_properties(one.text, properties);
    });
    each_msbuild_item(root, [&](const XmlElement& one) {
        const bool is_central = one.name == "PackageVersion";
        const bool is_asked =
            one.name == "PackageReference" || one.name == "GlobalPackageReference";
        if (!is_central && !is_asked) return;
        std::string_view name = trim(one.attribute("Include"));
        if (name.empty()) name = one.attribute("Update");
        if (name.empty()) return;
        std::string_view stated = attribute_or_child(one, "VersionOverride");
        if (stated.empty()) stated = attribute_or_child(one, "Version");
        const std::string version = put_in_properties(stated, properties);
        Package& package = reading.add(name, "", one.offset);
        package.relation = is_central ? Relation::kUnknown : Relation::kDirect;
        package.scope = Scope::kRuntime;
        if (attribute_or_child(one, "PrivateAssets") == "all" ||
            one.name == "GlobalPackageReference")
            package.scope = Scope::kDevelopment;
        set_requested(package, version);
        if (version.find("$(") != std::string::npos)
            reading.unknown(one.offset,
                            package.name + " has a version that stays open: " + version);
    });
    return {};
}

namespace {

// Whether a version stands for itself: no range, no wildcard, no property.
bool is_plain(std::string_view version) {
    return !version.empty() && version.find_first_of("[](,)*$") == std::string_view::npos;
}

const FileFacts* find_central(const FileFacts& project, const Tree& tree) {
    std::string_view folder = folder_of(project.path);
    while (true) {
        if (const FileFacts* found = tree.find(join_path(folder, "Directory.Packages.props")))
            return found;
        if (folder.empty()) return nullptr;
        folder = folder_of(folder);
    }
}

}  // namespace

// A reference without a version has that of the nearest Directory.Packages.props. A number alone is
// the least version that will do, and NuGet takes the least one there is: where no lock file says
// otherwise, that is the version.
void join_nuget_projects(std::vector<FileFacts>& files, const Tree& tree) {
    for (FileFacts& file : files) {
        if (file.reader->name != "nuget-project") continue;
        const FileFacts* central = find_central(file, tree);
        std::map<std::string, const Package*> versions;
        if (central != nullptr && central != &file)
            for (const Package& package : central->facts.source.packages)
                versions.emplace(lower_case(package.name), &package);
        for (Package& package : file.facts.source.packages) {
            if (package.requested.empty() && package.relation == Relation::kDirect) {
                const auto found = versions.find(lower_case(package.name));
                if (found != versions.end()) {
                    package.requested = found->second->requested;
                    package.version = found->second->version;
                } else {
                    file.facts.source.unknowns.push_back(package.name +
                                                         " has no version in this tree");
                }
            }
            if (package.version.empty() && is_plain(package.requested))
                package.version = package.requested;
        }
    }
}

// paket.lock: groups of sources ("NUGET", "  remote: …", "    Name (1.0)", "      Needs (>= 1)").
Status read_paket_lock(Reading& reading) {
    std::string_view source;
    std::map<std::string, std::uint32_t> names;
    std::vector<std::pair<std::uint32_t, std::string>> wanted;
    const auto link = [&] {
        for (const auto& [from, name] : wanted)
            if (const auto found = names.find(name); found != names.end())
                reading.require(from, found->second);
        names.clear();
        wanted.clear();
    };
    std::uint32_t last = 0;
    bool has_last = false;
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const std::string_view line = trim(whole);
        if (line.empty()) continue;
        const std::size_t indent = whole.find_first_not_of(' ');
        if (indent == 0) {
            if (line.starts_with("GROUP ")) link();
            source = line;
            has_last = false;
            continue;
        }
        if (source != "NUGET" || indent < 4) continue;
        const std::string_view name = line.substr(0, line.find(' '));
        if (indent >= 6) {
            if (has_last) wanted.emplace_back(last, lower_case(name));
            continue;
        }
        const std::size_t open = line.find('('), close = line.find(')');
        const std::size_t offset = reading.lines().line_begin(number) + indent;
        if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
            reading.unknown(offset, "paket.lock: expected \"name (version)\"");
            has_last = false;
            continue;
        }
        reading.add(name, line.substr(open + 1, close - open - 1), offset);
        last = reading.count() - 1;
        has_last = true;
        names.emplace(lower_case(name), last);
    }
    link();
    return {};
}

// paket.dependencies: "nuget Name >= 1.0"
Status read_paket_dependencies(Reading& reading) {
    for (std::uint32_t number = 1; number <= reading.lines().line_count(); ++number) {
        const std::string_view whole = reading.lines().line_text(number);
        const auto words = split(whole, ' ');
        if (words.size() < 2 || words[0] != "nuget") continue;
        Package& package = reading.add(
            words[1], "", reading.lines().line_begin(number) + whole.find_first_not_of(" \t"));
        package.relation = Relation::kDirect;
        const auto end = static_cast<std::size_t>(words[1].data() + words[1].size() - whole.data());
        package.requested = trim(whole.substr(end));
    }
    return {};
}

}  // namespace merlon::inventory
