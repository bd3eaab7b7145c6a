#pragma once

// Secrets that a run has found, masked wherever else its report would show them: in paths, in names
// of references, authors and tags, in lines around other findings, in gaps and notices.
//
// The idea: a report is masked once it is complete, whatever format it is printed in. Of a secret
// are kept, under a key, its length, 24 bits of a hash of its first bytes, by which it is looked
// for, and a part of its HMAC, by which it is known; so a run that recalls the findings of an
// earlier one masks the same, and no secret has to be stored for it.
//
// What may as well be a name is left as it is: fewer than 8 bytes, or fewer than 16 of letters
// alone. One thread. Cost: one pass over each text.

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/analysis.h"

namespace merlon::scan {

// What is kept of a secret.
struct SecretPrint {
    std::uint32_t bytes = 0;  // 0: of one that is not looked for
    std::uint32_t begin = 0;  // hash of its first bytes
    std::uint64_t tag = 0;
    auto operator<=>(const SecretPrint&) const = default;
};

class SecretMask {
  public:
    // Prints hold under one key.
    explicit SecretMask(std::string_view key);

    SecretPrint print_of(std::string_view secret) const;
    void add(const SecretPrint& print);
    std::string masked(std::string_view text) const;
    bool is_in(std::string_view text) const;
    // Every text of the report that comes from what was scanned.
    void apply(model::Report& report) const;
    // The texts of a finding but those of its places.
    void apply_to_texts(model::Finding& finding) const;

  private:
    std::uint64_t tag_of(std::string_view secret) const;
    std::uint32_t hash_of_begin(std::string_view text) const;
    // Adds the ends of all secrets that begin at `begin`.
    void find_at(std::string_view text, std::size_t begin,
                 std::vector<std::pair<std::size_t, std::size_t>>& found) const;
    void apply(std::string& text) const;
    void apply(model::Location& location) const;
    void apply(model::Excerpt& excerpt) const;
    void apply(model::Finding& finding) const;

    std::string key_;
    std::uint64_t multiplier_ = 0;
    std::uint64_t offset_ = 0;
    std::bitset<1 << 16> may_begin_;  // by the hash's lower bits
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> lengths_;  // by hash of the begin
    std::unordered_set<std::uint64_t> tags_;
};

}  // namespace merlon::scan
