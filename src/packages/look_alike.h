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
// that are worth a comparison. Most runs ask about names of one ecosystem or of none, so that the
// forms of an ecosystem's names are made at the first question about it.
//
// Thread-safe once made. Cost of a question: a look-up for each way of being alike, and a
// comparison with the names that begin or end alike.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
    // Of one ecosystem. Views into the list.
    struct Names {
        std::vector<std::string_view> imitated;
        std::vector<std::string_view> others;
        std::once_flag forms_made, spellings_made;
        Imitated forms;
        std::unordered_set<std::string> spellings;  // of all, each in one of the ways to write it
    };
    static Result<PopularNames> parse_lines(std::string_view text, const std::string& file);
    static void add(Ecosystem ecosystem, std::string_view name, Imitated& imitated);
    static const Imitated& forms_in(Ecosystem ecosystem, Names& names);
    static bool holds(Ecosystem ecosystem, std::string_view name, Names& names);
    static std::optional<LookAlike> find_in(const Imitated& imitated, Ecosystem ecosystem,
                                            std::string_view name);
    static std::optional<LookAlike> find_slip(const Imitated& imitated, std::string_view name);

    std::shared_ptr<const std::string> text_;  // of a list that is not the program's own
    std::map<Ecosystem, std::unique_ptr<Names>> names_;
};

// Whether one insertion, deletion, replacement or swap of neighbours makes one of the other.
bool is_one_slip(std::string_view left, std::string_view right);

}  // namespace merlon::packages
