// What text::IgnoreRules says of paths: ignore_probe IGNORE_FILE < paths, each ended by NUL. Prints
// a letter for each path, as `git check-ignore` decides of a file: i(gnored), k(ept), u(ndecided).

#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "text/glob.h"

namespace {

using merlon::text::EntryKind;
using merlon::text::IgnoreRules;
using merlon::text::IgnoreVerdict;

// Folders are asked first, and what lies below an ignored one is ignored.
IgnoreVerdict verdict_of(const IgnoreRules& rules, std::string_view path) {
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
        const auto folder = rules.verdict(path.substr(0, slash), EntryKind::kDirectory);
        if (folder == IgnoreVerdict::kIgnored) return folder;
    }
    return rules.verdict(path, EntryKind::kFile);
}

std::string all_of(std::istream& in) {
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
    std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
    if (!file) {
        std::cerr << "usage: ignore_probe IGNORE_FILE < paths, each ended by NUL\n";
        return 2;
    }
    const IgnoreRules rules = IgnoreRules::parse(all_of(file));
    const std::string paths = all_of(std::cin);
    std::string_view rest = paths;
    for (std::size_t end = rest.find('\0'); end != std::string_view::npos; end = rest.find('\0')) {
        const IgnoreVerdict verdict = verdict_of(rules, rest.substr(0, end));
        rest.remove_prefix(end + 1);
        std::cout << (verdict == IgnoreVerdict::kIgnored ? 'i'
                      : verdict == IgnoreVerdict::kKept  ? 'k'
                                                         : 'u');
    }
    std::cout << '\n';
    return 0;
}
