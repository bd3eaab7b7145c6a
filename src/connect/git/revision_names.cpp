#include "connect/git/revision_names.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "connect/git/commit.h"
#include "connect/git/revision_walk.h"

namespace merlon::connect::git {
namespace {

constexpr std::size_t kLeastDigits = 4;  // of the beginning of an id
constexpr std::size_t kMostCandidates = 64;

bool is_hex(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

class Resolver {
  public:
    Resolver(const Repository& repository, std::string_view name)
        : repository_(repository), name_(name) {}

    Result<ObjectId> resolve() {
        if (name_.starts_with(":/") || name_.find("^{/") != std::string_view::npos) {
            return unsupported("a search of messages");
        }
        if (name_.find(':') != std::string_view::npos) {
            return unsupported("a path in a revision, where a commit is expected");
        }
        // The suffixes begin at the first ^ or ~; no reference's name holds either.
        const std::size_t base_end = std::min(name_.find_first_of("^~"), name_.size());
        ObjectId id = MERLON_TRY(resolve_base(name_.substr(0, base_end)));
        std::string_view rest = name_.substr(base_end);
        while (!rest.empty()) {
            const char sign = rest.front();
            rest.remove_prefix(1);
            if (sign == '^' && rest.starts_with('{')) {
                const std::size_t end = rest.find('}');
                if (end == std::string_view::npos) return unknown();
                id = MERLON_TRY(peel(id, rest.substr(1, end - 1)));
                rest.remove_prefix(end + 1);
                continue;
            }
            const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
            std::uint64_t count = 1;
            if (digits != 0) {
                const auto given = number_in(rest.substr(0, digits));
                if (!given.has_value()) return unknown();
                count = *given;
            }
            rest.remove_prefix(digits);
            if (sign == '~') {
                id = MERLON_TRY(peel(id, "commit"));
                for (; count > 0; --count) id = MERLON_TRY(parent(id, 1));
            } else if (sign == '^') {
                id = MERLON_TRY(parent(id, count));
            } else {
                return unknown();
            }
        }
        return id;
    }

  private:
    Error unknown() const {
        return Error{"'" + std::string(name_) +
                     "' is no revision of this repository: no reference, no object id; a shallow "
                     "clone may not have it"};
    }
    Error unsupported(std::string_view what) const {
        return Error{"'" + std::string(name_) + "' is " + std::string(what) +
                     ", which is not supported; write a reference or an object id"};
    }

    Result<ObjectId> resolve_base(std::string_view base) {
        if (base.empty()) return unknown();
        if (const auto id = ObjectId::parse(base);
            id.has_value() && id->algorithm() == repository_.algorithm()) {
            return *id;
        }
        if (const std::size_t at = base.find("@{"); at != std::string_view::npos) {
            return resolve_reflog(base.substr(0, at), base.substr(at + 2));
        }
        if (base == "@") base = "HEAD";
        if (const auto reference = find_reference(repository_, base); reference.has_value()) {
            return reference->id;
        }
        // git-describe: "<tag>-<count>-g<digits>".
        const std::size_t mark = base.rfind("-g");
        if (mark != std::string_view::npos && mark > 0 && is_hex(base.substr(mark + 2))) {
            Result<ObjectId> described = resolve_digits(base.substr(mark + 2));
            if (described.ok()) return described;
        }
        if (is_hex(base) && base.size() >= kLeastDigits) return resolve_digits(base);
        return unknown();
    }

    Result<ObjectId> resolve_digits(std::string_view digits) {
        if (digits.size() < kLeastDigits ||
            digits.size() > 2 * hash_bytes_of(repository_.algorithm())) {
            return unknown();
        }
        const std::vector<ObjectId> found =
            repository_.objects().with_prefix(digits, kMostCandidates);
        if (found.empty()) return unknown();
        if (found.size() == 1) return found.front();
        // Several begin so: a commit, or a tag of one, is meant.
        std::optional<ObjectId> commit;
        for (const ObjectId& id : found) {
            ObjectType type = ObjectType::kBlob;
            if (!peel_tags(repository_.objects(), repository_.algorithm(), id, type).ok() ||
                type != ObjectType::kCommit) {
                continue;
            }
            if (commit.has_value()) commit = ObjectId(repository_.algorithm());
            if (!commit.has_value()) commit = id;
        }
        if (commit.has_value() && !commit->is_null()) return *commit;
        return Error{"'" + std::string(name_) +
                     "' begins the ids of several objects; write more of it"};
    }

    // "@{n}": what the reference was n changes ago.
    Result<ObjectId> resolve_reflog(std::string_view base, std::string_view inner) {
        if (!inner.ends_with('}')) return unknown();
        const auto count = number_in(inner.substr(0, inner.size() - 1));
        if (!count.has_value()) {
            return unsupported("a reference at a time, an upstream or an earlier checkout");
        }
        std::string name = "HEAD";
        if (base.empty()) {
            const std::string& branch = repository_.references().head_branch();
            if (!branch.empty()) name = branch;
        } else if (const auto reference = find_reference(repository_, base == "@" ? "HEAD" : base);
                   reference.has_value()) {
            name = reference->name;
        } else {
            return unknown();
        }
        const std::vector<ReflogEntry> entries = MERLON_TRY(repository_.references().reflog(name));
        if (*count == 0) {
            const auto reference = repository_.references().find(name);
            if (reference.has_value()) return reference->id;
        }
        if (*count < entries.size()) return entries[entries.size() - 1 - *count].after;
        if (*count == entries.size() && !entries.empty() && !entries.front().before.is_null()) {
            return entries.front().before;
        }
        return Error{"'" + std::string(name_) + "': the reflog of " + name + " has only " +
                     std::to_string(entries.size()) + " entries"};
    }

    Result<ObjectId> peel(const ObjectId& id, std::string_view type_name) {
        ObjectType type = ObjectType::kCommit;
        if (type_name == "object") return id;
        if (type_name == "tag") {
            const ObjectResult<Object> object = repository_.objects().read(id);
            if (!object.ok()) return object.error();
            if (object.value().type != ObjectType::kTag) return unknown();
            return id;
        }
        ObjectResult<ObjectId> peeled =
            peel_tags(repository_.objects(), repository_.algorithm(), id, type);
        if (!peeled.ok()) return std::move(peeled).error();
        if (type_name.empty() || type_name == name(type)) return peeled.value();
        if (type_name == "tree" && type == ObjectType::kCommit) {
            const ObjectResult<Object> object = repository_.objects().read(peeled.value());
            if (!object.ok()) return object.error();
            return MERLON_TRY(parse_commit(object.value().bytes(), repository_.algorithm())).tree;
        }
        return Error{"'" + std::string(name_) + "' is a " + std::string(name(type)) + ", not a " +
                     std::string(type_name)};
    }

    Result<ObjectId> parent(const ObjectId& id, std::uint64_t number) {
        const ObjectId commit = MERLON_TRY(peel(id, "commit"));
        if (number == 0) return commit;
        CommitHistory history(repository_);
        const CommitNumber node = history.number_of(commit);
        if (!history.load(node)) return Error{history.problems().front().message};
        const auto parents = history.parents(node);
        if (number > parents.size()) {
            return Error{"'" + std::string(name_) + "': commit " + commit.hex() + " has " +
                         std::to_string(parents.size()) + " parents" +
                         (history.shallow_met().empty()
                              ? ""
                              : " in this shallow clone; fetch more of its history")};
        }
        return history.id(parents[number - 1]);
    }

    const Repository& repository_;
    std::string_view name_;
};

}  // namespace

std::optional<Reference> find_reference(const Repository& repository, std::string_view name) {
    const std::string text(name);
    for (const std::string& full : {text, "refs/" + text, "refs/tags/" + text, "refs/heads/" + text,
                                    "refs/remotes/" + text, "refs/remotes/" + text + "/HEAD"}) {
        if (auto found = repository.references().find(full); found.has_value()) return found;
    }
    return std::nullopt;
}

Result<ObjectId> resolve_revision(const Repository& repository, std::string_view name) {
    return Resolver(repository, name).resolve();
}

Result<ObjectId> resolve_commit(const Repository& repository, std::string_view name) {
    const ObjectId id = MERLON_TRY(resolve_revision(repository, name));
    ObjectType type = ObjectType::kCommit;
    ObjectResult<ObjectId> peeled =
        peel_tags(repository.objects(), repository.algorithm(), id, type);
    if (!peeled.ok()) return std::move(peeled).error();
    if (type != ObjectType::kCommit) {
        return Error{"'" + std::string(name) + "' is a " +
                     std::string(merlon::connect::git::name(type)) + ", not a commit"};
    }
    return peeled.value();
}

}  // namespace merlon::connect::git
