#pragma once

// Decisions that were made elsewhere, taken into the store: other tools' triage, VEX statements.
//
// The idea: each becomes a decision of ours (evidence/decisions.h) with its own author, date and
// end, marked with where it comes from and bound to the document that says so. One about a rule and
// a package waits for findings that come later. What is here already is not written again, what was
// decided here later wins, and what cannot be carried over is counted with the reason. What has no
// end gets one: a year. What is taken back where it comes from is withdrawn here, unless somebody
// has decided about the same since.
//
// A product of a supplier is a repository or image of the store where its package URL names one:
// pkg:github/acme/shop is github.com/acme/shop; an image goes by repository_url, else by its name.
// What the user says the document is about is that product where its name ends alike; nothing that
// is about an unknown product is applied to another one. The product's own version is not compared:
// a statement holds for later ones until it ends. Qualifiers of a package URL are held against
// those of the findings that are there, as far as both have them.
//
// Not thread-safe; within a transaction. Cost: some ten statements for each decision.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "evidence/database.h"
#include "exchange/foreign_decision.h"

namespace merlon::evidence {

struct ForeignContext {
    std::string scope = {};     // what the user says the document is about; empty: nothing
    std::string document = {};  // "sha256:…"
    std::string actor = {};
    Timestamp now = {};
    // The findings of the document, by the fingerprint kForeignFinding.
    std::map<std::string, std::int64_t, std::less<>> findings = {};
};

struct ForeignOutcome {
    std::uint64_t applied = 0;    // to findings that are there
    std::uint64_t waiting = 0;    // made, and nothing is there yet that they name
    std::uint64_t known = 0;      // are here already
    std::uint64_t proposed = 0;   // made, and wait for a second person
    std::uint64_t ends_set = 0;   // of those made: had no end
    std::uint64_t withdrawn = 0;  // of those here: no longer decided where they come from
    exchange::NotCarried not_carried = {};

    bool is_news() const { return applied + waiting + proposed + withdrawn > 0; }
};

Result<ForeignOutcome> apply_foreign(Database& database, const ForeignContext& context,
                                     std::span<const exchange::ForeignDecision> decisions);

}  // namespace merlon::evidence
