// The parser of answers: any bytes in pieces of any size give the same answer as in one piece.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "net/response_parser.h"

namespace {

using namespace merlon::net;

struct Outcome {
    bool ok = true;
    bool complete = false;
    int status = 0;
    std::string body;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(RequestForm form, std::string_view bytes, std::size_t piece) {
    Outcome outcome;
    ResponseParser parser(form, 4096);
    const auto take_body = [&](std::string_view part) {
        outcome.body += part;
        return merlon::Status();
    };
    while (!bytes.empty() && !parser.is_complete() && outcome.ok) {
        const auto taken = parser.take(bytes.substr(0, piece), take_body);
        outcome.ok = taken.ok();
        if (!taken.ok()) break;
        MERLON_ASSERT(taken.value() > 0);
        bytes.remove_prefix(taken.value());
    }
    if (outcome.ok) outcome.ok = parser.close().ok();
    outcome.complete = parser.is_complete();
    if (outcome.ok) outcome.status = parser.head().status;
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto form = static_cast<RequestForm>(data[0] % 3);
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Outcome whole = parse(form, bytes, bytes.size() + 1);
    MERLON_ASSERT(!whole.ok || whole.complete);
    MERLON_ASSERT(parse(form, bytes, data[1] % 64 + 1) == whole);
    return 0;
}
