#pragma once

// The records of a pax header: what it says of the member that follows, in place of that one's own
// header.
//
// The idea: records are kept as they stand, and who asks for one says what it has to be. What Go's
// archive/tar refuses is refused here; records in front of a wrong one are kept, for those who go
// on.
//
// POSIX.1-2017, pax, "pax Extended Header"; the GNU tar manual, "Storing Sparse Files".
// Thread-safe: values. Cost: one pass.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::text {

class TarRecords {
  public:
    // Takes the records of one header; later ones replace earlier ones. False at the first that
    // is none: those in front of it are there.
    bool add(std::string_view body);

    bool empty() const { return records_.empty(); }
    // Empty where there is none.
    std::string_view at(std::string_view key) const;
    // Of a record that is there; nothing where it is no number.
    std::optional<std::int64_t> number(std::string_view key) const;
    // Whether sizes, owners and times are what they have to be.
    bool has_sound_values() const;

  private:
    bool add_record(std::string_view key, std::string_view value);

    std::map<std::string, std::string, std::less<>> records_;
    // GNU's format 0.0 has a record for each place and length, all under the same two names.
    std::string sparse_map_;
    std::size_t sparse_numbers_ = 0;
};

// A decimal number with or without a sign, and nothing else.
std::optional<std::int64_t> parse_decimal(std::string_view text);

}  // namespace merlon::text
