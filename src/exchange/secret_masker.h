#pragma once

// Takes known secrets out of texts, wherever they stand in them.
//
// The idea: a report says in one member what the secret is, and repeats it in others: in a commit's
// message, in the line it stood in, in a comment. So what is known as a secret is replaced in every
// text, also where it is percent-encoded, within something in Base64, or one long line of it stands
// alone. The mask is made of the secret's keyed hash: equal secrets are masked alike.
//
// A secret of less than kLeastBytes is replaced where it is the whole text: as a part it would be
// everywhere. So is a word ("tiger") that is a secret only in quotes.
//
// The parts to be found are kept in order below each beginning of four bytes: of all that are the
// beginning of a text the longest is the last one that is not behind the text, or one that it
// shares its own beginning with.
//
// Adding is for one thread; masking may be shared by several. Cost: linear in the text, and a
// search where four bytes are the beginning of something.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/cancel.h"
#include "exchange/read_report.h"

namespace merlon::exchange {

class SecretMasker {
  public:
    static constexpr std::size_t kLeastBytes = 4;

    explicit SecretMasker(std::string_view secret_key) : secret_key_(secret_key) {}

    void add(std::string_view secret);
    // Lines of source code that have one in them: those that are indented otherwise are masked
    // alike.
    void add_source(std::string_view source);
    // One that is an everyday word, which stays where it stands without quotes around it.
    void add_quoted(std::string_view secret);
    bool is_empty() const { return whole_.empty(); }

    // Whether something was replaced.
    bool mask(std::string& text) const;
    // In all texts of the report but the ids of rules.
    // `cancel` may be null; once it is set, the rest stays as it is.
    void mask(ReadReport& report, const CancelToken* cancel = nullptr) const;

  private:
    // By their texts, the numbers of their masks.
    using Parts = std::map<std::string, std::size_t, std::less<>>;
    // The mask's number; nothing where there is one already.
    // It is made of the hash of `hashed`.
    std::optional<std::size_t> add_whole(std::string_view secret, std::string_view hashed);
    void add(std::string_view secret, std::string_view hashed);
    void add_part(std::string text, std::size_t mask);
    const Parts::value_type* longest_at(std::string_view text) const;
    void mask(std::vector<std::string>& texts) const;
    void mask(model::Location& location) const;

    std::string secret_key_;
    Parts whole_;  // the secrets
    std::vector<std::string> masks_;
    std::unordered_map<std::uint32_t, Parts> parts_;                         // by their first bytes
    std::vector<bool> may_begin_ = std::vector<bool>(std::size_t{1} << 16);  // by two bytes
};

}  // namespace merlon::exchange
