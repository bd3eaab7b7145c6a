#pragma once

// What people have decided elsewhere: in another tool's triage, or as VEX statements of a supplier.
//
// The idea: a reader says what was decided about what, by whom, when and until when, in the words
// that the store has for it (evidence/decisions.h); the store finds out what that names there, and
// counts what it cannot carry over. A reader that leaves something out says why and how often.
//
// Values.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace merlon::exchange {

// The fingerprint by which a decision names a finding of its own document.
inline constexpr std::string_view kForeignFinding = "foreign/finding";
// The repository of findings that do not say theirs: never everywhere.
inline constexpr std::string_view kUnnamedRepository = "default";

// A finding as its own tool's report has it.
struct ToolPlace {
    std::string tool = {}, rule = {}, path = {};
    std::uint32_t line = 0, column = 0;  // where it begins; 0: not told
    // What tells that another finding has not come to that line since; empty: not told.
    std::string commit = {};       // that was looked at
    std::string text = {};         // in which the line stands, among others
    std::string fingerprint = {};  // the tool's own
};

struct ForeignDecision {
    // What about: one finding of the document, by its fingerprint …
    std::string finding = {};
    // … which, where the document does not have it any more, the store may know by this one …
    std::string known_as = {};  // the fingerprint's algorithm; empty: it is not looked for
    // … and with it the same of its tool's own reports, which are in the store already …
    std::optional<ToolPlace> of_tool = {};
    // … or weaknesses under any of these names, in any of these packages (package URLs, with a
    // version or for all of them, or "component:NAME" with `version`); no package: in all.
    std::vector<std::string> rules = {};
    std::vector<std::string> packages = {};
    std::string version = {};
    // Where: a repository's address; or what the packages are parts of, a package URL or a name.
    std::string repository = {};  // empty: everywhere
    std::string product = {};

    // "not_affected"; "none": nothing is decided there any more, which takes back what the same
    // tool has said before (told by the beginning of its `origin`, up to the comma).
    std::string verdict = {};
    std::string justification = {};  // VEX's, or empty
    std::string reason = {};
    std::string author = {};
    std::string approved_by = {};
    std::optional<Timestamp> made = {};
    std::optional<Timestamp> expires = {};
    std::string origin = {};  // "DefectDojo, risk acceptance 12"
};

// How often something was not carried over, by reason.
using NotCarried = std::map<std::string, std::uint64_t, std::less<>>;

struct ForeignDecisions {
    std::vector<ForeignDecision> decisions = {};
    NotCarried not_carried = {};
};

// VEX's word for CycloneDX's justification, in any case ("CODE_NOT_REACHABLE"); VEX's own stay;
// empty for what is none.
std::string vex_justification(std::string_view word);
// The verdict for a state of CycloneDX's analysis, in any case ("resolved": "fixed"); empty for
// what is none, such as Dependency-Track's NOT_SET.
std::string verdict_of_state(std::string_view state);

struct Bom;
struct VexDocument;

// The statements of a document, one after another as they were made.
ForeignDecisions decisions_of(const VexDocument& document);
// The analyses of a bill's weaknesses.
ForeignDecisions decisions_of(const Bom& bom);

}  // namespace merlon::exchange
