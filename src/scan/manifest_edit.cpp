#include "scan/manifest_edit.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/arena.h"
#include "base/interner.h"
#include "text/json.h"
#include "text/xml.h"

namespace merlon::scan {
namespace {

using packages::Package;
using text::XmlElement;

bool is_version_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '+' || c == '_';
}

// "^1.2.3" with another version behind the same sign; nothing for anything else.
std::optional<std::string> with_version(std::string_view request, std::string_view version) {
    const std::size_t sign = std::min(request.find_first_of("0123456789vV"), request.size());
    const std::string_view rest = request.substr(sign);
    constexpr std::array<std::string_view, 7> kSigns{"", "^", "~", "=", "==", ">=", "v"};
    const bool has_wildcard = rest.ends_with(".x") || rest.ends_with(".X");
    if (std::ranges::find(kSigns, request.substr(0, sign)) == kSigns.end() || rest.empty() ||
        has_wildcard || !std::ranges::all_of(rest, is_version_byte))
        return std::nullopt;
    return std::string(request.substr(0, sign)) + std::string(version);
}

std::vector<ManifestEdit> not_there() { return {}; }
Error not_plain(std::string_view request) {
    return Error{"'" + std::string(request) + "' is no plain version; change it by hand"};
}

ManifestEdits edit_at(std::size_t offset, std::string_view request, std::string_view version) {
    const auto changed = with_version(request, version);
    if (!changed) return not_plain(request);
    return std::vector{ManifestEdit{offset, request.size(), *changed}};
}

// Whether a request can be about `version`, where a file asks for several versions of one name: by
// the first component that counts for ^ ("1.4", "0.3"). What has no upper end is about any.
bool is_about(std::string_view request, std::string_view version) {
    if (request.starts_with('>')) return true;
    request.remove_prefix(std::min(request.find_first_of("0123456789"), request.size()));
    while (!request.empty() && !version.empty()) {
        const std::string_view left = request.substr(0, request.find('.'));
        const std::string_view right = version.substr(0, version.find('.'));
        if (left != right) return false;
        if (left != "0") return true;
        request.remove_prefix(std::min(left.size() + 1, request.size()));
        version.remove_prefix(std::min(right.size() + 1, version.size()));
    }
    return true;
}

// Adds what one place asks for; a later one that cannot be understood fails as the first would.
Status add_edit(std::size_t offset, std::string_view request, std::string_view version,
                std::vector<ManifestEdit>& edits) {
    const std::vector<ManifestEdit> one = MERLON_TRY(edit_at(offset, request, version));
    edits.insert(edits.end(), one.begin(), one.end());
    return {};
}

// docs.npmjs.com, "package.json": a range for each name, in up to four objects.
class PackageJson final : public Manifest {
  public:
    explicit PackageJson(std::string_view text) : text_(text) {}

    Status open() {
        document_ =
            MERLON_TRY(text::read_json(text_, arena_, interner_, {.spans = text::KeepSpans::kYes}));
        return {};
    }

