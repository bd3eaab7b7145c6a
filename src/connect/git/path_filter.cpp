#include "connect/git/path_filter.h"

#include <algorithm>
#include <utility>

#include "connect/git/tree.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kMaxDepth = 2048;

// fnmatch(3) without FNM_PATHNAME, for '*', '?' and backslashes.
bool wildcard_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // behind the last '*', and where it stopped
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        bool same = false;
        std::size_t width = 1;
        if (p < pattern.size()) {
            if (pattern[p] == '\\' && p + 1 < pattern.size()) {
                same = pattern[p + 1] == text[t];
                width = 2;
            } else {
                same = pattern[p] == '?' || pattern[p] == text[t];
            }
        }
        if (same) {
            p += width;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

// "a/./b/../c" as "a/c"; nothing where it leads above the top.
std::optional<std::string> normal_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        if (part == "..") {
            if (parts.empty()) return std::nullopt;
            parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string joined;
    for (const std::string_view part : parts) {
        if (!joined.empty()) joined.push_back('/');
        joined.append(part);
    }
    return joined;
}

class Comparison {
  public:
    Comparison(const ObjectReader& reader, const PathFilter& filter)
        : reader_(reader), filter_(filter) {}

    bool differ(const std::optional<ObjectId>& before, const std::optional<ObjectId>& after,
                std::uint32_t depth) {
        if (before == after) return false;
        if (depth > kMaxDepth) return true;
        Side left = open(before);
        Side right = open(after);
        while (!failed_ && (left.there || right.there)) {
            const int order = !right.there ? -1
                              : !left.there
                                  ? 1
                                  : compare_entries(left.cursor->entry(), right.cursor->entry());
            const TreeEntry* old_entry = order <= 0 ? &left.cursor->entry() : nullptr;
            const TreeEntry* new_entry = order >= 0 ? &right.cursor->entry() : nullptr;
            if (entries_differ(old_entry, new_entry, depth)) return true;
            if (order <= 0) advance(left);
            if (order >= 0) advance(right);
        }
        return failed_;
    }

  private:
    struct Side {
        Object object;
        std::optional<TreeCursor> cursor;
        bool there = false;
    };

    Side open(const std::optional<ObjectId>& id) {
        Side side;
        if (!id) return side;
        ObjectResult<Object> read = reader_.read(*id);
        if (!read.ok() || read.value().type != ObjectType::kTree) {
            failed_ = true;
            return side;
        }
        side.object = std::move(read).value();
        side.cursor.emplace(side.object.bytes(), id->algorithm());
        advance(side);
        return side;
    }

    void advance(Side& side) {
        const Result<bool> next = side.cursor->next();
        failed_ |= !next.ok();
        side.there = next.ok() && next.value();
    }

    bool entries_differ(const TreeEntry* before, const TreeEntry* after, std::uint32_t depth) {
        const TreeEntry& entry = before != nullptr ? *before : *after;
        if (before != nullptr && after != nullptr && before->mode == after->mode &&
            before->id == after->id) {
            return false;
        }
        const std::size_t length = folder_.size();
        folder_.append(entry.name);
        bool differs = false;
        if (entry.mode == FileMode::kTree) {
            folder_.push_back('/');
            const auto id = [](const TreeEntry* side) {
                return side != nullptr ? std::optional(side->id) : std::nullopt;
            };
            differs = filter_.may_match_below(folder_) && differ(id(before), id(after), depth + 1);
        } else {
            differs = filter_.matches(folder_);
        }
        folder_.resize(length);
        return differs;
    }

    const ObjectReader& reader_;
    const PathFilter& filter_;
    std::string folder_;
    bool failed_ = false;
};

}  // namespace

Result<PathFilter> PathFilter::make(std::span<const std::string> words, std::string_view folder,
                                    Words kind) {
    PathFilter filter;
    for (const std::string& word : words) {
        if (word.empty()) return Error{"an empty path behind '--' means nothing"};
        if ((word.front() == ':' && kind != Words::kLiteral) ||
            (word.find('[') != std::string::npos && kind == Words::kWildcards)) {
            return Error{"the path '" + word +
                         "' has a form that is not supported here (':' in front, or a class in "
                         "brackets); name folders and files, with * and ?"};
        }
        Pattern pattern;
        const std::size_t wild =
            kind == Words::kWildcards ? word.find_first_of("*?\\") : std::string::npos;
        if (wild == std::string::npos) {
            const auto path = normal_path(std::string(folder) + word);
            if (!path) return Error{"the path '" + word + "' is outside the repository"};
            pattern.text = *path;
            pattern.only_below = word.back() == '/' && !path->empty();
        } else {
            const std::size_t slash = word.rfind('/', wild);
            const std::string before = slash == std::string::npos ? "" : word.substr(0, slash + 1);
            const auto path = normal_path(std::string(folder) + before);
            if (!path) return Error{"the path '" + word + "' is outside the repository"};
            pattern.text = path->empty() ? "" : *path + '/';
            pattern.text += word.substr(before.size());
            pattern.literal = pattern.text.find_first_of("*?\\");
        }
        filter.patterns_.push_back(std::move(pattern));
    }
    return filter;
}

bool PathFilter::matches(std::string_view path) const {
    return patterns_.empty() || std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
               if (pattern.literal != std::string::npos) {
                   return wildcard_matches(pattern.text, path);
               }
               if (pattern.text.empty()) return true;
               if (!path.starts_with(pattern.text)) return false;
               if (path.size() == pattern.text.size()) return !pattern.only_below;
               return path[pattern.text.size()] == '/';
           });
}

bool PathFilter::may_match_below(std::string_view folder) const {
    return patterns_.empty() || std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
               if (pattern.literal != std::string::npos) {
                   const auto literal = std::string_view(pattern.text).substr(0, pattern.literal);
                   return folder.starts_with(literal) || literal.starts_with(folder);
               }
               const std::string below = pattern.text.empty() ? "" : pattern.text + '/';
               return folder.starts_with(below) || below.starts_with(folder);
           });
}

bool paths_differ(const ObjectReader& reader, const std::optional<ObjectId>& before,
                  const std::optional<ObjectId>& after, const PathFilter& filter) {
    return Comparison(reader, filter).differ(before, after, 0);
}

}  // namespace merlon::connect::git
