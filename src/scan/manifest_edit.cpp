#include "scan/manifest_edit.h"

#include <algorithm>
#include <array>
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
ManifestEdits find_in_package_json(std::string_view text, const Package& package,
                                   std::string_view version) {
    Arena arena;
    Interner interner;
    const value::ValueDocument document =
        MERLON_TRY(text::read_json(text, arena, interner, {.spans = text::KeepSpans::kYes}));
    std::vector<ManifestEdit> edits;
    for (const std::string_view group :
         {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}) {
        const value::Value* names =
            document.root->is_object() ? document.root->find(group) : nullptr;
        const value::Value* request =
            names != nullptr && names->is_object() ? names->find(package.name) : nullptr;
        if (request == nullptr || !request->is_string()) continue;
        const std::string_view written = request->as_string();
        // What a package asks of whoever takes it is its own to say, if it is said elsewhere too.
        if (group == "peerDependencies" && !edits.empty()) continue;
        if (with_version(written, version) && !is_about(written, package.version)) continue;
        const auto span = document.spans.value_span(request);
        // A span holds the quotes; an escape in it would make its length another one.
        if (!span || span->begin == kNoOffset ||
            text.substr(span->begin + 1, written.size()) != written)
            return not_plain(written);
        MERLON_TRY(add_edit(span->begin + 1, written, version, edits));
    }
    std::ranges::sort(edits, {}, &ManifestEdit::offset);
    return edits;
}

// The line at which a package of a text file begins.
std::string_view line_of(std::string_view text, const Package& package, std::size_t& offset) {
    offset = 0;
    for (std::uint32_t line = 1; line < package.location.region.start_line; ++line) {
        const std::size_t end = text.find('\n', offset);
        if (end == std::string_view::npos) return {};
        offset = end + 1;
    }
    return text.substr(offset, text.find('\n', offset) - offset);
}