    ManifestEdits find(const Package& package, std::string_view version) const override {
        if (document_.root->is_object()) MERLON_TRY(refuse_overridden(package.name));
        std::vector<ManifestEdit> edits;
        for (const std::string_view group :
             {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
            const value::Value* names =
                document_.root->is_object() ? document_.root->find(group) : nullptr;
            const value::Value* request =
                names != nullptr && names->is_object() ? names->find(package.name) : nullptr;
            if (request == nullptr || !request->is_string()) continue;
            const std::string_view written = request->as_string();
            // What a package asks of whoever takes it is its own to say, if it is said elsewhere
            // too.
            if (group == "peerDependencies" && !edits.empty()) continue;
            if (with_version(written, version) && !is_about(written, package.version)) continue;
            const auto span = document_.spans.value_span(request);
            // A span holds the quotes; an escape in it would make its length another one.
            if (!span || span->begin == kNoOffset ||
                text_.substr(span->begin + 1, written.size()) != written)
                return not_plain(written);
            MERLON_TRY(add_edit(span->begin + 1, written, version, edits));
        }
        std::ranges::sort(edits, {}, &ManifestEdit::offset);
        return edits;
    }

  private:
    // npm ends with EOVERRIDE where a request and an override differ, yarn and pnpm install what
    // the override says.
    Status refuse_overridden(std::string_view name) const {
        const value::Value* pnpm = document_.root->find("pnpm");
        const bool has_pnpm = pnpm != nullptr && pnpm->is_object();
        for (const value::Value* overrides :
             {document_.root->find("overrides"), document_.root->find("resolutions"),
              has_pnpm ? pnpm->find("overrides") : nullptr}) {
            if (overrides == nullptr || !overrides->is_object()) continue;
            for (const value::Value& one : overrides->keys()) {
                const std::string_view written = one.as_string();
                const std::string_view key = written.substr(0, written.find('@', 1));
                if (key != name && !key.ends_with("/" + std::string(name))) continue;
                return Error{"'" + std::string(written) +
                             "' is overridden in the same file; change both by hand"};
            }
        }
        return {};
    }

    std::string_view text_;
    Arena arena_;
    Interner interner_;
    value::ValueDocument document_;
};

// A text file in which each package has a line.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        for (std::size_t at = 0; at < text.size();) {
            begins_.push_back(at);
            const std::size_t end = text.find('\n', at);
            if (end == std::string_view::npos) break;
            at = end + 1;
        }
    }

    // The one at which the package begins.
    std::string_view line_of(const Package& package, std::size_t& offset) const {
        const std::size_t line = std::max<std::size_t>(package.location.region.start_line, 1);
        if (line > begins_.size()) return {};
        offset = begins_[line - 1];
        return text_.substr(offset, text_.find('\n', offset) - offset);
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> begins_;
};

// pip.pypa.io, "Requirements file format": name==version.
class Requirements final : public Manifest {
  public:
    explicit Requirements(std::string_view text) : lines_(text) {}
    static Status open() { return {}; }

    ManifestEdits find(const Package& package, std::string_view version) const override {
        std::size_t offset = 0;
        const std::string_view line = lines_.line_of(package, offset);
        const std::size_t sign = line.find("==");
        if (sign == std::string_view::npos) return not_there();
        if (line.find("--hash") != std::string_view::npos || line.ends_with('\\'))
            return Error{"the requirement has hashes, which only an index knows"};
        std::size_t begin = sign + 2;
        while (begin < line.size() && (line[begin] == ' ' || line[begin] == '=')) ++begin;
        std::size_t end = begin;
        while (end < line.size() && is_version_byte(line[end])) ++end;
        if (line.substr(begin, end - begin) != package.version) return not_plain(line);
        return std::vector{ManifestEdit{offset + begin, end - begin, std::string(version)}};
    }

  private:
    Lines lines_;
};

// go.dev/ref/mod#go-mod-file: the version stands behind the module's path.
class GoMod final : public Manifest {
  public:
    explicit GoMod(std::string_view text) : lines_(text) {}
    static Status open() { return {}; }

    ManifestEdits find(const Package& package, std::string_view version) const override {
        std::size_t offset = 0;
        const std::string_view line = lines_.line_of(package, offset);
        const std::size_t name = line.find(package.name + " ");
        if (name == std::string_view::npos) return not_there();
        const std::size_t begin = name + package.name.size() + 1;
        if (!line.substr(begin).starts_with(package.version)) return not_plain(line);
        // Advisories write versions of Go without the v.
        std::string written(version);
        if (!written.starts_with('v')) written.insert(0, 1, 'v');
        return std::vector{
            ManifestEdit{offset + begin, package.version.size(), std::move(written)}};
    }

  private:
    Lines lines_;
};

