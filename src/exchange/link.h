#pragma once

// A step on the way of software: from where, to where, who says so and how sure it is
// (exchange/links.h reads them, evidence/graph.h keeps them).
//
// Values.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

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

// Kinds: "repository", "ref", "commit", "pull request", "pipeline", "run", "artifact", "image",
// "package", "deployment", "workload", "identity", "incident"; the store knows "finding",
// "decision" and "secret" besides.
struct LinkEnd {
    std::string kind, name;
    auto operator<=>(const LinkEnd&) const = default;
};

struct Link {
    LinkEnd from;
    std::string relation = {};  // "has", "built", "part of", "named", "deployed to", …
    LinkEnd to;
    Confidence confidence = Confidence::kStated;
    std::string collector = {};   // who has found out: "syft 1.2", a builder's id
    std::string valid_from = {};  // RFC 3339; empty: not said
    std::string valid_until = {};
    bool operator==(const Link&) const = default;
};

}  // namespace merlon::exchange
