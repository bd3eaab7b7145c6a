#pragma once

// .mailmap files (gitmailmap(5)): who else someone is. `git log` applies the one in the working
// tree, in a bare repository the one of HEAD, to the author that it prints.
//
// Immutable after parse(), thread-safe. Cost of a look-up: two tree searches.

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace merlon::connect::git {

class Mailmap {
  public:
    static Mailmap parse(std::string_view text);

    struct Person {
        std::string name;
        std::string mail;

        bool operator==(const Person&) const = default;
    };
    // Who `name` with `mail` is called; names and mails are compared without regard to ASCII case.
    Person resolve(std::string_view name, std::string_view mail) const;
    bool empty() const { return people_.empty(); }

  private:
    // What replaces a name and a mail; an empty one replaces nothing.
    struct Entry {
        Person person;                        // for the mail alone
        std::map<std::string, Person> named;  // for the mail together with a name, in lower case
    };

    void add_line(std::string_view line);

    std::map<std::string, Entry> people_;  // by the mail in the commit, in lower case
};

}  // namespace merlon::connect::git
