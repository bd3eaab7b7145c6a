#include "text/archive_outlet.h"

#include <utility>

#include "text/archive_end.h"

namespace merlon::text {

void ArchiveOutlet::gap(std::string member, ArchiveFailure failure, std::string detail) {
    const bool is_stopped = budget_.cancel != nullptr && budget_.cancel->cancelled();
    if (is_stopped) failure = ArchiveFailure::kLimit;
    has_gap_ = true;
    is_known_damaged_ |= failure == ArchiveFailure::kCorrupt;
    if (!budget_.take_gap(detail)) return;
    visitor_.on_gap({std::move(member), failure, std::move(detail)});
}

void ArchiveOutlet::rest(std::string_view bytes) {
    bytes = without_leading_zeros(bytes);
    if (visitor_.trailing == Trailing::kLeave || bytes.empty()) return;
    std::string why = kTooLargeMember;
    if (budget_.members_left == 0) why = kTooManyMembers;
    if (budget_.members_left == 0 || bytes.size() > budget_.max_member_bytes ||
        !meter_.take(bytes.size(), why)) {
        return gap("(rest)", ArchiveFailure::kLimit, std::move(why));
    }
    --budget_.members_left;
    ArchiveMember member;
    member.name = "(rest)";
    member.bytes = bytes;
    visitor_.on_member(member);
}

}  // namespace merlon::text
