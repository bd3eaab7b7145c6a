#include "exchange/github_snapshot.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "exchange/bom_readers.h"
#include "text/json.h"

namespace merlon::exchange {
namespace {

using value::Value;

constexpr std::string_view kDetectorUrl = "https://merlon.invalid/";
constexpr std::string_view kRootRef = "root";

std::string_view relationship(bool is_direct) { return is_direct ? "direct" : "indirect"; }

class SnapshotWriter {
  public:
    SnapshotWriter(const Bom& bom, TextSink& sink)
        : bom_(bom), sink_(sink), json_(sink.buffer(), "  ") {
        for (const BomComponent& component : bom.components)
            by_ref_.emplace(component.ref, &component);
        for (const BomDependency& dependency : bom.dependencies) {
            needs_.emplace(dependency.ref, &dependency);
            if (dependency.ref != bom.root.ref) continue;
            for (const std::string& ref : dependency.depends_on) {
                const auto component = by_ref_.find(ref);
                if (component == by_ref_.end()) continue;
                (component->second->type == BomType::kApplication ? projects_ : direct_)
                    .insert(ref);
            }
        }
        for (const std::string_view project : projects_) {
            const auto needed = needs_.find(project);
            if (needed == needs_.end()) continue;
            for (const std::string& ref : needed->second->depends_on) direct_.insert(ref);
        }
    }

    void write(const SnapshotOrigin& origin) {
        json_.begin_object().key("version").integer(0);
        json_.key("job").begin_object().member("id", origin.job_id);
        json_.member("correlator", origin.correlator).end_object();
        json_.member("sha", origin.sha).member("ref", origin.ref);
        const BomTool tool = bom_.tools.empty() ? BomTool{"", "merlon", "0"} : bom_.tools.front();
        json_.key("detector").begin_object().member("name", tool.name);
        json_.member("version", tool.version.empty() ? "0" : tool.version);
        json_.member("url", kDetectorUrl).end_object();
        json_.member("scanned", bom_.timestamp);
        json_.key("manifests").begin_object();
        for (const auto& [path, components] : manifests()) write_manifest(path, components);
        json_.end_object().end_object();
        sink_.buffer() += '\n';
    }

  private:
    using Manifests = std::map<std::string, std::vector<const BomComponent*>>;

    Manifests manifests() const {
        Manifests manifests;
        for (const BomComponent& component : bom_.components) {
            if (component.purl.empty() || projects_.contains(component.ref)) continue;
            std::set<std::string> paths;
            for (const BomOccurrence& occurrence : component.occurrences)
                paths.insert(occurrence.path);
            if (paths.empty()) paths.insert(bom_.name.empty() ? "packages" : bom_.name);
            for (const std::string& path : paths) manifests[path].push_back(&component);
        }
        return manifests;
    }

    void write_manifest(const std::string& path,
                        const std::vector<const BomComponent*>& components) {
        std::set<std::string_view> here;
        for (const BomComponent* component : components) here.insert(component->purl);
        json_.key(path).begin_object().member("name", path);
        json_.key("file").begin_object().member("source_location", path).end_object();
        json_.key("resolved").begin_object();
        std::set<std::string_view> written;
        for (const BomComponent* component : components) {
            if (!written.insert(component->purl).second) continue;
            json_.key(component->purl).begin_object().member("package_url", component->purl);
            json_.member("relationship", relationship(direct_.contains(component->ref)));
            json_.member("scope",
                         component->scope == BomScope::kExcluded ? "development" : "runtime");
            write_needs(*component, here);
            json_.end_object();
            sink_.settle();
        }
        json_.end_object().end_object();
    }

    void write_needs(const BomComponent& component, const std::set<std::string_view>& here) {
        const auto needed = needs_.find(component.ref);
        if (needed == needs_.end()) return;
        json_.key("dependencies").begin_array();
        std::set<std::string_view> written;
        for (const std::string& ref : needed->second->depends_on) {
            const auto to = by_ref_.find(ref);
            if (to == by_ref_.end() || !here.contains(to->second->purl)) continue;
            if (written.insert(to->second->purl).second) json_.string(to->second->purl);
        }
        json_.end_array();
    }