// pip.pypa.io, "Requirements file format": name==version.
ManifestEdits find_in_requirements(std::string_view text, const Package& package,
                                   std::string_view version) {
    std::size_t offset = 0;
    const std::string_view line = line_of(text, package, offset);
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

// go.dev/ref/mod#go-mod-file: the version stands behind the module's path.
ManifestEdits find_in_go_mod(std::string_view text, const Package& package,
                             std::string_view version) {
    std::size_t offset = 0;
    const std::string_view line = line_of(text, package, offset);
    const std::size_t name = line.find(package.name + " ");
    if (name == std::string_view::npos) return not_there();
    const std::size_t begin = name + package.name.size() + 1;
    if (!line.substr(begin).starts_with(package.version)) return not_plain(line);
    // Advisories write versions of Go without the v.
    std::string text_of_version(version);
    if (!text_of_version.starts_with('v')) text_of_version.insert(0, 1, 'v');
    return std::vector{
        ManifestEdit{offset + begin, package.version.size(), std::move(text_of_version)}};
}

// The text of an element that has no children.
ManifestEdits edit_element(std::string_view text, const XmlElement& element,
                           std::string_view version) {
    std::size_t begin = text.find('>', element.offset);
    if (begin == std::string_view::npos) return not_there();
    begin = text.find(element.text, begin + 1);
    if (element.text.empty() || begin == std::string_view::npos) return not_there();
    return edit_at(begin, element.text, version);
}

// maven.apache.org/pom.html: a version, or the property of the same file that has it.
ManifestEdits find_in_pom(std::string_view text, const Package& package, std::string_view version) {
    Arena arena;
    const XmlElement* root = MERLON_TRY(text::read_xml(text, arena));
    const std::size_t colon = package.name.find(':');
    const std::string_view group = std::string_view(package.name).substr(0, colon);
    const std::string_view artifact = std::string_view(package.name).substr(colon + 1);
    const XmlElement* managed = root->child("dependencyManagement");
    for (const XmlElement* parent :
         {root->child("dependencies"),
          managed == nullptr ? nullptr : managed->child("dependencies")}) {
        for (const XmlElement* one = parent == nullptr ? nullptr : parent->first_child;
             one != nullptr; one = one->next) {
            if (one->child_text("groupId") != group || one->child_text("artifactId") != artifact)
                continue;
            const XmlElement* element = one->child("version");
            if (element == nullptr) continue;
            if (!element->text.starts_with("${")) return edit_element(text, *element, version);
            const XmlElement* properties = root->child("properties");
            std::string_view name = element->text.substr(2);
            name = name.substr(0, name.find('}'));
            const XmlElement* property = properties == nullptr ? nullptr : properties->child(name);
            if (property == nullptr) return not_plain(element->text);
            return edit_element(text, *property, version);
        }
    }
    return not_there();
}

// The string in the first quotes of `text`, from `from` on.
std::optional<std::pair<std::size_t, std::string_view>> quoted(std::string_view text,
                                                               std::size_t from) {
    const std::size_t begin = text.find_first_of("\"'", from);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = text.find(text[begin], begin + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return std::pair(begin + 1, text.substr(begin + 1, end - begin - 1));
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
std::optional<std::pair<std::size_t, std::string_view>> in_table(std::string_view line,
                                                                 std::size_t from,
                                                                 std::string_view key) {
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

// The version that a line of a dependencies' section asks for of the crate, by its own name or as
// the package of another one.
std::optional<std::pair<std::size_t, std::string_view>> cargo_request(std::string_view line,
                                                                      std::string_view crate) {
    const std::size_t sign = line.find('=');
    const std::string_view key = unquoted(trimmed(line.substr(0, sign)));
    const std::size_t from = sign + 1;
    if (!trimmed(line.substr(from)).starts_with('{'))
        return key == crate ? quoted(line, from) : std::nullopt;
    const auto renamed = in_table(line, from, "package");
    if ((renamed ? renamed->second : key) != crate) return std::nullopt;
    return in_table(line, from, "version");  // none: by path, or the workspace says it
}

// doc.rust-lang.org/cargo, "Specifying Dependencies": name = "1.2", name = { version = "1.2" }, or
// a table of its own; for run time, development, builds, targets and the workspace.
ManifestEdits find_in_cargo_toml(std::string_view text, const Package& package,
                                 std::string_view version) {
    std::vector<ManifestEdit> edits;
    std::string_view section;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::string_view line = text.substr(offset, text.find('\n', offset) - offset);
        const std::size_t begin = offset;
        offset += line.size() + 1;
        const std::string_view shown = trimmed(line);
        if (shown.starts_with('[')) {
            section = shown.substr(1, shown.find(']') - 1);
            continue;
        }
        const std::size_t sign = line.find('=');
        if (sign == std::string_view::npos || shown.starts_with('#')) continue;
        std::optional<std::pair<std::size_t, std::string_view>> request;
        if (section.ends_with("dependencies")) {
            request = cargo_request(line, package.name);
        } else if (section.ends_with("dependencies." + package.name) &&
                   trimmed(line.substr(0, sign)) == "version") {
            request = quoted(line, sign + 1);
        }
        if (!request) continue;
        if (with_version(request->second, version) && !is_about(request->second, package.version))
            continue;
        MERLON_TRY(add_edit(begin + request->first, request->second, version, edits));
    }
    return edits;
}

constexpr std::string_view kNpm = "then make the lock file anew: npm install --package-lock-only";
using enum ManifestKind::Lists;
using enum ManifestKind::Others;
constexpr std::array kKinds{
    ManifestKind{"npm-package-lock", "package.json", kDirect, kBelow, kNpm, find_in_package_json},
    ManifestKind{"yarn-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: yarn install", find_in_package_json},
    ManifestKind{"pnpm-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: pnpm install --lockfile-only",
                 find_in_package_json},
    ManifestKind{"bun-lock", "package.json", kDirect, kBelow,
                 "then make the lock file anew: bun install", find_in_package_json},
    ManifestKind{"python-requirements", "", kAll, kNone, "", find_in_requirements},
    ManifestKind{"go-mod", "", kAll, kNone, "then bring go.sum up to date: go mod tidy",
                 find_in_go_mod},
    ManifestKind{"maven-pom", "", kDirect, kAbove, "", find_in_pom},
    ManifestKind{"cargo-lock", "Cargo.toml", kDirect, kBelow,
                 "then make the lock file anew: cargo update", find_in_cargo_toml},
};

}  // namespace

const ManifestKind* manifest_kind(std::string_view reader) {
    const auto found = std::ranges::find(kKinds, reader, &ManifestKind::reader);
    return found == kKinds.end() ? nullptr : &*found;
}

std::span<const ManifestKind> manifest_kinds() { return kKinds; }

}  // namespace merlon::scan
