#include "connect/git/mailmap.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace merlon::connect::git {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

struct NameAndMail {
    std::string_view name;
    std::string_view mail;
};

// Takes "Name <mail>" from the start of `line`.
std::optional<NameAndMail> take_person(std::string_view& line) {
    const std::size_t open = line.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    const std::size_t close = line.find('>', open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    const NameAndMail person{trimmed(line.substr(0, open)),
                             line.substr(open + 1, close - open - 1)};
    line.remove_prefix(close + 1);
    return person;
}

}  // namespace

void Mailmap::add_line(std::string_view line) {
    if (line.starts_with('#')) return;
    const std::optional<NameAndMail> first = take_person(line);
    if (!first || first->mail.empty()) return;
    const std::optional<NameAndMail> second = take_person(line);

    // With one mail, it is the one in the commit; with two, the first replaces the second.
    if (!second) {
        Person& person = people_[lower_case(first->mail)].person;
        if (!first->name.empty()) person.name = first->name;
        return;
    }
    Entry& entry = people_[lower_case(second->mail)];
    if (second->name.empty()) {
        if (!first->name.empty()) entry.person.name = first->name;
        entry.person.mail = first->mail;
    } else {
        entry.named[lower_case(second->name)] = {std::string(first->name),
                                                 std::string(first->mail)};
    }
}

Mailmap Mailmap::parse(std::string_view text) {
    Mailmap mailmap;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        mailmap.add_line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return mailmap;
}

Mailmap::Person Mailmap::resolve(std::string_view name, std::string_view mail) const {
    Person person{std::string(name), std::string(mail)};
    if (people_.empty()) return person;
    const auto entry = people_.find(lower_case(mail));
    if (entry == people_.end()) return person;
    const auto named = entry->second.named.find(lower_case(name));
    const Person& other = named == entry->second.named.end() ? entry->second.person : named->second;
    if (!other.name.empty()) person.name = other.name;
    if (!other.mail.empty()) person.mail = other.mail;
    return person;
}

}  // namespace merlon::connect::git
