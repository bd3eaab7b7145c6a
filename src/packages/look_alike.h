#pragma once

// Names that look like a well-known package's: what typosquats are called (Ohm et al.,
// "Backstabber's Knife Collection", 2020; Vu et al., "Typosquatting and Combosquatting Attacks on
// the Python Ecosystem", 2020).
//
// The idea: a name is suspicious where it is none of the well-known ones, and is one of them but
// for the separators, the order of its words, characters that look alike, or one slip of the finger
// (Damerau and Levenshtein's distance 1). Short names are near to everything, so a slip counts from
// five characters on.
//
// Thread-safe once made. Cost of a question: linear in the well-known names of its ecosystem.

#include <map>
#include <optional>
#include <string>
#include <string_view>
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
    // Lines "TYPE NAME" where TYPE is a package URL's ("npm lodash"); '#' begins a comment. Fails
    // at the first line that is none.
    static Result<PopularNames> parse(std::string_view text, const std::string& file);
    // The list that the program carries (src/packages/popular_names.txt says where it is from).
    static const PopularNames& own();

    bool has(Ecosystem ecosystem, std::string_view name) const;
    std::optional<LookAlike> find(Ecosystem ecosystem, std::string_view name) const;

  private:
    struct Known {
        std::string name;
        std::string plain;     // lower case, without separators
        std::string skeleton;  // and with one character for those that look alike
        std::string words;     // in the order of the alphabet
    };
    static Known known_of(Ecosystem ecosystem, std::string_view name);

    std::map<Ecosystem, std::vector<Known>> names_;
};

// Whether one insertion, deletion, replacement or swap of neighbours makes one of the other.
bool is_one_slip(std::string_view left, std::string_view right);

}  // namespace merlon::packages
