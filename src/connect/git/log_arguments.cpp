#include "connect/git/log_arguments.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "connect/git/merge_base.h"
#include "connect/git/revision_names.h"

namespace merlon::connect::git {
namespace {

using Side = WalkRequest::Tip::Side;

class ArgumentReader {
  public:
    ArgumentReader(const Repository& repository, const Now& now, std::string_view source)
        : repository_(repository), now_(now), source_(source) {}

    Result<LogArguments> read(std::span<const std::string> words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word.empty()) continue;  // git log: "ambiguous argument ''"; a doubled space here
            if (word == "--") {
                arguments_.paths.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                        words.end());
                break;
            }
            if (word.front() != '-' || word == "-") {
                Status read = read_revision(word);
                if (!read.ok()) return std::move(read).error().within(std::string(source_));
                continue;
            }
            const bool used_next =
                MERLON_TRY(read_option(word, i + 1 < words.size() ? &words[i + 1] : nullptr));
            if (used_next) ++i;
        }
        if (!named_) {
            const auto head = repository_.references().find("HEAD");
            if (!head.has_value()) return Error{"HEAD has no commit yet; there is nothing to show"};
            add(head->id, Side::kShow);
        }
        return std::move(arguments_);
    }

  private:
    void add(const ObjectId& id, Side side) {
        if (inverted_) side = side == Side::kShow ? Side::kExclude : Side::kShow;
        arguments_.walk.tips.push_back({id, side});
        named_ = true;
    }

    // gitrevisions, "Specifying ranges".
    Status read_revision(std::string_view word) {
        if (const std::size_t dots = word.find(".."); dots != std::string_view::npos) {
            const bool symmetric = word.substr(dots).starts_with("...");
            const std::string_view left = word.substr(0, dots);
            const std::string_view right = word.substr(dots + (symmetric ? 3 : 2));
            const ObjectId from =
                MERLON_TRY(resolve_commit(repository_, left.empty() ? "HEAD" : left));
            const ObjectId to =
                MERLON_TRY(resolve_commit(repository_, right.empty() ? "HEAD" : right));
            if (symmetric) {
                for (const ObjectId& base : merge_bases(repository_, from, to))
                    add(base, Side::kExclude);
                add(from, Side::kShow);
            } else {
                add(from, Side::kExclude);
            }
            add(to, Side::kShow);
            return {};
        }
        if (word.ends_with("^@") || word.ends_with("^!")) {
            const std::string base(word.substr(0, word.size() - 2));
            const bool parents_shown = word.ends_with("^@");
            const ObjectId commit = MERLON_TRY(resolve_commit(repository_, base));
            CommitHistory history(repository_);
            const CommitNumber number = history.number_of(commit);
            if (!history.load(number)) return Error{history.problems().front().message};
            if (!parents_shown) add(commit, Side::kShow);
            for (const CommitNumber parent : history.parents(number)) {
                add(history.id(parent), parents_shown ? Side::kShow : Side::kExclude);
            }
            named_ = true;
            return {};
        }
        Side side = Side::kShow;
        if (word.starts_with('^')) {
            word.remove_prefix(1);
            side = Side::kExclude;
        }
        add(MERLON_TRY(resolve_revision(repository_, word)), side);
        return {};
    }

    static Result<std::uint64_t> count_of(std::string_view option, std::string_view text) {
        std::uint64_t value = 0;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() || text.empty()) {
            return Error{"'" + std::string(text) + "' is no number for " + std::string(option)};
        }
        return value;
    }

    void add_references(std::string_view prefix, std::string_view pattern) {
        for (const Reference& reference : repository_.references().all()) {
            std::string_view name = reference.name;
            if (!name.starts_with(prefix)) continue;
            name.remove_prefix(prefix.size());
            // git-log(1): without a wildcard, "/*" is implied at the end.
            if (pattern.empty() ||
                (name.starts_with(pattern) && name.substr(pattern.size()).starts_with('/'))) {
                add(reference.id, Side::kShow);
            }
        }
        named_ = true;
    }

    // Returns whether the next word was this option's value.
    Result<bool> read_option(std::string_view word, const std::string* next) {
        const std::size_t equals = word.find('=');
        const std::string_view option = word.substr(0, equals);
        const bool has_value = equals != std::string_view::npos;
        std::string_view value = has_value ? word.substr(equals + 1) : std::string_view();
        bool used_next = false;
        const auto take_value = [&]() -> Status {
            if (has_value) return {};
            if (next == nullptr) return Error{"option " + std::string(option) + " needs a value"};
            value = *next;
            used_next = true;
            return {};
        };
        WalkRequest& walk = arguments_.walk;
        if (word == "--all") {
            for (const WalkRequest::Tip& tip : all_tips(repository_)) add(tip.id, tip.side);
            named_ = true;
        } else if (option == "--branches" || option == "--tags" || option == "--remotes") {
            if (value.find_first_of("*?[\\") != std::string_view::npos) return unsupported(word);
            const std::string_view folder = option == "--branches" ? "refs/heads/"
                                            : option == "--tags"   ? "refs/tags/"
                                                                   : "refs/remotes/";
            if (value.ends_with('/')) value.remove_suffix(1);
            add_references(folder, value);
        } else if (word == "--not") {
            inverted_ = !inverted_;
        } else if (option == "--since" || option == "--after") {
            MERLON_TRY(take_value());
            walk.since_seconds = MERLON_TRY(parse_approximate_date(value, now_));
        } else if (option == "--until" || option == "--before") {
            MERLON_TRY(take_value());
            walk.until_seconds = MERLON_TRY(parse_approximate_date(value, now_));
        } else if (option == "--max-count" || word == "-n") {
            MERLON_TRY(take_value());
            walk.max_count = MERLON_TRY(count_of(option, value));
        } else if (word.size() > 1 && (word[1] >= '0' && word[1] <= '9')) {
            walk.max_count = MERLON_TRY(count_of(word, word.substr(1)));
        } else if (word.starts_with("-n") && word.size() > 2) {
            walk.max_count = MERLON_TRY(count_of("-n", word.substr(2)));
        } else if (option == "--skip") {
            MERLON_TRY(take_value());
            walk.skip = MERLON_TRY(count_of(option, value));
        } else if (word == "--no-merges") {
            walk.max_parents = 1;
        } else if (word == "--merges") {
            walk.min_parents = 2;
        } else if (option == "--min-parents" && has_value) {
            walk.min_parents = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(MERLON_TRY(count_of(option, value)), UINT32_MAX));
        } else if (option == "--max-parents" && has_value) {
            walk.max_parents = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(MERLON_TRY(count_of(option, value)), UINT32_MAX));
        } else if (word == "--first-parent") {
            // For merges git then shows the difference to the first parent.
            walk.follow = WalkRequest::Parents::kFirst;
        } else if (word == "--full-history") {
            walk.simplify = WalkRequest::Simplify::kFullHistory;
        } else if (word == "--reverse") {
            walk.order = WalkRequest::Order::kReversed;
        } else if (option == "--author") {
            MERLON_TRY(take_value());
            arguments_.authors.emplace_back(value);
        } else if (option == "--diff-filter" && has_value) {
            arguments_.diff_filter.emplace_back(value);
        } else if (word == "-p" || word == "-u" || word == "--patch" || word == "-U0" ||
                   word == "--unified=0" || word == "--no-color" || word == "--no-ext-diff" ||
                   word == "--no-textconv" || word == "--date-order" || word == "--topo-order") {
            // What is meant anyway, or changes only the order of a set of findings.
            if (word.ends_with("-order") && (walk.max_count.has_value() || walk.skip != 0)) {
                return unsupported(word);
            }
        } else {
            return unsupported(word);
        }
        return used_next;
    }

    static Error unsupported(std::string_view word) {
        return Error{
            "git log's '" + std::string(word) +
            "' is not supported here, and a scan without it would look at other commits "
            "or lines than you asked for; supported are revisions and ranges, --all, "
            "--branches, --tags, --remotes, --since, --until, -n, --skip, --no-merges, "
            "--merges, --first-parent, --full-history, --reverse, --author and paths behind '--'"};
    }

    const Repository& repository_;
    const Now& now_;
    std::string_view source_;
    LogArguments arguments_;
    bool named_ = false;
    bool inverted_ = false;
};

}  // namespace

std::vector<WalkRequest::Tip> all_tips(const Repository& repository) {
    std::vector<WalkRequest::Tip> tips;
    const References& references = repository.references();
    for (const Reference& reference : references.all()) tips.push_back({reference.id});
    if (const auto head = references.find("HEAD"); head.has_value()) tips.push_back({head->id});
    for (const Reference& head : references.other_heads()) tips.push_back({head.id});
    return tips;
}

Result<LogArguments> parse_log_arguments(const Repository& repository,
                                         std::span<const std::string> words, const Now& now,
                                         std::string_view source) {
    return ArgumentReader(repository, now, source).read(words);
}

}  // namespace merlon::connect::git
