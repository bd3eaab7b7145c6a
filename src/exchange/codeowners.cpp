#include "exchange/codeowners.h"

#include <algorithm>

#include "base/ascii.h"
#include "text/glob.h"

namespace merlon::exchange {
namespace {

constexpr std::size_t kMaxLines = 100'000;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Words, with "\ " and "\#" inside of them; a '#' at the beginning of one ends the line.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    for (std::size_t at = 0; at <= line.size(); ++at) {
        const char c = at < line.size() ? line[at] : ' ';
        if (c == '\\' && at + 1 < line.size() && (line[at + 1] == ' ' || line[at + 1] == '#')) {
            word += line[++at];
        } else if (c == ' ' || c == '\t') {
            if (!word.empty()) words.push_back(std::move(word));
            word.clear();
        } else if (c == '#' && word.empty()) {
            break;
        } else {
            word += c;
        }
    }
    return words;
}

bool is_owner(std::string_view word) {
    return word.size() > 1 && word.find('@') != std::string_view::npos;
}

std::string plain_owner(std::string_view word) {
    while (word.starts_with('@')) word.remove_prefix(1);
    return std::string(word);
}

std::vector<std::string> owners_among(const std::vector<std::string>& words, std::size_t first) {
    std::vector<std::string> owners;
    for (std::size_t i = first; i < words.size(); ++i)
        if (is_owner(words[i])) owners.push_back(plain_owner(words[i]));
    return owners;
}

void add_each_once(const std::vector<std::string>& more, std::vector<std::string>& all) {
    for (const std::string& one : more)
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

}  // namespace

CodeOwners::Section& CodeOwners::section_of(std::string_view name) {
    // Sections of one name are one, whatever the case.
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        if (!equal_without_case(sections_[i].name, name)) continue;
        current_ = i;
        return sections_[i];
    }
    current_ = sections_.size();
    return sections_.emplace_back(Section{std::string(name), {}, {}});
}

// "^[Name][2] @owner …": GitLab's; how many have to approve is the gate's business.
bool CodeOwners::begin_section(std::string_view line) {
    const std::string_view begin = line.starts_with('^') ? line.substr(1) : line;
    if (!begin.starts_with('[')) return false;
    const std::size_t end = begin.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    std::string_view rest = begin.substr(end + 1);
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos) return false;
        rest = rest.substr(close + 1);
    }
    if (!rest.empty() && rest[0] != ' ' && rest[0] != '\t') return false;  // "[ab]c": a pattern
    has_sections_ = true;
    section_of(trimmed(begin.substr(1, end - 1))).owners = owners_among(words_of(rest), 0);
    return true;
}

void CodeOwners::add_line(std::string_view text, std::uint32_t number) {
    std::vector<std::string> words = words_of(text);
    if (words.empty()) return;
    Line line{.number = number};
    std::string pattern = std::move(words[0]);
    if (pattern.starts_with('!')) {
        line.is_taken_out = true;
        pattern.erase(0, 1);
    }
    if (pattern.find('[') != std::string::npos) {
        defects_.push_back({number, "'" + pattern + "': there are no classes in CODEOWNERS"});
        return;
    }
    const bool is_folder = pattern.ends_with('/');
    while (pattern.ends_with('/')) pattern.pop_back();
    const bool is_anchored =
        pattern.find('/') != std::string::npos || (is_folder && pattern.empty());
    while (pattern.starts_with('/')) pattern.erase(0, 1);
    if (!is_anchored) pattern = "**/" + pattern;
    // "docs/*" is not of what lies deeper; "**" is by itself, and so is a folder.
    const bool is_flat = pattern.ends_with("/*");
    const bool is_everything = pattern.empty();  // "/"
    if (is_everything) pattern = "**/*";
    if (!is_everything && !(is_flat && is_anchored)) line.below = pattern + "/**";
    if (!is_folder || is_everything) line.pattern = pattern;
    line.owners = owners_among(words, 1);
    if (line.owners.size() + 1 < words.size())
        defects_.push_back({number, "an owner without @ is nobody"});
    Section& section = sections_[current_];
    if (line.owners.empty() && words.size() == 1) line.owners = section.owners;
    section.lines.push_back(std::move(line));
}

// GitHub has none and ignores them; what it does not understand takes nobody's files away.
void CodeOwners::leave_out_negations() {
    for (const Line& line : sections_.front().lines)
        if (line.is_taken_out)
            defects_.push_back(
                {line.number, "a pattern with '!' means something in GitLab's sections only"});
    std::erase_if(sections_.front().lines, [](const Line& line) { return line.is_taken_out; });
    std::ranges::stable_sort(defects_, {}, &Defect::line);
}

Result<CodeOwners> CodeOwners::parse(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    CodeOwners made;
    made.sections_.emplace_back();
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trimmed(text.substr(at, end - at));
        at = end + 1;
        if (++number > kMaxLines)
            return Error{"CODEOWNERS has more than " + std::to_string(kMaxLines) + " lines"};
        if (line.empty() || line[0] == '#') continue;
        if (!made.begin_section(line)) made.add_line(line, number);
    }
    if (!made.has_sections_) made.leave_out_negations();
    return made;
}

std::vector<std::string> CodeOwners::owners_of(std::string_view path) const {
    std::vector<std::string> all;
    for (const Section& section : sections_) {
        const auto matches = [&](const Line& line) {
            return (!line.pattern.empty() && text::glob_matches(line.pattern, path)) ||
                   (!line.below.empty() && text::glob_matches(line.below, path));
        };
        // What a section excludes, no later line of it takes back.
        const bool is_out = std::ranges::any_of(
            section.lines, [&](const Line& line) { return line.is_taken_out && matches(line); });
        if (is_out) continue;
        const auto last = std::find_if(section.lines.rbegin(), section.lines.rend(), matches);
        if (last != section.lines.rend()) add_each_once(last->owners, all);
    }
    return all;
}

}  // namespace merlon::exchange
