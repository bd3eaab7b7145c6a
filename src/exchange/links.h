#pragma once

// What a document says of where software comes from, what is in it and where it goes: links between
// repositories, commits, artifacts, images and packages.
//
// The idea: bills of materials say which packages an artifact has, provenance (SLSA 0.2 and 1.0) of
// which commit it was built. A link leads from source code towards what runs. Nothing is verified
// here, and each link says how sure it is.
//
// Thread-safe: no state. Cost: one for each component or material.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/bom.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {

// Numbers stand in the store.
enum class Confidence : std::uint8_t {
    kTold = 1,      // by whoever took the document in
    kStated = 2,    // by a document that nobody has signed
    kSigned = 3,    // by one whose signature was not verified
    kRecorded = 4,  // done by this program, in its audit log
};
// "told", "stated", "signed, not verified", "recorded".
std::string_view name(Confidence confidence);

// "repository", "commit", "artifact", "image", "package", "deployment".
struct LinkEnd {
    std::string kind, name;
    auto operator<=>(const LinkEnd&) const = default;
};

struct Link {
    LinkEnd from;
    std::string relation = {};  // "has", "built", "part of", "named", "deployed to"
    LinkEnd to;
    Confidence confidence = Confidence::kStated;
    std::string collector = {};   // who has found out: "syft 1.2", a builder's id
    std::string valid_from = {};  // RFC 3339; empty: not said
    std::string valid_until = {};
    bool operator==(const Link&) const = default;
};

// Packages of what the bill describes: an artifact by its digest, else by its package URL or name.
// `subjects` are digests ("sha256:…") that the bill is of, as a statement around it says.
std::vector<Link> links_of(const Bom& bom, const std::vector<std::string>& subjects,
                           Confidence confidence);

// Of an in-toto statement: provenance.
std::vector<Link> links_of_statement(const value::Value& statement, Confidence confidence,
                                     FieldReader& fields);
// "sha256:…" for each subject of a statement.
std::vector<std::string> subjects_of_statement(const value::Value& statement, FieldReader& fields);

}  // namespace merlon::exchange
