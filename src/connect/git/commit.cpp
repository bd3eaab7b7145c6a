#include "connect/git/commit.h"

#include <algorithm>
#include <utility>

namespace merlon::connect::git {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// strtoumax: white space, a sign, digits; the largest number where they overflow.
std::uint64_t leading_number(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    std::uint64_t value = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        std::uint64_t next = 0;
        if (__builtin_mul_overflow(value, std::uint64_t{10}, &next) ||
            __builtin_add_overflow(next, static_cast<std::uint64_t>(text[at] - '0'), &next)) {
            return UINT64_MAX;
        }
        value = next;
    }
    return negative ? 0 - value : value;
}

// Takes the line at the front, without its line feed.
std::string_view take_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    return line;
}

// "<keyword> <id>\n" at the front.
std::optional<ObjectId> take_id(std::string_view& bytes, std::string_view keyword,
                                HashAlgorithm algorithm) {
    const std::size_t digits = 2 * hash_bytes_of(algorithm);
    const std::size_t length = keyword.size() + 1 + digits + 1;
    if (bytes.size() < length || !bytes.starts_with(keyword) || bytes[keyword.size()] != ' ' ||
        bytes[length - 1] != '\n') {
        return std::nullopt;
    }
    const auto id = ObjectId::parse(bytes.substr(keyword.size() + 1, digits));
    if (id.has_value()) bytes.remove_prefix(length);
    return id;
}

// Only an author's line, then a committer's line with an address and an end, has a date.
std::uint64_t walk_date(std::string_view headers) {
    if (!headers.starts_with("author")) return 0;
    take_line(headers);
    if (!headers.starts_with("committer")) return 0;
    const std::size_t address_end = headers.find('>');
    if (address_end == std::string_view::npos) return 0;
    headers.remove_prefix(address_end + 1);
    const std::size_t line_end = headers.find('\n');
    if (line_end == std::string_view::npos) return 0;
    return leading_number(headers.substr(0, line_end));
}

// The headers that text_of() shows, of all those above the message: not the first of each `plain`
// one, nor parents.
std::string told_headers(std::string_view headers, std::vector<std::string_view> plain) {
    std::string text;
    while (!headers.empty()) {
        const std::string_view line = take_line(headers);
        if (line.empty()) break;
        const std::size_t keyword_end = line.find(' ');
        const std::string_view keyword = line.substr(0, keyword_end);
        if (keyword == "parent" && ObjectId::parse(line.substr(keyword_end + 1))) continue;
        // A line that continues another one has no keyword.
        if (const auto known = std::ranges::find(plain, keyword); known != plain.end()) {
            plain.erase(known);
            continue;
        }
        text.append(line.substr(keyword.empty() ? 1 : 0)).push_back('\n');
    }
    return text;
}

}  // namespace

int Identity::zone_minutes() const {
    if (zone.size() < 2) return 0;
    int number = 0;
    for (const char c : zone.substr(1)) {
        if (!is_digit(c)) break;
        number = std::min(number * 10 + (c - '0'), 1'000'000);
    }
    const int minutes = number / 100 * 60 + number % 100;
    return zone.front() == '-' ? -minutes : minutes;
}

std::optional<Identity> parse_identity(std::string_view line) {
    Identity identity;
    const std::size_t open = line.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    std::size_t name_end = open;
    while (name_end > 0 && is_space(line[name_end - 1])) --name_end;
    identity.name = line.substr(0, name_end);
    const std::size_t close = line.find('>', open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    identity.email = line.substr(open + 1, close - open - 1);
    // The date stands behind the last '>' of the line, which a broken address may hold twice.
    std::string_view rest = line.substr(line.rfind('>') + 1);
    const auto skip_space = [&] {
        while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    };
    const auto take_digits = [&](std::size_t from) {
        std::size_t end = from;
        while (end < rest.size() && is_digit(rest[end])) ++end;
        return end;
    };
    skip_space();
    const std::size_t digits = take_digits(0);
    if (digits == 0) return identity;
    const std::string_view seconds = rest.substr(0, digits);
    rest.remove_prefix(digits);
    skip_space();
    if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return identity;
    const std::size_t zone_end = take_digits(1);
    if (zone_end == 1) return identity;
    identity.seconds = leading_number(seconds);
    identity.zone = rest.substr(0, zone_end);
    identity.has_date = true;
    return identity;
}

Result<Commit> parse_commit(std::string_view bytes, HashAlgorithm algorithm) {
    Commit commit;
    const auto tree = take_id(bytes, "tree", algorithm);
    if (!tree.has_value()) return Error{"a commit that does not begin with its tree"};
    commit.tree = *tree;
    while (bytes.starts_with("parent ")) {
        const auto parent = take_id(bytes, "parent", algorithm);
        if (!parent.has_value()) return Error{"a commit with a parent that is no object id"};
        commit.parents.push_back(*parent);
    }
    commit.date = walk_date(bytes);
    while (!bytes.empty()) {
        const std::string_view line = take_line(bytes);
        if (line.empty()) break;
        // The first of each kind counts; lines of a signature begin with a space.
        const auto value_of = [&](std::string_view keyword, std::string_view& value) {
            if (line.starts_with(keyword) && value.data() == nullptr) {
                value = line.substr(keyword.size());
            }
        };
        value_of("author ", commit.author);
        value_of("committer ", commit.committer);
        value_of("encoding ", commit.encoding);
    }
    commit.message = bytes;
    return commit;
}

Result<Tag> parse_tag(std::string_view bytes, HashAlgorithm algorithm) {
    Tag tag;
    const auto target = take_id(bytes, "object", algorithm);
    if (!target.has_value()) return Error{"a tag that does not begin with its object"};
    tag.target = *target;
    const std::string_view type = take_line(bytes);
    const auto known = type.starts_with("type ") ? parse_object_type(type.substr(5)) : std::nullopt;
    if (!known.has_value()) return Error{"a tag without the type of its object"};
    tag.target_type = *known;
    while (!bytes.empty()) {
        const std::string_view line = take_line(bytes);
        if (line.empty()) break;
        if (line.starts_with("tag ")) tag.name = line.substr(4);
        if (line.starts_with("tagger ")) tag.tagger = line.substr(7);
    }
    tag.message = bytes;
    return tag;
}

std::string text_of(ObjectType type, std::string_view bytes, HashAlgorithm algorithm) {
    std::string_view message;
    std::vector<std::string_view> plain;
    if (type == ObjectType::kCommit) {
        const auto commit = parse_commit(bytes, algorithm);
        if (!commit.ok()) return {};
        message = commit.value().message;
        plain = {"tree", "author", "committer"};
    } else {
        const auto tag = parse_tag(bytes, algorithm);
        if (!tag.ok()) return {};
        message = tag.value().message;
        plain = {"object", "type", "tag", "tagger"};
    }
    std::string text(message);
    const std::string headers =
        told_headers(bytes.substr(0, bytes.size() - message.size()), std::move(plain));
    if (headers.empty()) return text;
    if (!text.empty() && !text.ends_with('\n')) text.push_back('\n');
    return text + headers;
}

}  // namespace merlon::connect::git
