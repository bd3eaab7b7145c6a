// Any CPE name against any configurations of NVD's: whatever is answered with yes or perhaps, the
// rows of the record lead to.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "exchange/nvd.h"
#include "sca/cpe_match.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(text.find('\n'), text.size());
    packages::Package package;
    package.cpe = text.substr(0, line);
    package.distribution = {"debian", "12", ""};
    const auto subject = sca::cpe_subject_of(package);
    if (!subject.ok() || !subject.value().has_value()) return 0;
    const sca::CpeSubject& program = *subject.value();
    const auto records = exchange::read_nvd(text.substr(line));
    if (!records.ok()) return 0;
    for (const exchange::OsvRecord& record : records.value()) {
        const sca::CpeAnswer answer = sca::answer_cpe(record.configurations, program);
        MERLON_ASSERT((answer.truth == sca::CpeTruth::kNo) == answer.because.empty());
        const sca::Draft draft = sca::draft_of(record);
        if (answer.truth == sca::CpeTruth::kNo || draft.is_withdrawn) continue;
        const auto row = std::ranges::find(draft.affected, program.key, &sca::DraftAffected::name);
        MERLON_ASSERT(row != draft.affected.end());
        if (program.version.empty()) continue;
        MERLON_ASSERT(sca::is_affected(row->scheme, row->events, program.whole_version()) ||
                      sca::is_affected(row->scheme, row->events, program.version));
    }
    return 0;
}