    const Bom& bom_;
    TextSink& sink_;
    text::JsonWriter json_;
    std::unordered_map<std::string_view, const BomComponent*> by_ref_;
    std::unordered_map<std::string_view, const BomDependency*> needs_;
    std::set<std::string_view> direct_;
    std::set<std::string_view> projects_;
};

// "pkg:npm/%40a/left@1.0.0?x=y": the name as the URL has it, and the version.
void name_by_url(BomComponent& component) {
    std::string_view url = component.purl;
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t slash = url.rfind('/');
    std::string_view last = url.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const std::size_t at = last.find('@', 1);
    component.name = last.substr(0, at);
    if (at != std::string_view::npos) component.version = last.substr(at + 1);
}

class SnapshotReader {
  public:
    explicit SnapshotReader(FieldReader& fields) : fields_(fields) {}

    ReadBom read(const Value& root) {
        Bom& bom = read_.bom;
        read_.format = "GitHub dependency snapshot";
        bom.timestamp = fields_.text(root, "scanned");
        bom.root.ref = kRootRef;
        bom.root.type = BomType::kApplication;
        if (const Value* job = fields_.object(root, "job"); job != nullptr)
            bom.root.name = fields_.text(*job, "correlator");
        bom.name = bom.root.name;
        if (const Value* detector = fields_.object(root, "detector"); detector != nullptr) {
            bom.tools.push_back({.vendor = "",
                                 .name = fields_.text(*detector, "name"),
                                 .version = fields_.text(*detector, "version")});
        }
        const Value* manifests = fields_.object(root, "manifests");
        if (manifests == nullptr) return std::move(read_);
        for (std::size_t i = 0; i < manifests->size(); ++i)
            read_manifest(fields_.text_of(manifests->keys()[i]), manifests->values()[i]);
        bom.dependencies.push_back(
            {.ref = bom.root.ref, .depends_on = {direct_.begin(), direct_.end()}});
        for (auto& [from, to] : edges_)
            bom.dependencies.push_back({.ref = from, .depends_on = {to.begin(), to.end()}});
        return std::move(read_);
    }

  private:
    void read_manifest(std::string path, const Value& manifest) {
        if (!fields_.is_object(manifest)) return;
        if (const Value* file = fields_.object(manifest, "file"); file != nullptr) {
            std::string place = fields_.text(*file, "source_location");
            if (!place.empty()) path = std::move(place);
        }
        const Value* resolved = fields_.object(manifest, "resolved");
        if (resolved == nullptr) return;
        // What others write as a dependency is a package URL, or the key of another entry.
        std::unordered_map<std::string, std::string> refs;
        for (std::size_t i = 0; i < resolved->size(); ++i) {
            const Value& entry = resolved->values()[i];
            if (!fields_.is_object(entry)) return;
            refs.emplace(fields_.text_of(resolved->keys()[i]), take(entry, path));
        }
        for (const Value& entry : resolved->values()) {
            const std::string from = fields_.text(entry, "package_url");
            for (const std::string& needed : fields_.texts(entry, "dependencies")) {
                const auto known = refs.find(needed);
                const std::string& to = known == refs.end() ? needed : known->second;
                if (by_ref_.contains(to) && to != from) edges_[from].insert(to);
            }
        }
    }

    std::string take(const Value& entry, const std::string& path) {
        const std::string url = fields_.required_text(entry, "package_url");
        const auto [known, is_new] = by_ref_.emplace(url, read_.bom.components.size());
        if (is_new) {
            BomComponent component;
            component.ref = component.purl = url;
            name_by_url(component);
            read_.bom.components.push_back(std::move(component));
        }
        BomComponent& component = read_.bom.components[known->second];
        component.occurrences.push_back({.path = path, .line = 0});
        const std::string scope = fields_.text(entry, "scope");
        if (scope == "runtime") component.scope = BomScope::kRequired;
        if (scope == "development" && component.scope == BomScope::kUnstated)
            component.scope = BomScope::kExcluded;
        if (fields_.text(entry, "relationship") == "direct") direct_.insert(url);
        return url;
    }

    FieldReader& fields_;
    ReadBom read_;
    std::unordered_map<std::string, std::size_t> by_ref_;
    std::set<std::string> direct_;
    std::map<std::string, std::set<std::string>> edges_;
};

}  // namespace

void write_github_snapshot(const Bom& bom, const SnapshotOrigin& origin, TextSink& sink) {
    SnapshotWriter(bom, sink).write(origin);
}

ReadBom read_github_snapshot(const Value& root, FieldReader& fields) {
    return SnapshotReader(fields).read(root);
}

}  // namespace merlon::exchange
