#include "inventory/inventory.h"

#include <algorithm>

#include "inventory/known_programs.h"
#include "inventory/name_index.h"
#include "inventory/readers.h"
#include "inventory/reading.h"

namespace merlon::inventory {
namespace {

// Each '*' stands for any text; the earliest place for each part is as good as any.
bool matches_component(std::string_view pattern, std::string_view text) {
    std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    while ((star = pattern.find('*')) != std::string_view::npos) {
        const std::size_t at = text.find(pattern.substr(0, star));
        if (at == std::string_view::npos) return false;
        text.remove_prefix(at + star);
        pattern.remove_prefix(star + 1);
    }
    return text.ends_with(pattern);
}

// Whether the last components of `path` are those of `pattern`; `rest` is what stands before them.
bool matches_end(std::string_view pattern, std::string_view path, std::string_view& rest) {
    while (true) {
        const std::size_t cut = pattern.rfind('/'), path_cut = path.rfind('/');
        const std::string_view part = pattern.substr(cut + 1);  // npos + 1 is 0
        if (!matches_component(part, path.substr(path_cut + 1))) return false;
        path = path_cut == std::string_view::npos ? std::string_view() : path.substr(0, path_cut);
        if (cut == std::string_view::npos) break;
        if (path.empty()) return false;
        pattern = pattern.substr(0, cut);
    }
    rest = path;
    return true;
}

bool has_folder(std::string_view path, std::string_view name) {
    while (!path.empty()) {
        const auto [folder, rest] = split_first(path, '/');
        if (folder == name) return true;
        path = rest;
    }
    return false;
}

bool matches(std::string_view pattern, std::string_view path) {
    std::string_view rest;
    const std::size_t anywhere = pattern.find("//");
    if (anywhere == std::string_view::npos) return matches_end(pattern, path, rest);
    return matches_end(pattern.substr(anywhere + 2), path, rest) &&
           has_folder(rest, pattern.substr(0, anywhere));
}

// The table's paths, found by base name.
class PathIndex {
  public:
    PathIndex() {
        const auto all = readers();
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (const std::string_view pattern : split(all[i].paths, ' ')) {
                const auto row = static_cast<std::uint32_t>(rows_.size());
                names_.add(pattern.substr(pattern.rfind('/') + 1), row);
                rows_.push_back({pattern, i});
            }
        }
    }

    // Of several readers the first in the table.
    const Reader* find(std::string_view path) const {
        const auto all = readers();
        std::size_t best = all.size();
        names_.for_each_of(path.substr(path.rfind('/') + 1), [&](std::uint32_t number) {
            const Row& row = rows_[number];
            if (row.reader < best && matches(row.pattern, path)) best = row.reader;
        });
        return best == all.size() ? nullptr : &all[best];
    }

  private:
    struct Row {
        std::string_view pattern;
        std::size_t reader;
    };
    NameIndex names_;
    std::vector<Row> rows_;
};

}  // namespace

const Reader* reader_named(std::string_view name) {
    const auto all = readers();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Reader& reader) { return reader.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const Reader* reader_for(std::string_view path) {
    static const PathIndex index;
    if (const Reader* reader = index.find(path); reader != nullptr) return reader;
    static const Reader* const program = reader_named("executable");
    return programs_of(path.substr(path.rfind('/') + 1)).empty() ? nullptr : program;
}

Result<Facts> examine(const model::Document& document, const Reader& reader, const Limits& limits,
                      Scratch& scratch, const CancelToken* cancel) {
    scratch.arena.reset();
    Facts facts;
    facts.role = reader.role;
    facts.source.reader = reader.name;
    facts.source.ecosystem = reader.ecosystem;
    std::string_view bytes = document.bytes;
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    Reading reading(bytes, facts, limits, scratch, cancel);
    if (!document.origin.empty()) {
        const std::string_view name = document.origin.back().name;
        reading.file_name = name.substr(name.rfind('/') + 1);
    }
    const Status status = reader.read(reading);
    if (!status.ok())
        return Error(status.error()).within("reading it as " + std::string(reader.name));
    reading.finish();
    derive_relations(facts.source,
                     reader.name == "sbom" ? DerivedScopes::kNone : DerivedScopes::kAlongEdges);
    return facts;
}

}  // namespace merlon::inventory
