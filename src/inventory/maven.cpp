#include "inventory/maven.h"

#include <functional>

#include "inventory/joins.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using packages::Scope;
using text::XmlElement;

void each_child(const XmlElement* parent, std::string_view name,
                const std::function<void(const XmlElement&)>& use) {
    if (parent == nullptr) return;
    for (const XmlElement* child = parent->first_child; child != nullptr; child = child->next)
        if (child->name == name) use(*child);
}

MavenCoordinates coordinates_of(const XmlElement& element) {
    return {std::string(element.child_text("groupId")),
            std::string(element.child_text("artifactId")),
            std::string(element.child_text("version"))};
}

void read_dependencies(const Reading& reading, const XmlElement* list,
                       std::vector<MavenDependency>& dependencies) {
    each_child(list, "dependency", [&](const XmlElement& element) {
        MavenDependency dependency;
        dependency.coordinates = coordinates_of(element);
        dependency.scope = element.child_text("scope");
        dependency.type = element.child_text("type");
        dependency.classifier = element.child_text("classifier");
        dependency.is_optional = element.child_text("optional") == "true";
        dependency.region = reading.region_at(element.offset);
        dependencies.push_back(std::move(dependency));
    });
}

// What a project and a profile have alike.
void read_model(const Reading& reading, const XmlElement& model, MavenProject& project) {
    if (const XmlElement* properties = model.child("properties"))
        for (const XmlElement* one = properties->first_child; one != nullptr; one = one->next)
            project.properties[std::string(one->name)] = one->text;
    if (const XmlElement* managed = model.child("dependencyManagement"))
        read_dependencies(reading, managed->child("dependencies"), project.managed);
    read_dependencies(reading, model.child("dependencies"), project.dependencies);
}

}  // namespace

Status read_pom(Reading& reading) {
    const XmlElement* root = MERLON_TRY(reading.xml());
    if (root->name != "project")
        return Error{"pom.xml: expected the element <project>, found <" + std::string(root->name) +
                     ">"};
    auto project = std::make_shared<MavenProject>();
    project->own = coordinates_of(*root);
    const XmlElement* artifact = root->child("artifactId");
    project->region = reading.region_at(artifact == nullptr ? root->offset : artifact->offset);
    if (const XmlElement* parent = root->child("parent")) {
        project->has_parent = true;
        project->parent = coordinates_of(*parent);
        project->parent_region = reading.region_at(parent->offset);
        if (const XmlElement* path = parent->child("relativePath"))
            project->parent_path = path->text;
    }
    read_model(reading, *root, *project);
    each_child(root->child("profiles"), "profile", [&](const XmlElement& profile) {
        const XmlElement* activation = profile.child("activation");
        if (activation != nullptr && activation->child_text("activeByDefault") == "true")
            read_model(reading, profile, *project);
    });
    each_child(root->child("licenses"), "license", [&](const XmlElement& license) {
        if (!license.child_text("name").empty())
            project->licenses.emplace_back(license.child_text("name"));
    });
    reading.facts.project = std::move(project);
    return {};
}

namespace {

constexpr std::size_t kMaxChain = 64;         // parents and imports
constexpr std::size_t kMaxPutIn = 16;         // properties inside properties
constexpr std::size_t kMaxSteps = 1'000;      // of one text
constexpr std::size_t kMaxText = 4096;        // of a version or name with properties put in
constexpr std::size_t kMaxManaged = 200'000;  // of one project

// A project with what its parents and imports say.
struct Effective {
    MavenCoordinates own;
    std::map<std::string, std::string> properties;
    std::vector<MavenDependency> written;            // managed ones, of the project and its parents
    std::map<std::string, MavenDependency> managed;  // properties put in, and of imports
    std::vector<MavenDependency> inherited;          // from parents, as written
    std::vector<std::string> missing;                // parents and BOMs that are not in the tree
};

class MavenResolver {
  public:
    MavenResolver(std::vector<FileFacts>& files, const Tree& tree) : tree_(tree) {
        for (FileFacts& file : files) {
            const MavenProject* project = file.facts.project.get();
            if (project == nullptr) continue;
            by_name_.emplace(name_of(project->own, project->parent), &file);
        }
    }

    void fill(FileFacts& file) {
        const MavenProject& project = *file.facts.project;
        Effective effective;
        resolve(file, effective);
        packages::PackageSource& source = file.facts.source;
        for (const std::string& missing : effective.missing) source.unknowns.push_back(missing);
        const bool has_name = !effective.own.artifact.empty();
        if (has_name) {
            Package& root = add(source, effective.own, project.region);
            root.relation = Relation::kRoot;
            root.local = true;
            root.licenses = project.licenses;
        }
        for (const MavenDependency& dependency : project.dependencies)
            add_dependency(source, dependency, effective, dependency.region);
        for (const MavenDependency& dependency : effective.inherited)
            add_dependency(source, dependency, effective, project.parent_region);
        for (std::uint32_t i = 1; has_name && i < source.packages.size(); ++i)
            source.packages[0].requires_.push_back(i);
    }

