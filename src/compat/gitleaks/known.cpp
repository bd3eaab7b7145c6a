#include "compat/gitleaks/known.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/arena.h"
#include "base/file.h"
#include "base/interner.h"
#include "compat/gitleaks/targets.h"
#include "templates/go_numbers.h"
#include "text/json.h"
#include "text/utf8.h"
#include "value/value.h"

namespace merlon::compat::gitleaks {
namespace {

// Go's bufio.Scanner gives up at a longer line, and gitleaks takes what it has by then.
constexpr std::size_t kMaxLineBytes = 64 * 1024;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The entry with the path's backslashes turned, where it has the form of a fingerprint.
std::string normalized(std::string_view line) {
    std::string entry(line);
    const auto colons = std::count(entry.begin(), entry.end(), ':');
    if (colons != 2 && colons != 3) return entry;
    const std::size_t begin = colons == 3 ? entry.find(':') + 1 : 0;
    const std::size_t end = entry.find(':', begin);
    std::replace(entry.begin() + static_cast<std::ptrdiff_t>(begin),
                 entry.begin() + static_cast<std::ptrdiff_t>(end), '\\', '/');
    return entry;
}

// Go's encoding/json takes keys in any case.
const value::Value* member(const value::Value& object, std::string_view name) {
    if (const value::Value* exact = object.find(name)) return exact;
    for (std::size_t i = 0; i < object.keys().size(); ++i)
        if (std::ranges::equal(object.keys()[i].as_string(), name,
                               [](char a, char b) { return (a | 0x20) == (b | 0x20); }))
            return &object.values()[i];
    return nullptr;
}

bool read_text(const value::Value& object, std::string_view name, std::string& out) {
    const value::Value* found = member(object, name);
    if (found == nullptr || found->is_null()) return true;
    if (!found->is_string()) return false;
    out = found->as_string();
    return true;
}

bool read_number(const value::Value& object, std::string_view name, std::int64_t& out) {
    const value::Value* found = member(object, name);
    if (found == nullptr || found->is_null()) return true;
    // Go takes no 1.0 or 1e0 for an integer.
    if (!found->is_number() || !found->as_integer() ||
        found->number_text().find_first_of(".eE") != std::string::npos) {
        return false;
    }
    out = *found->as_integer();
    return true;
}

bool read_entropy(const value::Value& object, float& out) {
    const value::Value* found = member(object, "Entropy");
    if (found == nullptr || found->is_null()) return true;
    if (!found->is_number()) return false;
    out = static_cast<float>(found->as_double());
    return true;
}

bool is_text_or_null(const value::Value& item) { return item.is_string() || item.is_null(); }

// Tags are not compared, and yet have to be what they are in a report.
bool has_tags(const value::Value& object) {
    const value::Value* found = member(object, "Tags");
    if (found == nullptr || found->is_null()) return true;
    return found->is_array() &&
           std::all_of(found->items().begin(), found->items().end(), is_text_or_null);
}

bool read_row(const value::Value& object, Row& row) {
    return read_entropy(object, row.entropy) && has_tags(object) &&
           read_text(object, "SymlinkFile", row.symlink_file) &&
           read_text(object, "Link", row.link) &&
           read_text(object, "Fingerprint", row.fingerprint) &&
           read_text(object, "RuleID", row.rule_id) &&
           read_text(object, "Description", row.description) &&
           read_text(object, "Match", row.match) && read_text(object, "Secret", row.secret) &&
           read_text(object, "File", row.file) && read_text(object, "Commit", row.commit) &&
           read_text(object, "Author", row.author) && read_text(object, "Email", row.email) &&
           read_text(object, "Date", row.date) && read_text(object, "Message", row.message) &&
           read_number(object, "StartLine", row.start_line) &&
           read_number(object, "EndLine", row.end_line) &&
           read_number(object, "StartColumn", row.start_column) &&
           read_number(object, "EndColumn", row.end_column);
}

}  // namespace

void IgnoreList::add_file(const std::string& path) {
    const auto status = file_status(path, FollowLinks::kYes);
    if (!status.ok() || status.result.value().kind == FileKind::kDirectory) return;
    if (const auto text = read_text_file(path); text.ok()) add_text(text.value());
}

void IgnoreList::add_text(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end >= kMaxLineBytes) return;
        const std::string_view line = trim(text.substr(0, end));
        if (!line.empty() && line[0] != '#') entries_.insert(normalized(line));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

Result<Baseline> Baseline::load(const std::string& path, std::uint64_t redact_percent,
                                const CancelToken* cancel) {
    auto text = read_text_file(path, std::uint64_t{1} << 30);
    if (!text.ok()) return std::move(text).error();
    Arena arena;
    Interner interner;
    // In Go's decoder each byte that is in no valid UTF-8 is U+FFFD.
    const std::string valid = text::to_valid_utf8(text.value());
    auto document = text::read_json(valid, arena, interner, {.cancel = cancel});
    const Error unsupported{"the format of the file " + path + " is not supported"};
    // Go's decoder knows no byte order mark.
    if (!document.ok() || text.value().starts_with("\xEF\xBB\xBF")) return unsupported;
    const value::Value& root = *document.value().root;
    Baseline baseline;
    baseline.with_secret_ = redact_percent == 0;
    if (root.is_null()) return baseline;
    if (!root.is_array()) return unsupported;
    for (const value::Value& item : root.items()) {
        Row row;
        if (!item.is_object() || !read_row(item, row)) return unsupported;
        baseline.keys_.insert(baseline.key(row));
    }
    return baseline;
}

bool Baseline::holds(const Row& row) const { return keys_.contains(key(row)); }

// All compared fields, each behind its length so that two rows never share a key.
std::string Baseline::key(const Row& row) const {
    const std::array numbers = {std::to_string(row.start_line), std::to_string(row.end_line),
                                std::to_string(row.start_column), std::to_string(row.end_column),
                                templates::go_float(row.entropy)};
    std::string key;
    const auto add = [&key](std::string_view field) {
        key += std::to_string(field.size());
        key.push_back(':');
        key += field;
    };
    for (const std::string& number : numbers) add(number);
    for (const std::string* field : {&row.rule_id, &row.description, &row.file, &row.commit,
                                     &row.author, &row.email, &row.date, &row.message})
        add(*field);
    if (with_secret_) {
        add(row.match);
        add(row.secret);
    }
    return key;
}

std::string relative_path(const std::string& path, const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code failure;
    const fs::path here = fs::current_path(failure);
    const fs::path target = clean_path((here / path).string());
    const fs::path base = clean_path((here / folder).string());
    return target.lexically_relative(base).string();
}

}  // namespace merlon::compat::gitleaks
