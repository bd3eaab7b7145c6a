#pragma once

// Documents that one tool's API gives in several: findings here, people and decisions there.
//
// The idea: each is imported by itself, and reads what it lacks out of the others of its command.
//
// Thread-safe: no state.

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "exchange/foreign_readers.h"

namespace merlon::exchange {

enum class DocumentRole : std::uint8_t {
    kImported,
    kBeside,  // of it only what gives the imported one its names and reasons
};

// Hands the document, and those beside it, to reader.take(input, role).
template <typename Reader>
Status take_documents(Reader& reader, const ForeignInput& input) {
    MERLON_TRY(reader.take(input, DocumentRole::kImported));
    for (const std::string_view beside : input.beside) {
        ForeignInput other = input;
        other.bytes = beside;
        const Status read = reader.take(other, DocumentRole::kBeside);
        if (!read.ok()) return Error(read.error()).within("another document of the command");
    }
    return {};
}

}  // namespace merlon::exchange