  private:
    static std::string name_of(const MavenCoordinates& own, const MavenCoordinates& parent) {
        return (own.group.empty() ? parent.group : own.group) + ":" + own.artifact;
    }

    static Package& add(packages::PackageSource& source, const MavenCoordinates& coordinates,
                        const model::TextRegion& region) {
        Package& package = source.packages.emplace_back();
        package.ecosystem = packages::Ecosystem::kMaven;
        package.name = coordinates.group + ":" + coordinates.artifact;
        package.version = coordinates.version;
        package.location.region = region;
        return package;
    }

    static Scope scope_of(const MavenDependency& dependency) {
        if (dependency.scope == "test") return Scope::kTest;
        if (dependency.scope == "provided") return Scope::kBuild;
        return dependency.is_optional ? Scope::kOptional : Scope::kRuntime;
    }

    void add_dependency(packages::PackageSource& source, MavenDependency dependency,
                        const Effective& effective, const model::TextRegion& region) {
        put_in(dependency, effective);
        if (const auto managed = effective.managed.find(dependency.key());
            managed != effective.managed.end()) {
            if (dependency.coordinates.version.empty())
                dependency.coordinates.version = managed->second.coordinates.version;
            if (dependency.scope.empty()) dependency.scope = managed->second.scope;
        }
        const std::string version = dependency.coordinates.version;
        dependency.coordinates.version.clear();
        Package& package = add(source, dependency.coordinates, region);
        package.relation = Relation::kDirect;
        package.scope = scope_of(dependency);
        const std::string place = "line " + std::to_string(region.start_line) + ": " + package.name;
        if (version.empty()) {
            source.unknowns.push_back(place + " has no version in this tree");
        } else if (version.find("${") != std::string::npos) {
            package.requested = version;
            source.unknowns.push_back(place + " has a version that stays open: " + version);
        } else if (version.find_first_of("[](,)") != std::string::npos || version == "LATEST" ||
                   version == "RELEASE") {
            package.requested = version;
            // "[1.0]" is 1.0 and no other ("Dependency Version Requirement Specification").
            const bool is_exact = version.starts_with('[') && version.ends_with(']') &&
                                  version.find(',') == std::string::npos;
            if (is_exact) package.version = version.substr(1, version.size() - 2);
        } else {
            package.version = version;
        }
    }

    // The other POM that coordinates mean: at the path, where that one has this name, or anywhere.
    FileFacts* find(const MavenCoordinates& wanted, const std::string& path) const {
        const std::string name = wanted.group + ":" + wanted.artifact;
        const auto has_name = [&](const FileFacts* file) {
            return file != nullptr && file->facts.project != nullptr &&
                   name_of(file->facts.project->own, file->facts.project->parent) == name;
        };
        if (!path.empty()) {
            if (FileFacts* file = tree_.find(path); has_name(file)) return file;
            if (FileFacts* file = tree_.find(join_path(path, "pom.xml")); has_name(file))
                return file;
        }
        const auto [first, last] = by_name_.equal_range(name);
        FileFacts* single = nullptr;
        std::size_t seen = 0;
        for (auto found = first; found != last && seen < kMaxChain; ++found, ++seen) {
            const MavenProject& project = *found->second->facts.project;
            const std::string& version =
                project.own.version.empty() ? project.parent.version : project.own.version;
            if (version == wanted.version) return found->second;
            // "${revision}" and the like: the tree's only one is meant.
            if (version.find("${") != std::string::npos) single = found->second;
        }
        return single;
    }

    static void put_in(MavenDependency& dependency, const Effective& effective) {
        for (std::string* text : {&dependency.coordinates.group, &dependency.coordinates.artifact,
                                  &dependency.coordinates.version, &dependency.scope,
                                  &dependency.type, &dependency.classifier})
            *text = put_in(*text, effective.properties);
    }

    // "${name}" by the property's text; an unknown one stays, and what leads back to itself.
    static std::string put_in(std::string_view text,
                              const std::map<std::string, std::string>& properties) {
        std::size_t steps = 0;
        return put_in(text, properties, 0, steps);
    }
    static std::string put_in(std::string_view text,
                              const std::map<std::string, std::string>& properties,
                              std::size_t depth, std::size_t& steps) {
        std::string out;
        while (!text.empty()) {
            const std::size_t begin = text.find("${");
            const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
            if (end == std::string_view::npos) break;
            out += text.substr(0, begin);
            const std::string name(text.substr(begin + 2, end - begin - 2));
            const auto found = properties.find(name);
            if (found == properties.end() || depth >= kMaxPutIn || ++steps > kMaxSteps) {
                out += text.substr(begin, end + 1 - begin);
            } else {
                out += put_in(found->second, properties, depth + 1, steps);
            }
            text.remove_prefix(end + 1);
        }
        out += text;
        if (out.size() > kMaxText) out.resize(kMaxText);
        return out;
    }

