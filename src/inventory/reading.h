#pragma once

// What a reader works with: the text, its parsed form, and the facts that it fills.
//
// The idea: readers say only what is special to their format. Positions, relations and scopes that
// follow from edges, and the order of the packages are settled here once for all of them.
//
// Belongs to one examine(). Cost: linear.

#include <functional>
#include <initializer_list>

#include "inventory/inventory.h"
#include "text/json.h"
#include "text/position.h"
#include "text/xml.h"
#include "value/value.h"

namespace merlon::inventory {

class Reading {
  public:
    Reading(std::string_view text, Facts& filled, const Limits& run_limits, Scratch& scratch,
            const CancelToken* cancel_token)
        : bytes(text), facts(filled), limits(run_limits), cancel(cancel_token), scratch_(scratch) {}

    const std::string_view bytes;
    // The base name, for the one reader to which the name says what the bytes are: of a program.
    std::string_view file_name;
    Facts& facts;
    const Limits& limits;
    const CancelToken* const cancel;

    // The whole text as a tree. offset_of() knows where its parts stand.
    Result<const value::Value*> json(text::JsonMode mode = text::JsonMode::kStrict);
    // The same of another text that was found inside; its parts have no place.
    Result<const value::Value*> json_of(std::string_view text);
    Result<const value::Value*> toml();
    // Its elements know their places themselves.
    Result<const text::XmlElement*> xml();
    // The only document, a null where there is none; that there are more is noted.
    Result<const value::Value*> yaml();
    // Each document of a stream.
    Result<std::vector<const value::Value*>> yaml_documents();

    // Where an entry begins: its key where it has one.
    std::size_t offset_of(const value::Value* element) const;

    // Adds a package that begins at `offset`. The reference holds until the next one is added.
    packages::Package& add(std::string_view name, std::string_view version, std::size_t offset);
    packages::Package& at(std::uint32_t index) { return facts.source.packages[index]; }
    std::uint32_t count() const { return static_cast<std::uint32_t>(facts.source.packages.size()); }
    // Notes that package `from` needs package `to`. False where a file has more edges than is
    // sane: then the rest is left out, and said to be.
    bool require(std::uint32_t from, std::uint32_t to);
    void add_registry(RegistrySetting::Role role, packages::Ecosystem ecosystem,
                      std::string_view setting, std::string_view url, std::size_t offset,
                      std::string_view scope = {});
    // Notes what could not be understood, up to a thousand times.
    void unknown(std::size_t offset, std::string_view what);

    model::TextRegion region_at(std::size_t offset) const;
    // Made when first asked for: binaries have no lines.
    const text::LineIndex& lines() const {
        if (!lines_) lines_.emplace(bytes);
        return *lines_;
    }
    Arena& arena() { return scratch_.arena; }

    // Puts the packages in the file's order and each one's edges in ascending order.
    void finish();

  private:
    std::size_t offset_of_position(text::Position position) const;

    mutable std::optional<text::LineIndex> lines_;
    Scratch& scratch_;
    std::size_t edges_ = 0;
    std::vector<value::ValueDocument> trees_;  // as they are read: one, or those of a YAML stream
    std::unordered_map<const value::Value*, text::Position> positions_;
};

// Parts of a tree, or nothing where they are absent or of another kind. A null `parent` has none.
std::string_view string_in(const value::Value* parent, std::string_view key);
const value::Value* object_in(const value::Value* parent, std::string_view key);
const value::Value* array_in(const value::Value* parent, std::string_view key);
bool is_true_in(const value::Value* parent, std::string_view key);
std::string_view string_of(const value::Value* value);  // empty where it is none

// Calls `use(key, value)` for each entry with a string key; does nothing where `object` is null or
// no object.
void each_entry(const value::Value* object,
                const std::function<void(std::string_view, const value::Value&)>& use);
void each_item(const value::Value* array, const std::function<void(const value::Value&)>& use);
// Strings and numbers as text: a version that YAML takes for a number.
std::string text_of(const value::Value* value);

// From the direct packages (and the edges of roots) to all: what a root requires is direct, what
// else is reached is transitive; a scope that is unknown becomes that of whoever needs the package,
// runtime before all others.
// A bill of materials joins many graphs: there a scope that is unstated stays so.
enum class DerivedScopes : std::uint8_t { kAlongEdges, kNone };
void derive_relations(packages::PackageSource& source,
                      DerivedScopes scopes = DerivedScopes::kAlongEdges);

// "sha512-<base64> sha1-…" (W3C Subresource Integrity) as checksums; false where one is malformed.
bool add_integrity(packages::Package& package, std::string_view integrity);
// "sha256:<hex>".
void add_checksum(packages::Package& package, std::string_view algorithm_and_hex);

// The parts of `text` around each `separator`, trimmed, without the empty ones.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
// What stands before and behind the first or last `separator`; all and nothing where there is none.
std::pair<std::string_view, std::string_view> split_first(std::string_view text, char separator);
std::pair<std::string_view, std::string_view> split_last(std::string_view text, char separator);

}  // namespace merlon::inventory
