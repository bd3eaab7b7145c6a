#include "connect/git/loose_object.h"

#include <array>
#include <charconv>
#include <utility>

#include "connect/git/inflate.h"

namespace merlon::connect::git {

std::optional<LooseHead> parse_loose_head(std::string_view inflated) {
    inflated = inflated.substr(0, kLooseHeadBytes);
    const std::size_t space = inflated.find(' ');
    const std::size_t end = inflated.find('\0');
    if (end == std::string_view::npos || space >= end) return std::nullopt;
    const std::optional<ObjectType> type = parse_object_type(inflated.substr(0, space));
    if (!type) return std::nullopt;
    LooseHead head{*type, 0, end + 1};
    const char* const last = inflated.data() + end;
    const auto [stop, code] = std::from_chars(inflated.data() + space + 1, last, head.size);
    if (code != std::errc() || stop != last) return std::nullopt;
    return head;
}

std::optional<LooseHead> read_loose_head(const std::string& path) {
    FileResult<FileReader> reader = FileReader::open(path);
    if (!reader.ok()) return std::nullopt;
    // The codes of a first block and the head behind them.
    std::array<char, 4096> compressed{};
    const FileResult<std::size_t> read = reader.result.value().read(compressed);
    if (!read.ok()) return std::nullopt;
    char inflated[kLooseHeadBytes];
    const Result<std::size_t> given =
        inflate_prefix({compressed.data(), read.result.value()}, inflated, sizeof(inflated));
    if (!given.ok()) return std::nullopt;
    return parse_loose_head({inflated, given.value()});
}

std::string loose_path(const std::string& folder, const ObjectId& id) {
    const std::string hex = id.hex();
    return folder + '/' + hex.substr(0, 2) + '/' + hex.substr(2);
}

std::optional<ObjectResult<Object>> read_loose_object(const std::string& path, const ObjectId& id,
                                                      std::uint64_t max_bytes) {
    const auto fail = [&](ObjectFailure failure, std::string what) {
        Error error{"object " + id.hex() + ": " + std::move(what)};
        error.file = path;
        return ObjectResult<Object>(failure, std::move(error));
    };
    const FileResult<FileBytes> file = read_file(path, max_bytes);
    if (!file.ok()) {
        if (file.failure == FileFailure::kNotFound) return std::nullopt;
        return ObjectResult<Object>(ObjectFailure::kReadError, file.result.error());
    }
    const std::string_view compressed = file.result.value().bytes;
    char first[kLooseHeadBytes];
    const Result<std::size_t> given = inflate_prefix(compressed, first, sizeof(first));
    if (!given.ok()) return fail(ObjectFailure::kCorrupt, given.error().message);
    const std::optional<LooseHead> head = parse_loose_head({first, given.value()});
    if (!head) {
        return fail(ObjectFailure::kCorrupt,
                    "the loose file does not begin with a type and a size");
    }
    if (head->size > max_bytes) {
        return fail(ObjectFailure::kTooLarge,
                    "has " + std::to_string(head->size) + " bytes, over the limit for one object");
    }
    Result<ContentBuffer> content = inflate_exactly(compressed, head->size + head->bytes);
    if (!content.ok()) return fail(ObjectFailure::kCorrupt, content.error().message);
    FileBytes bytes = std::move(content).value().share();
    bytes.bytes.remove_prefix(head->bytes);
    // Entries of packs have checksums; a loose file has only its name.
    const ObjectId found = hash_object(id.algorithm(), head->type, bytes.bytes);
    if (found != id) {
        return fail(ObjectFailure::kCorrupt,
                    "the loose file holds another object (" + found.hex() + ")");
    }
    return ObjectResult<Object>(Object{head->type, std::move(bytes)});
}

}  // namespace merlon::connect::git
