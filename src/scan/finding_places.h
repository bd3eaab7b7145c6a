#pragma once

// Where the findings of one document stand in the file that a person has, which may be in another
// encoding, a window of a huge file, a notebook or an office file; and what such a place is called.
//
// The idea: a document says from which lines of which source its own were made. What has to be made
// for a name, as the tree of a JSON file, is made for the first finding that asks.
//
// Not thread-safe: what was made or counted is kept for the next call. Cost: linear in the document
// for findings in order of their place.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/document.h"
#include "model/location.h"
#include "secrets/program.h"
#include "text/pointer.h"
#include "text/position.h"

namespace merlon::scan {

class FindingPlaces {
  public:
    // All of them must live on.
    FindingPlaces(const model::Document& document, std::string_view path,
                  std::span<const secrets::SecretFinding> found);

    model::TextRegion region(const secrets::Fact& fact, const text::LineIndex& lines) const;
    // "cell 3, line 2", "/data/password"; empty: the line says it all, or the name of the place
    // holds a secret itself, as a key of a JSON object may.
    std::string name(const secrets::Fact& fact, const text::LineIndex& lines) const;

  private:
    std::string plain_name(const secrets::Fact& fact, const text::LineIndex& lines) const;
    bool tells_secret(std::string_view place) const;
    model::TextRegion region_between(const text::LineIndex& lines, std::uint64_t begin,
                                     std::uint64_t last, std::uint64_t end) const;
    std::uint64_t in_source(std::uint64_t offset) const;
    const text::LineOrigin* line_at(std::uint64_t offset, const text::LineIndex& lines) const;
    std::optional<std::uint64_t> source_offset(std::uint64_t offset,
                                               const text::LineIndex& lines) const;

    const model::Document& document_;
    std::string_view path_;
    std::span<const secrets::SecretFinding> found_;
    text::LineIndex source_;
    bool begins_with_mark_;  // the text that positions are told of, a byte order mark
    mutable std::optional<text::PointerIndex> pointers_;  // made for the first that asks
    mutable std::uint64_t counted_ = 0;                   // of the document's bytes
    mutable std::uint64_t counted_in_source_ = 0;
};

}  // namespace merlon::scan
