// Whatever the report says, it is read or refused, and what was read is the same twice; a document
// with secrets is kept without them. The first byte says which format it is taken for.

#include <cstdint>
#include <cstdlib>

#include "exchange/foreign_report.h"
#include "model/serialize.h"

namespace {

using namespace merlon;

std::string written(const exchange::ForeignReport& read) {
    std::string all = read.masked.value_or("") + read.title;
    for (const exchange::ReadReport& one : read.reports)
        all += model::serialize(one.report) + one.category + one.repository;
    for (const exchange::ForeignDecision& one : read.decided.decisions)
        all += one.finding + one.verdict + one.author + one.reason + one.origin;
    for (const auto& [reason, count] : read.decided.not_carried)
        all += reason + std::to_string(count);
    for (const exchange::Link& one : read.links)
        all += one.from.name + one.relation + one.to.name + one.collector;
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto formats = exchange::foreign_formats();
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const exchange::ForeignInput input{.bytes = bytes, .secret_key = "key"};
    // One value more than there are formats: what the content says.
    const std::size_t chosen = data[0] % (formats.size() + 1);
    const std::string_view name = chosen == formats.size() ? "" : formats[chosen].name;
    const auto first = exchange::read_foreign_report(input, name);
    if (!first.ok()) return 0;
    const auto second = exchange::read_foreign_report(input, name);
    if (!second.ok() || written(first.value()) != written(second.value())) std::abort();
    for (const exchange::ReadReport& one : first.value().reports)
        if (one.report.analysis.tool.empty()) std::abort();
    return 0;
}
