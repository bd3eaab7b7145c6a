// Which objects a database has.

#include <algorithm>

#include "connect/git/loose_object.h"
#include "connect/git/object_database.h"

namespace merlon::connect::git {

std::vector<ObjectId> ObjectDatabase::loose_objects() const {
    std::vector<ObjectId> ids;
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const std::string& folder : folders()) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            const std::string start{kDigits[byte >> 4], kDigits[byte & 15]};
            for (const std::string& rest :
                 names_in(std::string(folder).append("/").append(start))) {
                const auto id = ObjectId::parse(start + rest);
                if (id.has_value() && id->algorithm() == algorithm()) ids.push_back(*id);
            }
        }
    }
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
}

std::vector<ObjectId> ObjectDatabase::with_prefix(std::string_view digits, std::size_t most) const {
    std::vector<ObjectId> ids;
    for (const std::unique_ptr<Pack>& pack : packs()) {
        const Result<std::vector<std::uint32_t>> positions =
            pack->index().with_prefix(digits, most);
        if (!positions.ok()) continue;
        for (const std::uint32_t position : positions.value()) {
            if (Result<ObjectId> id = pack->index().id_at(position); id.ok()) {
                ids.push_back(id.value());
            }
        }
    }
    std::string start(digits.substr(0, 2));
    for (char& c : start) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c | 0x20);
    }
    for (const std::string& folder : folders()) {
        for (const std::string& rest : names_in(std::string(folder).append("/").append(start))) {
            const auto id = ObjectId::parse(start + rest);
            if (id.has_value() && begins_with_digits(id->bytes().data(), digits)) {
                ids.push_back(*id);
            }
        }
    }
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    if (ids.size() > most) ids.resize(most);
    return ids;
}

}  // namespace merlon::connect::git