// maven.apache.org/pom.html: a version, or the property of the same file that has it.
class Pom final : public Manifest {
  public:
    explicit Pom(std::string_view text) : text_(text) {}

    Status open() {
        const XmlElement* root = MERLON_TRY(text::read_xml(text_, arena_));
        properties_ = root->child("properties");
        add(root->child("dependencies"));
        const XmlElement* managed = root->child("dependencyManagement");
        add(managed == nullptr ? nullptr : managed->child("dependencies"));
        return {};
    }

    ManifestEdits find(const Package& package, std::string_view version) const override {
        const auto stated = versions_.find(package.name);
        if (stated == versions_.end()) return not_there();
        const XmlElement& element = *stated->second;
        if (!element.text.starts_with("${")) return edit_element(element, version);
        std::string_view name = element.text.substr(2);
        name = name.substr(0, name.find('}'));
        const XmlElement* property = properties_ == nullptr ? nullptr : properties_->child(name);
        if (property == nullptr) return not_plain(element.text);
        const auto group_of = [](std::string_view key) { return key.substr(0, key.find(':')); };
        for (const auto& [other, wanted] : versions_) {
            if (wanted->text != element.text || group_of(other) == group_of(package.name)) continue;
            return Error{"'" + std::string(element.text) + "' is the version of '" + other +
                         "' too; change it by hand"};
        }
        return edit_element(*property, version);
    }

  private:
    // The first that states a version counts.
    void add(const XmlElement* dependencies) {
        for (const XmlElement* one = dependencies == nullptr ? nullptr : dependencies->first_child;
             one != nullptr; one = one->next) {
            const XmlElement* version = one->child("version");
            if (version == nullptr) continue;
            std::string name(one->child_text("groupId"));
            name.append(":").append(one->child_text("artifactId"));
            versions_.emplace(std::move(name), version);
        }
    }

    // The text of an element that has no children.
    ManifestEdits edit_element(const XmlElement& element, std::string_view version) const {
        std::size_t begin = text_.find('>', element.offset);
        if (begin == std::string_view::npos) return not_there();
        begin = text_.find(element.text, begin + 1);
        if (element.text.empty() || begin == std::string_view::npos) return not_there();
        return edit_at(begin, element.text, version);
    }

    std::string_view text_;
    Arena arena_;
    const XmlElement* properties_ = nullptr;
    std::map<std::string, const XmlElement*> versions_;  // by "group:artifact"
};

// A text at its place in another one.
struct Placed {
    std::size_t offset = 0;
    std::string_view text;
};

