#pragma once

// The live records of a database in the order of their ids, whatever segment each is in.
//
// The idea: each segment is sorted, so that the next record is the smallest of the segments' next
// ones; a frame of texts is unpacked once for the records of it.
//
// Inside of Database::read(). Not thread-safe. Memory: a frame for each segment. Cost: a step for
// each segment and record.

#include <cstdint>
#include <string>
#include <vector>

#include "sca/database.h"

namespace merlon::sca {

class RecordWalk {
  public:
    explicit RecordWalk(const DatabaseReader& reader);

    bool at_end() const { return at_ == nullptr; }
    const std::string& id() const { return at_->id; }
    // As OSV JSON; empty where the database is damaged.
    const std::string& json();
    void next();

  private:
    struct Cursor {
        std::size_t segment = 0;
        std::uint32_t record = 0;
        std::string id;
        std::uint32_t frame = kNone;
        std::vector<std::string> lines;
    };

    // To the next live record from `cursor.record` on. False: there is none.
    bool settle(Cursor& cursor) const;
    void choose();

    const DatabaseReader& reader_;
    std::vector<Cursor> cursors_;  // of segments that have records left
    Cursor* at_ = nullptr;
};

}  // namespace merlon::sca
