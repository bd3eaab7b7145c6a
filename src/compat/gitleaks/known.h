#pragma once

// Findings that are known already: .gitleaksignore and baselines, read as gitleaks 8.30.1 reads
// them.
//
// The idea: both become sets that are asked once for each finding. An ignore entry is a fingerprint
// (file:rule:line, or commit:file:rule:line); a baseline entry is equal when all its fields but the
// fingerprint are, with the match and the secret left out of the comparison under --redact.
//
// Immutable once filled. Cost: one look-up for each finding.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "compat/gitleaks/report.h"

namespace merlon::compat::gitleaks {

class IgnoreList {
  public:
    // Adds the entries of a file; one that does not exist or is a folder adds nothing.
    void add_file(const std::string& path);
    void add_text(std::string_view text);
    bool holds(const std::string& fingerprint) const { return entries_.contains(fingerprint); }

  private:
    std::set<std::string> entries_;
};

class Baseline {
  public:
    static Result<Baseline> load(const std::string& path, std::uint64_t redact_percent,
                                 const CancelToken* cancel = nullptr);
    bool holds(const Row& row) const;

  private:
    std::string key(const Row& row) const;

    std::set<std::string> keys_;
    bool with_secret_ = true;
};

// `path` as seen from `folder` ("" is the current one), both made absolute first.
std::string relative_path(const std::string& path, const std::string& folder);

}  // namespace merlon::compat::gitleaks
