#include "sca/record_walk.h"

#include <algorithm>

namespace merlon::sca {

RecordWalk::RecordWalk(const DatabaseReader& reader) : reader_(reader) {
    for (std::size_t i = 0; i < reader.segment_count(); ++i) {
        Cursor cursor;
        cursor.segment = i;
        if (settle(cursor)) cursors_.push_back(std::move(cursor));
    }
    choose();
}

bool RecordWalk::settle(Cursor& cursor) const {
    const SegmentReader& segment = reader_.segment(cursor.segment);
    while (cursor.record < segment.record_count()) {
        if (reader_.is_live({cursor.segment, cursor.record})) {
            cursor.id = segment.text(segment.record(cursor.record).id);
            return true;
        }
        ++cursor.record;
    }
    return false;
}

void RecordWalk::choose() {
    const auto least = std::ranges::min_element(cursors_, {}, &Cursor::id);
    at_ = least == cursors_.end() ? nullptr : &*least;
}

const std::string& RecordWalk::json() {
    static const std::string kEmpty;
    const std::uint32_t frame = at_->record / kRecordsPerFrame;
    if (at_->frame != frame) at_->lines = reader_.segment(at_->segment).frame_json(frame);
    at_->frame = frame;
    const std::size_t line = at_->record % kRecordsPerFrame;
    return line < at_->lines.size() ? at_->lines[line] : kEmpty;
}

void RecordWalk::next() {
    ++at_->record;
    if (!settle(*at_)) cursors_.erase(cursors_.begin() + (at_ - cursors_.data()));
    choose();
}

}  // namespace merlon::sca
