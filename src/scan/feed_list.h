#pragma once

// The list of feeds that `db update` reads: names, kinds, addresses (rules/advisories/feeds.toml
// says what each key means).
//
// Thread-safe: no state. Errors name the list, the line and what was expected.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/advisories.h"

namespace merlon::scan {

struct Feed {
    std::string name;
    FeedKind kind = FeedKind::kOsv;
    std::vector<std::string> addresses;
    std::string latest;  // an address of a text that names a file beside it; empty: none
    std::string licence;
    std::string page;
};

Result<std::vector<Feed>> parse_feed_list(std::string_view text, const std::string& file);

// "osv=https://…", "kev=./kev.json": a feed of its own, named by its kind and `number`.
Result<Feed> parse_feed_source(std::string_view text, std::size_t number);

// Whether it is fetched; else it is a path.
bool is_remote(std::string_view address);

}  // namespace merlon::scan
