#include "inventory/reading.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "base/ascii.h"
#include "base/hex.h"
#include "text/base64.h"
#include "text/toml.h"
#include "text/utf8.h"
#include "text/yaml.h"

namespace merlon::inventory {

using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

Result<const Value*> Reading::json(text::JsonMode mode) {
    trees_.push_back(MERLON_TRY(text::read_json(
        bytes, scratch_.arena, scratch_.interner,
        {.mode = mode, .spans = text::KeepSpans::kYes, .max_depth = 256, .cancel = cancel})));
    return trees_.back().root;
}

Result<const Value*> Reading::json_of(std::string_view text) {
    const value::ValueDocument document = MERLON_TRY(text::read_json(
        text, scratch_.arena, scratch_.interner, {.max_depth = 256, .cancel = cancel}));
    return document.root;
}

Result<const Value*> Reading::toml() {
    text::TomlDocument document =
        MERLON_TRY(text::read_toml(bytes, scratch_.arena, scratch_.interner));
    positions_ = std::move(document.positions);
    return document.root;
}

Result<const text::XmlElement*> Reading::xml() { return text::read_xml(bytes, scratch_.arena); }

Result<const Value*> Reading::yaml() {
    const std::vector<const Value*> roots = MERLON_TRY(yaml_documents());
    if (roots.empty()) {
        static constexpr Value kNothing;
        return &kNothing;
    }
    if (roots.size() > 1) {
        unknown(offset_of(roots[1]), "expected one YAML document; the others are not read");
    }
    return roots.front();
}

Result<std::vector<const Value*>> Reading::yaml_documents() {
    trees_ = MERLON_TRY(text::read_yaml(bytes, scratch_.arena, scratch_.interner,
                                        {.duplicate_keys = text::DuplicateKeys::kLastWins,
                                         .spans = text::KeepSpans::kYes,
                                         .max_nodes = 4'000'000}));
    std::vector<const Value*> roots;
    for (const value::ValueDocument& tree : trees_) roots.push_back(tree.root);
    return roots;
}

std::size_t Reading::offset_of_position(text::Position position) const {
    if (position.line == 0 || position.line > lines().line_count()) return kNoOffset;
    std::string_view line = lines().line_text(position.line);
    std::size_t offset = lines().line_begin(position.line);
    for (std::uint32_t column = 1; column < position.column && !line.empty(); ++column) {
        const std::size_t width = text::decode_utf8(line).width;
        line.remove_prefix(width);
        offset += width;
    }
    return offset;
}

std::size_t Reading::offset_of(const Value* element) const {
    for (const value::ValueDocument& tree : trees_) {
        if (const auto key = tree.spans.key_span(element); key && key->begin != kNoOffset)
            return key->begin;
        if (const auto span = tree.spans.value_span(element)) return span->begin;
    }
    const auto found = positions_.find(element);
    return found == positions_.end() ? kNoOffset : offset_of_position(found->second);
}

void Reading::add_registry(RegistrySetting::Role role, packages::Ecosystem ecosystem,
                           std::string_view setting, std::string_view url, std::size_t offset,
                           std::string_view scope) {
    RegistrySetting& made = facts.registries.emplace_back();
    made.role = role;
    made.ecosystem = ecosystem;
    made.scope = scope;
    made.url = url;
    made.setting = setting;
    made.location.region = region_at(offset);
}

model::TextRegion Reading::region_at(std::size_t offset) const {
    model::TextRegion region;
    if (offset >= bytes.size()) return region;
    const text::Position start = lines().position(offset);
    std::size_t end = std::max(lines().line_end(start.line), offset + 1);
    while (end > offset + 1 && (bytes[end - 1] == '\r' || bytes[end - 1] == ' ')) --end;
    region.start_line = region.end_line = start.line;
    region.start_column = start.column;
    region.start_offset = offset;
    region.end_offset = end;
    const std::size_t columns = text::count_code_points(bytes.substr(offset, end - offset));
    region.end_column = start.column + static_cast<std::uint32_t>(columns) - 1;
    return region;
}

Package& Reading::add(std::string_view name, std::string_view version, std::size_t offset) {
    Package& package = facts.source.packages.emplace_back();
    package.ecosystem = facts.source.ecosystem;
    package.name = name;
    package.version = version;
    package.location.region = region_at(offset);
    return package;
}

bool Reading::require(std::uint32_t from, std::uint32_t to) {
    constexpr std::size_t kMaxEdges = 5'000'000;
    if (++edges_ > kMaxEdges) {
        if (edges_ == kMaxEdges + 1)
            unknown(kNoOffset, "more than 5 million edges; the rest is left out");
        return false;
    }
    at(from).requires_.push_back(to);
    return true;
}

void Reading::unknown(std::size_t offset, std::string_view what) {
    constexpr std::size_t kMaxUnknowns = 1'000;
    std::vector<std::string>& unknowns = facts.source.unknowns;
    if (unknowns.size() >= kMaxUnknowns) {
        if (unknowns.size() == kMaxUnknowns) unknowns.emplace_back("and more of the kind");
        return;
    }
    std::string text;
    if (offset < bytes.size()) {
        text = "line " + std::to_string(lines().line_of(offset)) + ": ";
    }
    unknowns.push_back(text + text::to_printable(what));
}

void Reading::finish() {
    std::vector<Package>& packages = facts.source.packages;
    std::vector<std::uint32_t> order(packages.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
        const auto& a = packages[left].location;
        const auto& b = packages[right].location;
        return std::tie(a.members, a.region.start_offset) <
               std::tie(b.members, b.region.start_offset);
    });
    std::vector<std::uint32_t> place(order.size());
    std::vector<Package> sorted;
    sorted.reserve(packages.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        place[order[i]] = i;
        sorted.push_back(std::move(packages[order[i]]));
    }
    for (Package& package : sorted) {
        for (std::uint32_t& target : package.requires_) target = place[target];
        std::sort(package.requires_.begin(), package.requires_.end());
        package.requires_.erase(std::unique(package.requires_.begin(), package.requires_.end()),
                                package.requires_.end());
    }
    packages = std::move(sorted);
    for (Answer& answer : facts.answers) answer.package = place[answer.package];
}

