// yarn.lock: version 1 (a format of its own: keys, then indented "name value" pairs), and that of
// yarn 2 and later ("berry"), which is YAML.

#include <algorithm>
#include <unordered_map>

#include "inventory/npm_names.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using packages::Relation;
using value::Value;

// A request is "name@range"; what answers it may have another name ("a@npm:b@^1.0").
struct Wanted {
    std::uint32_t from;
    std::string name;
    std::string range;
};

class YarnReader {
  public:
    explicit YarnReader(Reading& reading) : reading_(reading) {}

    Status read_version_1();
    Status read_berry();

  private:
    void begin_entry(std::string_view line, std::size_t offset);
    void read_field(std::string_view key, std::string_view content);
    void read_berry_entry(std::string_view key, const Value& entry);
    void answer(std::string_view request) {
        answers_.emplace(request, reading_.count() - 1);
        reading_.facts.answers.push_back({std::string(request), reading_.count() - 1});
    }
    void link();

    Reading& reading_;
    std::unordered_map<std::string, std::uint32_t> answers_;
    std::vector<Wanted> wanted_;
};

// Takes a word or a quoted text from the front of `line`.
std::string_view take_word(std::string_view& line) {
    line = trim(line);
    std::string_view word;
    if (line.starts_with('"')) {
        const std::size_t end = line.find('"', 1);
        word = line.substr(1, end == std::string_view::npos ? end : end - 1);
        line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
        return word;
    }
    const std::size_t end = std::min(line.find_first_of(" ,"), line.size());
    word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

void YarnReader::begin_entry(std::string_view line, std::size_t offset) {
    if (line.ends_with(':')) line.remove_suffix(1);
    std::vector<std::string_view> requests;
    while (!trim(line).empty()) {
        const std::size_t before = line.size();
        const std::string_view request = take_word(line);
        if (!request.empty()) requests.push_back(request);
        line = trim(line);
        if (line.starts_with(',')) line.remove_prefix(1);
        if (line.size() >= before) break;
    }
    if (requests.empty()) {
        reading_.unknown(offset, "yarn.lock: an entry without a name");
        reading_.add("", "", offset);
        return;
    }
    auto [name, range] = split_npm_name(requests.front());
    if (range.starts_with("npm:")) {
        const auto [real, real_range] = split_npm_name(range.substr(4));
        // "a@npm:b" is any version of b; a range has no name before it.
        const bool is_range = real.empty() || real.find_first_of("^~<>=*0123456789") == 0;
        if (!real_range.empty() || !is_range) name = real;
    }
    Package& package = reading_.add(name, "", offset);
    set_npm_origin(package, range);
    for (const std::string_view request : requests) answer(request);
}

void YarnReader::read_field(std::string_view key, std::string_view content) {
    Package& package = reading_.at(reading_.count() - 1);
    if (key == "version") {
        package.version = content;
    } else if (key == "resolved") {
        set_npm_origin(package, content);
        const std::string_view digest = split_last(content, '#').second;
        const bool is_hex = digest.find_first_not_of("0123456789abcdef") == digest.npos;
        if (package.commit.empty() && digest.size() == 40 && is_hex)
            package.checksums.push_back({"sha1", std::string(digest)});
    } else if (key == "integrity") {
        if (!add_integrity(package, content))
            reading_.unknown(package.location.region.start_offset,
                             "the integrity of " + package.name + " cannot be read");
    }
}

Status YarnReader::read_version_1() {
    bool in_dependencies = false, has_entry = false;
    for (std::uint32_t number = 1; number <= reading_.lines().line_count(); ++number) {
        std::string_view line = reading_.lines().line_text(number);
        if (trim(line).empty() || trim(line).starts_with('#')) continue;
        const std::size_t indent = line.find_first_not_of(' ');
        line = trim(line);
        if (indent == 0) {
            if (!line.ends_with(':'))
                return Error{
                    "yarn.lock: expected an entry \"name@range:\"", kNoOffset, {}, number, 1};
            begin_entry(line, reading_.lines().line_begin(number));
            has_entry = true;
            in_dependencies = false;
            continue;
        }
        if (!has_entry)
            return Error{"yarn.lock: expected an entry \"name@range:\"", kNoOffset, {}, number, 1};
        if (indent <= 2) {
            in_dependencies = line == "dependencies:" || line == "optionalDependencies:";
            const std::string_view key = take_word(line);
            if (!in_dependencies) read_field(key, take_word(line));
        } else if (in_dependencies) {
            const std::string_view name = take_word(line);
            wanted_.push_back(
                {reading_.count() - 1, std::string(name), std::string(take_word(line))});
        }
    }
    link();
    return {};
}

void YarnReader::read_berry_entry(std::string_view key, const Value& entry) {
    const std::string_view resolution = string_in(&entry, "resolution");
    auto [name, from] = split_npm_name(resolution.empty() ? key : resolution);
    if (from.starts_with("npm:") || from.starts_with("patch:")) from = {};
    Package& package =
        reading_.add(name, text_of(entry.find("version")), reading_.offset_of(&entry));
    set_npm_origin(package, from);
    if (from.starts_with("workspace:")) {
        package.relation = Relation::kRoot;
        reading_.facts.members.emplace_back(from.substr(from.find(':') + 1));
    }
    if (package.local && package.version == "0.0.0-use.local") package.version.clear();
    // "10c0/<hex>": the number says how the file was packed, so the digest is of yarn's own file
    // and of no use to others; it is SHA-512 all the same.
    const std::string_view checksum = string_in(&entry, "checksum");
    const std::string_view digits = checksum.substr(checksum.rfind('/') + 1);
    if (digits.size() == 128) package.checksums.push_back({"yarn-sha512", std::string(digits)});
    for (const std::string_view request : split(key, ',')) answer(request);
    const std::uint32_t index = reading_.count() - 1;
    for (const std::string_view list : {"dependencies", "optionalDependencies"})
        each_entry(object_in(&entry, list), [&](std::string_view wanted, const Value& range) {
            wanted_.push_back({index, std::string(wanted), text_of(&range)});
        });
}

Status YarnReader::read_berry() {
    const Value* root = MERLON_TRY(reading_.yaml());
    if (!root->is_object()) return Error{"yarn.lock: expected a mapping"};
    each_entry(root, [&](std::string_view key, const Value& entry) {
        if (key != "__metadata" && entry.is_object()) read_berry_entry(key, entry);
    });
    link();
    return {};
}

void YarnReader::link() {
    for (const Wanted& wanted : wanted_) {
        const std::string request = wanted.name + "@" + wanted.range;
        auto found = answers_.find(request);
        // berry keeps the protocol in keys and may leave it out in ranges.
        if (found == answers_.end()) found = answers_.find(wanted.name + "@npm:" + wanted.range);
        if (found != answers_.end()) reading_.require(wanted.from, found->second);
    }
}

}  // namespace

Status read_yarn_lock(Reading& reading) {
    const bool is_berry = reading.bytes.starts_with("__metadata:") ||
                          reading.bytes.find("\n__metadata:") != std::string_view::npos;
    YarnReader reader(reading);
    return is_berry ? reader.read_berry() : reader.read_version_1();
}

}  // namespace merlon::inventory
