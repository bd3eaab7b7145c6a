// Makes src/packages/license_prints.txt from the texts of the SPDX licence list: of each licence
// the hashes of 64 runs of words, and no text (packages/license_text.h).
//
//   make_prints OUTPUT TEXTS.json
//
// TEXTS.json is spdx-full.json of the npm package spdx-license-list (an object from identifier to
// an object with licenseText and osiApproved); tools/licenses/make_tables.py names its version and
// calls this.

#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "packages/license.h"
#include "packages/license_text.h"
#include "text/json.h"
#include "value/value.h"

int main(int count, char** arguments) {
    using namespace merlon;
    if (count != 3) {
        std::cerr << "usage: make_prints OUTPUT TEXTS.json\n";
        return 2;
    }
    const Result<std::string> json = read_text_file(arguments[2]);
    if (!json.ok()) {
        std::cerr << "make_prints: " << json.error().to_string() << "\n";
        return 2;
    }
    Arena arena;
    Interner interner;
    const Result<value::ValueDocument> document = text::read_json(json.value(), arena, interner);
    if (!document.ok() || !document.value().root->is_object()) {
        std::cerr << "make_prints: no object of licences\n";
        return 2;
    }
    // Equal texts are one print, under the shortest of their identifiers: GPL-2.0-only and not
    // GPL-2.0-or-later.
    std::map<std::string, std::string> ids;
    const value::Value& root = *document.value().root;
    for (std::size_t i = 0; i < root.size(); ++i) {
        const std::string id(root.keys()[i].as_string());
        const value::Value* member = root.values()[i].find("licenseText");
        if (member == nullptr || !member->is_string()) continue;
        if (!packages::is_listed_license(id) || packages::is_deprecated_license(id)) continue;
        std::string_view text = member->as_string();
        // What stands behind the terms is how to apply them, and often left out; behind those of
        // the LGPL 3 the list has the text of the GPL 3.
        for (const std::string_view end :
             {"END OF TERMS AND CONDITIONS",
              "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n\nCopyright"}) {
            const std::size_t at = text.find(end);
            if (at != std::string_view::npos && at > text.size() / 10) text = text.substr(0, at);
        }
        const value::Value* approved = root.values()[i].find("osiApproved");
        const bool is_approved =
            approved != nullptr && approved->is_boolean() && approved->as_boolean();
        const std::string print =
            packages::license_print(text, is_approved ? packages::LicenseApproval::kOpenSource
                                                      : packages::LicenseApproval::kNone);
        if (print.empty()) continue;
        std::string& chosen = ids[print];
        if (chosen.empty() || std::pair(id.size(), id) < std::pair(chosen.size(), chosen))
            chosen = id;
    }
    std::map<std::string, std::string> by_id;
    for (const auto& [print, id] : ids) by_id.emplace(id, print);
    std::string prints;
    for (const auto& [id, print] : by_id) prints += id + ' ' + print + '\n';
    if (const Status written = write_file_atomically(arguments[1], prints); !written.ok()) {
        std::cerr << "make_prints: " << written.error().to_string() << "\n";
        return 2;
    }
    return 0;
}
