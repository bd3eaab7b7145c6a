// The serialised form on arbitrary bytes: what is read is written back as the same bytes, because a
// value has one form only.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "model/serialize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::model;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto document = deserialize_document(input);
    if (document.ok()) MERLON_ASSERT(serialize(document.value()) == input);
    const auto report = deserialize_report(input);
    if (report.ok()) MERLON_ASSERT(serialize(report.value()) == input);

    // Behind a header of our own, so that every input gets past it.
    for (const std::string& head : {serialize(Document{}), serialize(Report{})}) {
        std::string message = head.substr(0, kMessageHeaderBytes - 8);
        for (std::size_t i = 0; i < 8; ++i) {
            message += static_cast<char>(std::uint64_t{size} >> (8 * i) & 0xFF);
        }
        message += input;
        const auto again = deserialize_document(message);
        if (again.ok()) MERLON_ASSERT(serialize(again.value()) == message);
        const auto again_report = deserialize_report(message);
        if (again_report.ok()) MERLON_ASSERT(serialize(again_report.value()) == message);
    }
    return 0;
}