    // Of a parent or BOM, which others will ask for too.
    const Effective& resolve(FileFacts& file) {
        const auto [place, is_new] = resolved_.try_emplace(&file);
        // A project that is being resolved and asked for again is its own ancestor: it gives what
        // it has so far.
        if (is_new) resolve(file, place->second);
        return place->second;
    }

    void resolve(FileFacts& file, Effective& effective) {
        const MavenProject& project = *file.facts.project;
        if (project.has_parent && ++depth_ < kMaxChain) take_parent(file, project, effective);
        if (project.has_parent) --depth_;
        for (const auto& [name, text] : project.properties) effective.properties[name] = text;
        effective.own = project.own;
        if (effective.own.group.empty()) effective.own.group = project.parent.group;
        if (effective.own.version.empty()) effective.own.version = project.parent.version;
        name_own(project, effective);
        take_managed(project, effective);
    }

    void take_parent(FileFacts& file, const MavenProject& project, Effective& effective) {
        const std::string path = project.parent_path.empty()
                                     ? std::string()
                                     : join_path(folder_of(file.path), project.parent_path);
        FileFacts* parent = find(project.parent, path);
        if (parent == &file) return;
        if (parent == nullptr) {
            effective.missing.push_back("line " + std::to_string(project.parent_region.start_line) +
                                        ": the parent " + project.parent.group + ":" +
                                        project.parent.artifact + ":" + project.parent.version +
                                        " is not in this tree");
            return;
        }
        const Effective& above = resolve(*parent);
        effective.properties = above.properties;
        effective.written = above.written;
        effective.inherited = above.inherited;
        const auto& own = parent->facts.project->dependencies;
        effective.inherited.insert(effective.inherited.end(), own.begin(), own.end());
        if (effective.inherited.size() > kMaxManaged) effective.inherited.resize(kMaxManaged);
    }

    // "Maven Model Builder", "Model Interpolation": project.* and its old names.
    static void name_own(const MavenProject& project, Effective& effective) {
        MavenCoordinates& own = effective.own;
        for (std::string* text : {&own.group, &own.artifact, &own.version})
            *text = put_in(*text, effective.properties);
        for (const std::string prefix : {"project.", "pom.", ""}) {
            const auto set = [&](const char* name, const std::string& text) {
                // A property of such a plain name goes before the field.
                if (!prefix.empty() || !effective.properties.contains(name))
                    effective.properties[prefix + name] = text;
            };
            set("groupId", own.group);
            set("artifactId", own.artifact);
            set("version", own.version);
            set("parent.groupId", project.parent.group);
            set("parent.version", project.parent.version);
        }
    }

    // A project's own entries go before its parents', imports behind both: the first one counts.
    // What parents wrote is read with this project's properties, which may override theirs ("Maven
    // Model Builder": inheritance comes before interpolation).
    void take_managed(const MavenProject& project, Effective& effective) {
        std::vector<MavenDependency>& written = effective.written;
        written.insert(written.begin(), project.managed.begin(), project.managed.end());
        if (written.size() > kMaxManaged) written.resize(kMaxManaged);
        std::vector<MavenDependency> imports;
        const std::size_t own = std::min(project.managed.size(), written.size());
        std::size_t own_imported = 0;
        for (std::size_t i = 0; i < written.size(); ++i) {
            MavenDependency dependency = written[i];
            put_in(dependency, effective);
            if (dependency.scope == "import" && dependency.type == "pom") {
                if (i < own) ++own_imported;
                imports.push_back(std::move(dependency));
            } else {
                const std::string key = dependency.key();
                effective.managed.emplace(key, std::move(dependency));
            }
        }
        for (std::size_t i = 0; i < imports.size(); ++i)
            import_managed(imports[i], i < own_imported, effective);
    }

    void import_managed(const MavenDependency& import, bool is_own, Effective& effective) {
        FileFacts* bom = find(import.coordinates, {});
        if (bom == nullptr) {
            if (!is_own) return;  // said where it is written
            effective.missing.push_back("line " + std::to_string(import.region.start_line) +
                                        ": the BOM " + import.coordinates.group + ":" +
                                        import.coordinates.artifact + ":" +
                                        import.coordinates.version + " is not in this tree");
            return;
        }
        if (++depth_ < kMaxChain) {
            for (const auto& [key, dependency] : resolve(*bom).managed) {
                if (effective.managed.size() >= kMaxManaged) break;
                effective.managed.emplace(key, dependency);
            }
        }
        --depth_;
    }

    const Tree& tree_;
    std::multimap<std::string, FileFacts*> by_name_;
    std::map<const FileFacts*, Effective> resolved_;
    std::size_t depth_ = 0;
};

}  // namespace

void join_maven_projects(std::vector<FileFacts>& files, const Tree& tree) {
    MavenResolver resolver(files, tree);
    for (FileFacts& file : files)
        if (file.facts.project != nullptr && file.facts.role != Role::kAid) resolver.fill(file);
}

}  // namespace merlon::inventory
