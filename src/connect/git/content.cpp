#include "connect/git/content.h"

#include <algorithm>

namespace merlon::connect::git {

ObjectResult<FileBytes> read_content(const ObjectReader& reader, const FileVersion& version) {
    if (!version.exists()) return FileBytes{};
    if (version.mode == FileMode::kSubmodule)
        return padded_copy("Subproject commit " + version.id.hex() + "\n");
    ObjectResult<Object> read = reader.read(version.id);
    if (!read.ok()) return {read.failure, std::move(read).error()};
    Object object = std::move(read).value();
    if (object.type != ObjectType::kBlob) {
        return {ObjectFailure::kCorrupt,
                Error{"object " + version.id.hex() + " is a " + std::string(name(object.type)) +
                      " where a blob should be"}};
    }
    return std::move(object.content);
}

ContentKind content_kind(const Attributes& attributes, std::string_view path, FileMode mode,
                         std::string_view bytes) {
    constexpr std::size_t kLookedAt = 8000;
    if (is_regular(mode)) {
        const AttributeState diff = attributes.find(path, "diff").state;
        if (diff == AttributeState::kSet) return ContentKind::kText;
        if (diff == AttributeState::kUnset) return ContentKind::kBinary;
    }
    if (bytes.size() > kBigFileBytes) return ContentKind::kBinary;
    return bytes.substr(0, kLookedAt).find('\0') == std::string_view::npos ? ContentKind::kText
                                                                           : ContentKind::kBinary;
}

}  // namespace merlon::connect::git
