// The bytes up to the first NUL are a template, what follows is the report that it is shown over:
// refused, or shown within the limits, and nothing is told as wrong without a reason.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/interner.h"
#include "templates/json_record.h"
#include "text/json.h"

namespace {

using namespace merlon;
using namespace merlon::templates;
using enum FieldKind;

constexpr std::uint64_t kMaxSteps = 2'000;

constexpr RecordField kScore[] = {{"V3Score", "V3Score", kReal}};
constexpr RecordField kFinding[] = {
    {"Name", "Name"},
    {"Line", "Line", kInteger},
    {"Tags", "Tags", kTexts},
    {"Parent", "Parent", kPointer, "Finding"},
    {"Children", "Children", kStructs, "Finding"},
    {"Scores", "Scores", kNamed, "Score"},
    {"More", "More", kAny},
};
constexpr RecordType kTypes[] = {{"Finding", kFinding}, {"Score", kScore}};

constexpr std::string_view kReport =
    R"([{"Name": "a", "Line": 3, "Tags": ["x", "y"], "Parent": {"Name": "p"}, "Children": [{}],
        "Scores": {"nvd": {"V3Score": 9.8}}, "More": {"k": [1, null, {"z": true}]}}, {}])";

std::string twice(const TemplateValue& value) {
    return template_text(value) + template_json(value, JsonLayout::kPretty);
}

OwnFunctions own_functions() {
    return {{"twice", {1, [](std::span<const TemplateValue> in) -> Result<TemplateValue> {
                           return TemplateValue(twice(in[0]));
                       }}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(bytes.find('\0'), size);
    const auto shape = Template::parse(bytes.substr(0, end), own_functions());
    if (!shape.ok()) {
        if (shape.error().message.empty()) std::abort();
        return 0;
    }
    Arena arena;
    Interner interner;
    const bool has_report = end < size;
    const auto tree =
        text::read_json(has_report ? bytes.substr(end + 1) : kReport, arena, interner);
    if (!tree.ok()) return 0;
    JsonRecords records(kTypes);
    std::string out;
    const Status status =
        shape.value().render(records.records(tree.value().root, "Finding"),
                             Timestamp{1'700'000'000'000'000'000}, out, kMaxSteps);
    if (!status.ok() && status.error().message.empty()) std::abort();
    if (out.size() > kMaxSteps * (kMaxMadeBytes + 1)) std::abort();
    return 0;
}
