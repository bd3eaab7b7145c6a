#pragma once

// A report in the making, for readers of what other tools wrote.
//
// The idea: a reader says what it finds there, in the order of the file; the draft keeps one rule
// of each name, writes weaknesses of packages in the one way that the store knows them by, notes
// what the tool could not see, and sorts.
//
// Not thread-safe: one report each. Cost: a look-up for each finding.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/field_reader.h"
#include "exchange/read_report.h"

namespace merlon::exchange {

// Why an analysis closes nothing whose report does not tell whether it saw everything.
inline constexpr std::string_view kUnstatedCoverage = "unstated-coverage";

// A weakness of a package, as tools that look at packages tell of it.
struct PackageNews {
    std::vector<std::string> ids;  // the one that the tool prefers first
    // Of vendors that mend several weaknesses with one: names for none of them.
    std::vector<std::string> advisories = {};
    std::string name, version, purl, ecosystem;
    std::string path;   // of the lock file, or what stands for it
    std::string fixed;  // versions; empty: none is known
    std::string title, description, url;
    std::string cvss;  // a number
    std::vector<std::string> cwes;
    // Nothing where the tool does not say, which counts as high.
    std::optional<model::Severity> severity = {};
};

class ForeignDraft {
  public:
    explicit ForeignDraft(std::string_view tool, std::string_view category = {});

    model::Analysis& analysis() { return read_.report.analysis; }
    ReadReport& read() { return read_; }

    // The rule of that name, which is made where there is none; good until the next one is made.
    model::Rule& rule(std::string_view id);
    // A finding of that rule, with the rule's severity; good until the next one is added.
    model::Finding& add(std::string_view rule_id);
    model::Finding& add(const PackageNews& news);

    // What the tool could not see: the report closes nothing then.
    void add_gap(model::GapCause cause, std::string path, std::string detail);
    // The format does not tell whether everything was looked at.
    void add_unstated(std::string detail);
    void add_notice(std::string text) { read_.report.notices.push_back(std::move(text)); }

    ReadReport finish() &&;
    // The same, where the document has one report only.
    std::vector<ReadReport> finish_alone() &&;

  private:
    ReadReport read_;
    std::map<std::string, std::size_t, std::less<>> rules_;  // places in the report
};

// Marks the lines that `text` has as those of the finding, from `first_line` on.
void set_lines(std::string_view text, std::uint32_t first_line, model::Finding& finding);

// The elements of a list that the format always has, if with nothing in it; a problem where it is
// absent: what is no report would be one of a run that found nothing.
std::span<const value::Value> required_items(const value::Value& object, std::string_view key,
                                             FieldReader& fields);

}  // namespace merlon::exchange
