#pragma once

// Names that look like a well-known package's: what typosquats are called (Ohm et al.,
// "Backstabber's Knife Collection", 2020; Vu et al., "Typosquatting and Combosquatting Attacks on
// the Python Ecosystem", 2020).
//
// The idea: a name is suspicious where it is none of the well-known ones, and is one of the most
// imitated of them but for the separators, the order of its words, characters that look alike, or
// one slip of the finger (Damerau and Levenshtein's distance 1). Short names are near to
// everything, so a slip counts from five characters on. A slip touches two neighbours at most, so
// that of such names the first two or the last two characters are equal: these find the few names
// that are worth a comparison.
//
// Thread-safe once made. Cost of a question: a look-up for each way of being alike, and a
// comparison with the names that begin or end alike.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "packages/ecosystem.h"

namespace merlon::packages {

struct LookAlike {
    std::string name;      // the well-known one
    std::string_view how;  // "one character differs"
};

class PopularNames {
  public:
    // Lines "TYPE NAME" where TYPE is a package URL's ("npm lodash"): names that others imitate.
    // "~TYPE NAME" is a name that is well known, and so imitates none; '#' begins a comment. Fails
    // at the first line that is none of these.
    static Result<PopularNames> parse(std::string_view text, const std::string& file);
    // The list that the program carries (src/packages/popular_names.txt says where it is from).
    static const PopularNames& own();

    bool has(Ecosystem ecosystem, std::string_view name) const;
    std::optional<LookAlike> find(Ecosystem ecosystem, std::string_view name) const;

  private:
    using Position = std::uint32_t;
    // What is imitated, and where a name is that has the same form.
    struct Imitated {
        std::vector<std::string> names;
        std::unordered_map<std::string, Position> by_plain;     // lower case, without separators
        std::unordered_map<std::string, Position> by_skeleton;  // and one of those that look alike
        std::unordered_map<std::string, Position> by_words;     // in the order of the alphabet
        std::unordered_map<std::uint32_t, std::vector<Position>> by_ends;
    };
    static void add(Ecosystem ecosystem, std::string_view name, Imitated& imitated);
    static std::optional<LookAlike> find_in(const Imitated& imitated, Ecosystem ecosystem,
                                            std::string_view name);
    static std::optional<LookAlike> find_slip(const Imitated& imitated, std::string_view name);

    std::map<Ecosystem, Imitated> imitated_;
    std::map<Ecosystem, std::vector<std::string>> known_;  // all, in one spelling, sorted
};

// Whether one insertion, deletion, replacement or swap of neighbours makes one of the other.
bool is_one_slip(std::string_view left, std::string_view right);

}  // namespace merlon::packages
