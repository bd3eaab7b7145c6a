#pragma once

// Where what is found in an archive goes to: its gaps, and what stands around it.
//
// Not thread-safe: one for each archive. Borrows all that it is given.

#include <string>
#include <string_view>

#include "text/archive.h"
#include "text/archive_meter.h"

namespace merlon::text {

class ArchiveOutlet {
  public:
    ArchiveOutlet(ArchiveBudget& budget, Meter& meter, const ArchiveVisitor& visitor)
        : budget_(budget), meter_(meter), visitor_(visitor) {}

    void gap(std::string member, ArchiveFailure failure, std::string detail);
    // Hands out what stands outside of the archive, where somebody asks and it is not zeros.
    void rest(std::string_view bytes);

    bool has_gap() const { return has_gap_; }
    // Whether a gap was a damage.
    bool is_known_damaged() const { return is_known_damaged_; }

  private:
    ArchiveBudget& budget_;
    Meter& meter_;
    const ArchiveVisitor& visitor_;
    bool has_gap_ = false;
    bool is_known_damaged_ = false;
};

inline constexpr const char* kTooLargeMember = "is larger than the limit for one member";
inline constexpr const char* kTooManyMembers = "too many members";

}  // namespace merlon::text
