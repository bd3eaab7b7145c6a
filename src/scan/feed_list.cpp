#include "scan/feed_list.h"

#include <algorithm>
#include <set>

#include "base/arena.h"
#include "base/interner.h"
#include "text/toml.h"

namespace merlon::scan {
namespace {

using value::Value;

std::string kinds() {
    std::string all;
    for (std::size_t i = 0; i < kFeedKindCount; ++i) {
        all += (i == 0 ? "" : ", ") + std::string(name(static_cast<FeedKind>(i)));
    }
    return all;
}

Result<FeedKind> parse_kind(std::string_view text) {
    for (std::size_t i = 0; i < kFeedKindCount; ++i) {
        if (name(static_cast<FeedKind>(i)) == text) return static_cast<FeedKind>(i);
    }
    return Error{"'" + std::string(text) + "' is no kind of feed; expected " + kinds()};
}

// A name becomes a folder.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text[0] != '.' && text[0] != '-' &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                      c == '_';
           });
}

class ListReader {
  public:
    ListReader(const text::TomlDocument& document, const std::string& file)
        : document_(document), file_(file) {}

    Result<std::vector<Feed>> read() {
        std::vector<Feed> feeds;
        std::set<std::string> names;
        const Value& root = *document_.root;
        const Value* const found = root.find("feed");
        if (found == nullptr || !found->is_array() || root.size() != 1) {
            return fail(root, "expected a list of [[feed]] and nothing else");
        }
        for (const Value& item : found->items()) {
            feeds.push_back(MERLON_TRY(read_feed(item)));
            if (!names.insert(feeds.back().name).second) {
                return fail(item, "a second feed is called " + feeds.back().name);
            }
        }
        return feeds;
    }

  private:
    Error fail(const Value& at, std::string message) const {
        const auto place = document_.positions.find(&at);
        const bool known = place != document_.positions.end();
        return Error{std::move(message)}.at(file_, known ? place->second.line : 0,
                                            known ? place->second.column : 0);
    }

    Result<Feed> read_feed(const Value& item) const {
        if (!item.is_object()) return fail(item, "expected a table as feed");
        Feed feed;
        std::string kind;
        const std::pair<std::string_view, std::string*> texts[] = {
            {"name", &feed.name},       {"kind", &kind},      {"latest", &feed.latest},
            {"licence", &feed.licence}, {"page", &feed.page},
        };
        for (std::size_t i = 0; i < item.size(); ++i) {
            const std::string_view key = item.keys()[i].as_string();
            const Value& field = item.values()[i];
            if (key == "address") {
                if (!field.is_array()) return fail(field, "expected a list of texts as address");
                for (const Value& address : field.items()) {
                    if (!address.is_string()) return fail(address, "expected a text as address");
                    feed.addresses.emplace_back(address.as_string());
                }
                continue;
            }
            const auto found =
                std::ranges::find_if(texts, [&](const auto& known) { return known.first == key; });
            if (found == std::end(texts)) {
                return fail(field, "a feed has no key '" + std::string(key) + "'");
            }
            if (!field.is_string()) return fail(field, "expected a text as " + std::string(key));
            *found->second = field.as_string();
        }
        if (!is_name(feed.name)) {
            return fail(item, "expected small letters, digits, '-' and '_' as name");
        }
        auto parsed = parse_kind(kind);
        if (!parsed.ok()) return fail(item, parsed.error().message);
        feed.kind = parsed.value();
        if (feed.addresses.empty() && feed.latest.empty()) {
            return fail(item, feed.name + " has no address");
        }
        return feed;
    }

    const text::TomlDocument& document_;
    const std::string& file_;
};

}  // namespace

Result<std::vector<Feed>> parse_feed_list(std::string_view text, const std::string& file) {
    Arena arena;
    Interner interner;
    auto document = text::read_toml(text, arena, interner);
    if (!document.ok()) return std::move(document).error().at(file, 0, 0);
    return ListReader(document.value(), file).read();
}

Result<Feed> parse_feed_source(std::string_view text, std::size_t number) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) {
        return Error{"'" + std::string(text) +
                     "' is no source: expected KIND=ADDRESS, such as osv=https://HOST/all.zip"};
    }
    Feed feed;
    feed.kind = MERLON_TRY(parse_kind(text.substr(0, equals)));
    feed.name = std::string(name(feed.kind)) + "-" + std::to_string(number);
    feed.addresses.emplace_back(text.substr(equals + 1));
    return feed;
}

bool is_remote(std::string_view address) { return address.find("://") != std::string_view::npos; }

}  // namespace merlon::scan