std::string_view string_of(const Value* value) {
    return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
}

std::string_view string_in(const Value* parent, std::string_view key) {
    return parent == nullptr ? std::string_view() : string_of(parent->find(key));
}

const Value* object_in(const Value* parent, std::string_view key) {
    const Value* found = parent == nullptr ? nullptr : parent->find(key);
    return found != nullptr && found->is_object() ? found : nullptr;
}

const Value* array_in(const Value* parent, std::string_view key) {
    const Value* found = parent == nullptr ? nullptr : parent->find(key);
    return found != nullptr && found->is_array() ? found : nullptr;
}

bool is_true_in(const Value* parent, std::string_view key) {
    const Value* found = parent == nullptr ? nullptr : parent->find(key);
    return found != nullptr && found->is_boolean() && found->as_boolean();
}

void each_entry(const Value* object,
                const std::function<void(std::string_view, const Value&)>& use) {
    if (object == nullptr || !object->is_object()) return;
    for (std::size_t i = 0; i < object->size(); ++i) {
        const Value& key = object->keys()[i];
        if (key.is_string()) use(key.as_string(), object->values()[i]);
    }
}

void each_item(const Value* array, const std::function<void(const Value&)>& use) {
    if (array == nullptr || !array->is_array()) return;
    for (const Value& item : array->items()) use(item);
}

std::string text_of(const Value* value) {
    if (value == nullptr) return {};
    if (value->is_number()) return value->number_text();
    return std::string(string_of(value));
}

namespace {

// Walks from the packages in `queue`; `visit(from, to)` says whether to go on from `to`.
void walk_edges(const std::vector<Package>& packages, std::deque<std::uint32_t> queue,
                const std::function<bool(std::uint32_t, std::uint32_t)>& visit) {
    while (!queue.empty()) {
        const std::uint32_t from = queue.front();
        queue.pop_front();
        for (const std::uint32_t to : packages[from].requires_)
            if (visit(from, to)) queue.push_back(to);
    }
}

}  // namespace

void derive_relations(packages::PackageSource& source, DerivedScopes scopes) {
    std::vector<Package>& all = source.packages;
    for (const Package& package : all) {
        if (package.relation != Relation::kRoot) continue;
        for (const std::uint32_t to : package.requires_)
            if (all[to].relation == Relation::kUnknown || all[to].relation == Relation::kTransitive)
                all[to].relation = Relation::kDirect;
    }
    const bool has_start = std::any_of(all.begin(), all.end(), [](const Package& package) {
        return package.relation == Relation::kRoot || package.relation == Relation::kDirect;
    });
    if (!has_start) return;
    for (Package& package : all)
        if (package.relation == Relation::kUnknown) package.relation = Relation::kTransitive;
    if (scopes == DerivedScopes::kNone) return;

    // Runtime wins: what one thing needs to run is no development dependency, whoever else asks.
    for (const Scope scope : {Scope::kRuntime, Scope::kPeer, Scope::kOptional, Scope::kBuild,
                              Scope::kTest, Scope::kDevelopment}) {
        std::deque<std::uint32_t> queue;
        for (std::uint32_t i = 0; i < all.size(); ++i)
            if (all[i].scope == scope && all[i].relation != Relation::kRoot) queue.push_back(i);
        walk_edges(all, std::move(queue), [&](std::uint32_t, std::uint32_t to) {
            if (all[to].scope != Scope::kUnknown || all[to].relation == Relation::kRoot)
                return false;
            all[to].scope = scope;
            return true;
        });
    }
}

bool add_integrity(Package& package, std::string_view integrity) {
    bool good = true;
    for (std::string_view word : split(integrity, ' ')) {
        word = word.substr(0, word.find('?'));  // options, section 3.1
        const auto [algorithm, encoded] = split_first(word, '-');
        const auto decoded = text::decode_base64(encoded, text::Base64Alphabet::kStandard);
        if (!decoded.ok() || encoded.empty()) {
            good = false;
            continue;
        }
        package.checksums.push_back({std::string(algorithm), to_hex(decoded.value())});
    }
    return good;
}

void add_checksum(Package& package, std::string_view algorithm_and_hex) {
    const auto [algorithm, digits] = split_first(algorithm_and_hex, ':');
    if (digits.empty()) return;
    package.checksums.push_back({lower_case(algorithm), lower_case(digits)});
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n\f\v";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (const std::string_view part = trim(text.substr(0, end)); !part.empty())
            parts.push_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::pair<std::string_view, std::string_view> split_first(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::pair<std::string_view, std::string_view> split_last(std::string_view text, char separator) {
    const std::size_t at = text.rfind(separator);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace merlon::inventory
