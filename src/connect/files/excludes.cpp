#include "connect/files/excludes.h"

namespace merlon::connect {
namespace {

text::IgnoreRules rules_of(std::span<const std::string> patterns) {
    std::string lines;
    for (const std::string& pattern : patterns) lines += pattern + '\n';
    return text::IgnoreRules::parse(lines);
}

}  // namespace

Excludes::Excludes(std::span<const std::string> patterns) : rules_(rules_of(patterns)) {}

bool Excludes::leaves_out(std::string_view path, text::EntryKind kind) const {
    return rules_.verdict(path, kind) == text::IgnoreVerdict::kIgnored;
}

bool Excludes::leaves_out_file(std::string_view path) const {
    if (rules_.empty()) return false;
    for (std::size_t at = path.find('/'); at != std::string_view::npos;
         at = path.find('/', at + 1)) {
        if (leaves_out(path.substr(0, at), text::EntryKind::kDirectory)) return true;
    }
    return leaves_out(path, text::EntryKind::kFile);
}

}  // namespace merlon::connect