// The string in the first quotes of `text`, from `from` on.
std::optional<Placed> quoted(std::string_view text, std::size_t from) {
    const std::size_t begin = text.find_first_of("\"'", from);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = text.find(text[begin], begin + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return Placed{begin + 1, text.substr(begin + 1, end - begin - 1)};
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::string_view unquoted(std::string_view key) {
    return key.size() > 1 && key.front() == '"' ? key.substr(1, key.size() - 2) : key;
}

// The string that a line's inline table has at `key`; nothing where it has none.
std::optional<Placed> in_table(std::string_view line, std::size_t from, std::string_view key) {
    for (std::size_t at = from; (at = line.find(key, at)) != std::string_view::npos;) {
        const char before = line[at - 1];
        at += key.size();
        const std::size_t sign = line.find_first_not_of(" \t", at);
        const bool is_key = before == ' ' || before == '{' || before == ',' || before == '\t';
        if (is_key && sign != std::string_view::npos && line[sign] == '=')
            return quoted(line, sign + 1);
    }
    return std::nullopt;
}

// doc.rust-lang.org/cargo, "Specifying Dependencies": name = "1.2", name = { version = "1.2" }, or
// a table of its own; for run time, development, builds, targets and the workspace.
class CargoToml final : public Manifest {
  public:
    explicit CargoToml(std::string_view text) : text_(text) {}

    Status open() {
        std::string_view section;
        for (std::size_t offset = 0; offset < text_.size();) {
            const std::string_view line = text_.substr(offset, text_.find('\n', offset) - offset);
            const std::string_view shown = trimmed(line);
            if (shown.starts_with('[')) {
                section = shown.substr(1, shown.find(']') - 1);
            } else if (!shown.starts_with('#')) {
                read_line(section, line, offset);
            }
            offset += line.size() + 1;
        }
        return {};
    }

    ManifestEdits find(const Package& package, std::string_view version) const override {
        std::vector<ManifestEdit> edits;
        const auto [first, last] = requests_.equal_range(package.name);
        for (auto found = first; found != last; ++found) {
            const auto& [offset, request] = found->second;
            if (with_version(request, version) && !is_about(request, package.version)) continue;
            MERLON_TRY(add_edit(offset, request, version, edits));
        }
        return edits;
    }

  private:
    void read_line(std::string_view section, std::string_view line, std::size_t line_at) {
        const std::size_t sign = line.find('=');
        if (sign == std::string_view::npos) return;
        const std::string_view key = unquoted(trimmed(line.substr(0, sign)));
        constexpr std::string_view kTable = "dependencies.";
        const std::size_t table = section.rfind(kTable);
        if (section.ends_with("dependencies")) {
            read_request(key, line, sign + 1, line_at);
        } else if (table != std::string_view::npos && key == "version") {
            add(unquoted(section.substr(table + kTable.size())), quoted(line, sign + 1), line_at);
        }
    }

    // By its own name or as the package of another one. Without a version: by path, or the
    // workspace says it.
    void read_request(std::string_view key, std::string_view line, std::size_t from,
                      std::size_t line_at) {
        if (!trimmed(line.substr(from)).starts_with('{'))
            return add(key, quoted(line, from), line_at);
        const auto renamed = in_table(line, from, "package");
        add(renamed ? renamed->text : key, in_table(line, from, "version"), line_at);
    }

    void add(std::string_view crate, std::optional<Placed> request, std::size_t line_at) {
        if (!request) return;
        request->offset += line_at;
        requests_.emplace(crate, *request);
    }

    std::string_view text_;
    std::multimap<std::string_view, Placed> requests_;  // by crate, in the order of the text
};

template <typename Kind>
OpenedManifest opened(std::string_view text) {
    auto manifest = std::make_unique<Kind>(text);
    if (Status status = manifest->open(); !status.ok()) return std::move(status).error();
    return std::unique_ptr<const Manifest>(std::move(manifest));
}

constexpr std::string_view kNpm = "then make the lock file anew: npm install --package-lock-only";
using enum ManifestKind::Lists;
using enum ManifestKind::Others;
constexpr std::array kKinds{
    ManifestKind{"npm-package-lock", "package.json", kDirect, kBelow, kNpm, opened<PackageJson>},
    ManifestKind{"yarn-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: yarn install", opened<PackageJson>},
    ManifestKind{"pnpm-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: pnpm install --lockfile-only", opened<PackageJson>},
    ManifestKind{"bun-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: bun install", opened<PackageJson>},
    ManifestKind{"python-requirements", "", kAll, kNone, "", opened<Requirements>},
    ManifestKind{"go-mod", "", kAll, kNone, "then bring go.sum up to date: go mod tidy",
                 opened<GoMod>},
    ManifestKind{"maven-pom", "", kDirect, kAbove, "", opened<Pom>},
    ManifestKind{"cargo-lock", "Cargo.toml", kDirect, kBelow,
                 "then make the lock file anew: cargo update", opened<CargoToml>},
};

}  // namespace

const ManifestKind* manifest_kind(std::string_view reader) {
    const auto found = std::ranges::find(kKinds, reader, &ManifestKind::reader);
    return found == kKinds.end() ? nullptr : &*found;
}

std::span<const ManifestKind> manifest_kinds() { return kKinds; }

}  // namespace merlon::scan
